//! `stock_allotment`: stock a play has put aside for its own orders.

use kernel::{AllotmentId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `stock_allotment`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_allotment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AllotmentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    /// Promised to the play and to no order yet.
    pub quantity: i64,
    /// What was left went back to the shelf; what comes back later goes there too.
    pub closed: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
