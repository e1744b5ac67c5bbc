//! `trade_store`: a shop with a door, where orders are picked up.

use kernel::{StoreId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `trade_store`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trade_store")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StoreId,
    pub name: String,
    pub phone: String,
    /// Province, city, district.
    pub region: String,
    /// Street, house.
    pub street: String,
    /// When its door is open, in words.
    pub hours: String,
    /// Whether orders may be picked up there.
    pub is_open: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
