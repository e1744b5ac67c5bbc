//! `outbox`: facts on their way from the transaction that made them true to those who rely on them.

use kernel::{EventId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `outbox`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Counted up by the database.
    #[sea_orm(primary_key)]
    pub position: i64,
    /// The event's own id; handlers dedupe by it.
    pub event: EventId,
    /// `capability.fact.vN`.
    pub name: String,
    /// The event as JSON.
    pub payload: Json,
    /// The live topics it touches: an array of texts.
    pub topics: Json,
    /// Those among them whose followers are told the event itself: an array of texts.
    pub feeds: Json,
    /// Who caused it.
    pub actor: String,
    /// The request that caused it.
    pub request: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was handed on.
    pub relayed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
