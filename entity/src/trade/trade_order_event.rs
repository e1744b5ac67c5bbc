//! `trade_order_event`: what happened to an order, append-only.

use kernel::{EventId, OrderId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `trade_order_event`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trade_order_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    pub order_id: OrderId,
    /// What happened.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// More, for people.
    pub note: Option<String>,
    /// How much money it was about.
    pub amount_minor: Option<i64>,
    /// Whether the shopper does not see it.
    pub staff_only: bool,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
