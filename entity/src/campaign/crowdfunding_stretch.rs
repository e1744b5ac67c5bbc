//! `crowdfunding_stretch`: what is promised beyond the goal.

use kernel::{CrowdfundingId, LocalizedText};
use sea_orm::entity::prelude::*;

/// A row of `crowdfunding_stretch`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crowdfunding_stretch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub crowdfunding: CrowdfundingId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub goal: i64,
    pub title: LocalizedText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
