//! `bargain_sku`: what a SKU costs first and last.

use kernel::{BargainId, SkuId};
use sea_orm::entity::prelude::*;

/// A row of `bargain_sku`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bargain_sku")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bargain: BargainId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    pub first_minor: i64,
    pub floor_minor: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
