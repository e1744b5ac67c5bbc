//! `time_discount_customer`: how many pieces a customer has at a limited discount's prices.

use kernel::{CustomerId, TimeDiscountId};
use sea_orm::entity::prelude::*;

/// A row of `time_discount_customer`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "time_discount_customer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub time_discount: TimeDiscountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer: CustomerId,
    pub used: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
