//! `stock_movement`: every change of what lies on the shelf; rows are never changed.

use kernel::{MovementId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// Why the stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum MovementKind {
    /// The first stock of a new SKU.
    #[sea_orm(string_value = "OPENED")]
    Opened,
    /// Counted, broken, delivered: by staff.
    #[sea_orm(string_value = "ADJUSTED")]
    Adjusted,
    /// Paid.
    #[sea_orm(string_value = "SOLD")]
    Sold,
    /// Came back after a refund.
    #[sea_orm(string_value = "RETURNED")]
    Returned,
}

/// A row of `stock_movement`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_movement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MovementId,
    pub sku: SkuId,
    pub kind: MovementKind,
    pub delta: i64,
    /// What lay there afterwards.
    pub on_hand: i64,
    /// What caused it: an order, a refund, a key; once per SKU and kind.
    pub reference: String,
    /// In words.
    pub reason: String,
    /// Who caused it.
    pub actor: String,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
