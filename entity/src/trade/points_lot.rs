//! `points_lot`: points that came together and expire together.

use kernel::{CustomerId, PointsLotId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `points_lot`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "points_lot")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PointsLotId,
    pub customer: CustomerId,
    /// What they were earned by: `order`, `staff`, …
    pub source_kind: String,
    /// Which one; earned once.
    pub source_id: String,
    /// How many came.
    pub points: i64,
    /// How many are still here.
    pub remaining: i64,
    /// How many the mall took back after a refund.
    pub taken_back: i64,
    /// Whether they can be spent: the time they were frozen is over.
    pub released: bool,
    pub available_at: Timestamp,
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
