//! `refund_line`: what of a refund belongs to a line of the order.

use kernel::{OrderLineId, RefundId, SkuId};
use sea_orm::entity::prelude::*;

/// A row of `refund_line`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refund_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub refund: RefundId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_line: OrderLineId,
    pub sku: SkuId,
    /// How many pieces; none is money for goods that are kept.
    pub quantity: i64,
    /// How much goes back.
    pub amount_minor: i64,
    /// What the pieces are worth; more than the amount when something was kept back.
    pub worth_minor: i64,
    /// Whether the pieces return to the shelf with the money.
    pub restock: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
