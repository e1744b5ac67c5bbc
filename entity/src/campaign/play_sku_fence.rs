//! `play_sku_fence`: whoever claims a SKU for a play holds its row until they commit.

use kernel::SkuId;
use sea_orm::entity::prelude::*;

/// A row of `play_sku_fence`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "play_sku_fence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku_id: SkuId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
