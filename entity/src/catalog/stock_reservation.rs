//! `stock_reservation`: what an order holds of a SKU.

use kernel::{AllotmentId, OrderId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ReservationState {
    /// Promised, not paid.
    #[sea_orm(string_value = "HELD")]
    Held,
    /// Paid: the goods have left the stock.
    #[sea_orm(string_value = "COMMITTED")]
    Committed,
    /// Given back.
    #[sea_orm(string_value = "RELEASED")]
    Released,
}

/// A row of `stock_reservation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_reservation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    pub quantity: i64,
    /// Came back after a refund.
    pub returned: i64,
    pub state: ReservationState,
    /// Held no longer than this, if nobody says otherwise.
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Out of which allotment it was taken; none: off the shelf.
    pub allotment: Option<AllotmentId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
