//! `crowdfunding_tier`: what a backer gets for how much.

use kernel::{CrowdfundingId, LocalizedText, SkuId, TierId};
use sea_orm::entity::prelude::*;

/// A row of `crowdfunding_tier`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crowdfunding_tier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TierId,
    pub crowdfunding: CrowdfundingId,
    pub position: i64,
    pub title: LocalizedText,
    pub sku: SkuId,
    pub price_minor: i64,
    /// How many there are; any number when absent.
    pub stock: Option<i64>,
    /// How many are pledged, paid or held.
    pub taken: i64,
    /// Whether each piece has a number of its own.
    pub numbered: bool,
    pub most_per_customer: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
