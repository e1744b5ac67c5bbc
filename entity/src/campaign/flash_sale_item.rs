//! `flash_sale_item`: one SKU a flash sale sells, and where its stock is.

use kernel::{FlashSaleId, SkuId};
use sea_orm::entity::prelude::*;

/// A row of `flash_sale_item`; `available + reserved + sold + returned = stock`, always.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flash_sale_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub flash_sale: FlashSaleId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    pub position: i64,
    /// What one costs in the sale.
    pub price_minor: i64,
    /// What one cost outside of it when the sale was written.
    pub list_minor: i64,
    /// The sale's own.
    pub stock: i64,
    /// Can be bought.
    pub available: i64,
    /// In orders that are not paid yet.
    pub reserved: i64,
    /// In orders that were paid.
    pub sold: i64,
    /// Back on the shelf: not sold until the end, or given up after it.
    pub returned: i64,
    /// The sale is over.
    pub closed: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
