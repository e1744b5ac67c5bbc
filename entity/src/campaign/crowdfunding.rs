//! `crowdfunding`: a goal, a deadline, and what was raised.

use kernel::{CrowdfundingId, Currency, LocalizedText, ProductId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a crowdfunding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum CrowdfundingState {
    /// Being written.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// Shown; it gathers within its window.
    #[sea_orm(string_value = "PUBLISHED")]
    Published,
    /// Stopped for now.
    #[sea_orm(string_value = "PAUSED")]
    Paused,
    /// Over, and the rewards are owed.
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    /// Over; every pledge goes back.
    #[sea_orm(string_value = "FAILED")]
    Failed,
}

/// What a goal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum GoalKind {
    /// Money.
    #[sea_orm(string_value = "AMOUNT")]
    Amount,
    /// Pieces.
    #[sea_orm(string_value = "UNITS")]
    Units,
}

/// A row of `crowdfunding`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crowdfunding")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CrowdfundingId,
    pub title: LocalizedText,
    pub product: ProductId,
    pub state: CrowdfundingState,
    pub goal_kind: GoalKind,
    pub goal: i64,
    /// Whether what was raised is kept when the goal is missed.
    pub keeps_all: bool,
    pub currency: Currency,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub ship_by: Timestamp,
    pub raised_minor: i64,
    pub units: i64,
    /// Pledges that are paid.
    pub backers: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
