//! `cart_line`: what a customer means to buy. The customer is the cart.

use kernel::{CustomerId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `cart_line`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_line")]
pub struct Model {
    /// Whose cart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer: CustomerId,
    /// What; once per cart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    pub added_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
