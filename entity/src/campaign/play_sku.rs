//! `play_sku`: which play sells a SKU from when to when.

use kernel::{SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `play_sku`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "play_sku")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub play_kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub play_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku_id: SkuId,
    /// The play's name, for whoever is refused because of it.
    pub title: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
