//! `after_sale_line`: the pieces a case is about.

use kernel::{AfterSaleId, OrderLineId, SkuId};
use sea_orm::entity::prelude::*;

/// A row of `after_sale_line`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "after_sale_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub after_sale: AfterSaleId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_line: OrderLineId,
    pub sku: SkuId,
    pub quantity: i64,
    /// What of the case's money is for it.
    pub amount_minor: i64,
    /// What is wanted instead.
    pub replacement: Option<SkuId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
