//! `trade_pickup`: what waits at a store.

use kernel::{OrderId, StoreId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `trade_pickup`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trade_pickup")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    pub store: StoreId,
    /// The how-manieth code, from 1.
    pub issue: i64,
    /// Wrong guesses at this code.
    pub tries: i64,
    pub ready_at: Timestamp,
    /// Who put it there.
    pub ready_by: String,
    pub collected_at: Option<Timestamp>,
    /// Who gave it out.
    pub collected_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
