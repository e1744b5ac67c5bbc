//! `crowdfunding_update`: news for the backers.

use kernel::{CrowdfundingId, CrowdfundingUpdateId, LocalizedText, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `crowdfunding_update`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crowdfunding_update")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CrowdfundingUpdateId,
    pub crowdfunding: CrowdfundingId,
    pub title: LocalizedText,
    pub body: LocalizedText,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
