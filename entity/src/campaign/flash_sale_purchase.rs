//! `flash_sale_purchase`: a pass that got its goods.

use kernel::{CustomerId, FlashSaleId, FlashSalePassId, OrderId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where the goods of a purchase are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum FlashSalePurchaseState {
    /// Its order waits for the money.
    #[sea_orm(string_value = "RESERVED")]
    Reserved,
    /// Its order was paid.
    #[sea_orm(string_value = "SOLD")]
    Sold,
    /// Its order was cancelled: others can have them.
    #[sea_orm(string_value = "RETURNED")]
    Returned,
}

/// A row of `flash_sale_purchase`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flash_sale_purchase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pass: FlashSalePassId,
    pub flash_sale: FlashSaleId,
    pub sku: SkuId,
    pub customer: CustomerId,
    pub order_id: OrderId,
    pub quantity: i64,
    pub state: FlashSalePurchaseState,
    pub created_at: Timestamp,
    /// When it was paid or given up.
    pub settled_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
