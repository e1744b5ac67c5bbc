//! `crowdfunding_vote`: who voted for what.

use kernel::{CrowdfundingPollId, CustomerId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `crowdfunding_vote`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crowdfunding_vote")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub poll: CrowdfundingPollId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer: CustomerId,
    pub choice: i64,
    pub voted_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
