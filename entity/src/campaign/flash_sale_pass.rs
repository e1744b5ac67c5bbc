//! `flash_sale_pass`: a purchase prepared before it counts.

use kernel::{Currency, CustomerId, FlashSaleId, FlashSalePassId, OrderId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `flash_sale_pass`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flash_sale_pass")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FlashSalePassId,
    pub flash_sale: FlashSaleId,
    pub customer: CustomerId,
    pub sku: SkuId,
    pub quantity: i64,
    /// The order it becomes.
    pub order_id: OrderId,
    /// What that costs.
    pub total_minor: i64,
    pub currency: Currency,
    /// Everything the order will say.
    pub prepared: Json,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
