//! `time_discount`: lower prices for a while.

use kernel::{LocalizedText, TimeDiscountId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `time_discount`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "time_discount")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TimeDiscountId,
    pub title: LocalizedText,
    pub state: super::coupon_template::OfferState,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub most_per_customer: Option<i64>,
    pub most_in_all: Option<i64>,
    pub used: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
