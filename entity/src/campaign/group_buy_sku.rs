//! `group_buy_sku`: what one unit costs in a team of one size.

use kernel::{GroupBuyId, SkuId};
use sea_orm::entity::prelude::*;

/// A row of `group_buy_sku`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group_buy_sku")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_buy: GroupBuyId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_size: i64,
    pub price_minor: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
