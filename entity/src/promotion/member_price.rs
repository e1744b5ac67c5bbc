//! `member_price`: what a level pays for a SKU.

use kernel::{MemberLevelId, SkuId};
use sea_orm::entity::prelude::*;

/// A row of `member_price`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_price")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub level: MemberLevelId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    pub price_minor: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
