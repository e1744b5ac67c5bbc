//! `bargain`: campaigns of the bargain play.

use kernel::{BargainId, Currency, LocalizedText, ProductId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where staff put a campaign; whether a published one runs follows from its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum BargainState {
    /// Being written; nobody sees it.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// Shown; its window says when it runs.
    #[sea_orm(string_value = "PUBLISHED")]
    Published,
    /// Stopped by staff for now.
    #[sea_orm(string_value = "PAUSED")]
    Paused,
    /// Ended by staff before its time.
    #[sea_orm(string_value = "ENDED")]
    Ended,
}

/// A row of `bargain`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bargain")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BargainId,
    pub title: LocalizedText,
    pub product: ProductId,
    pub state: BargainState,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub currency: Currency,
    /// How many cuts lead to the floor; this or the average is set.
    pub cuts: Option<i64>,
    /// What a cut takes on average, in minor units.
    pub average_cut_minor: Option<i64>,
    /// How long a record runs.
    pub run_hours: i64,
    /// How long a reached floor waits for its order.
    pub pay_hours: i64,
    /// Whether the owner makes the first cut.
    pub owner_cuts_first: bool,
    /// How many shares a new customer draws.
    pub new_customer_draws: i64,
    pub helper_daily_limit: Option<i64>,
    /// Whether a record can be bought before it reaches the floor.
    pub sold_at_any_price: bool,
    pub most_per_customer: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
