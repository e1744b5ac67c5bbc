//! `live_topic`: how often each live topic changed.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// A row of `live_topic`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "live_topic")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub topic: String,
    /// Counts the changes, from 1.
    pub seq: i64,
    pub changed_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
