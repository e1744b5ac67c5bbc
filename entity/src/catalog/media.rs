//! `media`: stored pictures.

use kernel::{MediaId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `media`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MediaId,
    /// Where its bytes lie in the storage.
    pub key: String,
    pub content_type: String,
    pub bytes: i64,
    /// In pixels, when the format tells.
    pub width: Option<i64>,
    /// In pixels, when the format tells.
    pub height: Option<i64>,
    /// As its uploader called it.
    pub file_name: String,
    /// The actor.
    pub uploaded_by: String,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
