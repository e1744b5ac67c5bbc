//! `provider_bill_line`: one charge or refund as a provider's bill lists it.

use kernel::{BillId, Currency, Timestamp};
use sea_orm::entity::prelude::*;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum BillKind {
    /// Money that came.
    #[sea_orm(string_value = "CHARGE")]
    Charge,
    /// Money that went back.
    #[sea_orm(string_value = "REFUND")]
    Refund,
}

/// A row of `provider_bill_line`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_bill_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bill: BillId,
    /// From 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub gateway: String,
    pub kind: BillKind,
    /// Our number.
    pub number: String,
    /// Theirs.
    pub provider_id: String,
    pub amount_minor: i64,
    /// What they kept for it.
    pub fee_minor: Option<i64>,
    pub currency: Currency,
    /// Whether the money moved: a refund may still be on its way, or have failed.
    pub settled: bool,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
