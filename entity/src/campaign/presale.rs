//! `presale`: what is sold before it is there, and when it is paid for.

use kernel::{Currency, LocalizedText, PresaleId, ProductId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a presale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PresaleState {
    /// Being written.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// Shown; it sells within its window.
    #[sea_orm(string_value = "PUBLISHED")]
    Published,
    /// Stopped for now.
    #[sea_orm(string_value = "PAUSED")]
    Paused,
    /// Nobody reserves any more.
    #[sea_orm(string_value = "ENDED")]
    Ended,
}

/// What is paid first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PresaleMode {
    /// A deposit, and the balance later.
    #[sea_orm(string_value = "DEPOSIT")]
    Deposit,
    /// Everything.
    #[sea_orm(string_value = "FULL")]
    Full,
}

/// A row of `presale`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "presale")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PresaleId,
    pub title: LocalizedText,
    pub product: ProductId,
    pub state: PresaleState,
    pub mode: PresaleMode,
    /// Whether a deposit is lost when the balance is not paid.
    pub forfeits: bool,
    /// Whether a lower price at the time of the balance is given to those who paid down.
    pub protects_price: bool,
    pub currency: Currency,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub balance_from: Timestamp,
    pub balance_until: Timestamp,
    pub ship_by: Timestamp,
    pub most_per_customer: Option<i64>,
    /// Pieces whose deposit is paid.
    pub reserved: i64,
    /// Pieces that are paid in full.
    pub paid: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
