//! `member_level`: a level of membership and what it saves.

use kernel::{LocalizedText, MemberLevelId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `member_level`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_level")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberLevelId,
    /// The larger is the better.
    pub rank: i64,
    pub name: LocalizedText,
    /// What it saves on everything without a price of its own.
    pub off_bps: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
