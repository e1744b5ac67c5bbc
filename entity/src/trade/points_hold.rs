//! `points_hold`: points an order put aside.

use kernel::{CustomerId, OrderId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PointsHoldState {
    /// Put aside until the order is paid.
    #[sea_orm(string_value = "HELD")]
    Held,
    /// The order was paid.
    #[sea_orm(string_value = "SPENT")]
    Spent,
    /// The order came to nothing.
    #[sea_orm(string_value = "RETURNED")]
    Returned,
}

/// A row of `points_hold`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "points_hold")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    pub customer: CustomerId,
    pub points: i64,
    /// Where it stands.
    pub state: PointsHoldState,
    /// How many of the spent ones went back with refunds.
    pub given_back: i64,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
