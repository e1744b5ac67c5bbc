//! `points_hold_part`: of which lot the points of a hold are.

use kernel::{OrderId, PointsLotId};
use sea_orm::entity::prelude::*;

/// A row of `points_hold_part`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "points_hold_part")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    /// In the order they were taken, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub lot: PointsLotId,
    pub points: i64,
    pub given_back: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
