//! `time_discount_sku`: what one SKU costs for a while: a price, or a share off.

use kernel::{SkuId, TimeDiscountId};
use sea_orm::entity::prelude::*;

/// A row of `time_discount_sku`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "time_discount_sku")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub time_discount: TimeDiscountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    pub price_minor: Option<i64>,
    pub off_bps: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
