//! `crowdfunding_poll`: a question to the backers.

use kernel::{CrowdfundingId, CrowdfundingPollId, LocalizedText, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `crowdfunding_poll`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crowdfunding_poll")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CrowdfundingPollId,
    pub crowdfunding: CrowdfundingId,
    pub question: LocalizedText,
    /// A list of localised texts.
    pub options: Json,
    pub closes_at: Timestamp,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
