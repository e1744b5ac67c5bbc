//! `time_discount_hold`: how many pieces an order has at a limited discount's prices.

use kernel::{CustomerId, OrderId, TimeDiscountId};
use sea_orm::entity::prelude::*;

/// A row of `time_discount_hold`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "time_discount_hold")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub time_discount: TimeDiscountId,
    pub customer: CustomerId,
    pub pieces: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
