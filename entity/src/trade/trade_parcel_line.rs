//! `trade_parcel_line`: what is in a parcel.

use kernel::{OrderLineId, ParcelId};
use sea_orm::entity::prelude::*;

/// A row of `trade_parcel_line`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trade_parcel_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub parcel: ParcelId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_line: OrderLineId,
    /// How many of the line.
    pub quantity: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
