//! `stock`: what lies on the shelf, and how much of it is promised.

use kernel::{SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `stock`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    pub on_hand: i64,
    /// Promised to orders; never more than `on_hand`.
    pub reserved: i64,
    /// Left for good, minus what came back.
    pub sold: i64,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
