//! `live_event`: facts of followed topics, kept a while for those who come back.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// A row of `live_event`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "live_event")]
pub struct Model {
    /// Of which topic.
    #[sea_orm(primary_key, auto_increment = false)]
    pub topic: String,
    /// The topic's number when it was told.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// `capability.fact.vN`.
    pub name: String,
    /// The event as JSON.
    pub payload: Json,
    /// When it was handed on.
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
