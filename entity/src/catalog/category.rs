//! `category`: the shelves of the mall, a tree.

use kernel::{CategoryId, LocalizedText, MediaId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `category`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CategoryId,
    /// The shelf it stands on; none at the top.
    pub parent: Option<CategoryId>,
    /// Its place among its siblings.
    pub position: i64,
    pub name: LocalizedText,
    pub icon: Option<MediaId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
