//! `reduction`: a reduction of the whole basket.

use kernel::{LocalizedText, ReductionId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `reduction`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reduction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReductionId,
    pub title: LocalizedText,
    pub state: super::coupon_template::OfferState,
    /// What it takes off, from what on, of what.
    pub terms: Json,
    /// The larger goes first.
    pub priority: i64,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
