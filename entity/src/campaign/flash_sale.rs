//! `flash_sale`: a session of a flash sale.

use kernel::{Currency, FlashSaleId, LocalizedText, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a sale stands; whether it has begun is the clock's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum FlashSaleState {
    /// Being written; nobody sees it.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// Its stock is put aside; sells in its window.
    #[sea_orm(string_value = "PUBLISHED")]
    Published,
    /// Stopped by staff for now.
    #[sea_orm(string_value = "PAUSED")]
    Paused,
    /// Over; what was left is back on the shelf.
    #[sea_orm(string_value = "ENDED")]
    Ended,
}

/// A row of `flash_sale`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flash_sale")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FlashSaleId,
    pub title: LocalizedText,
    pub state: FlashSaleState,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub currency: Currency,
    /// How long an order waits for its money.
    pub pay_minutes: i64,
    pub most_per_order: i64,
    /// Across the session, whatever the items.
    pub most_per_customer: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
