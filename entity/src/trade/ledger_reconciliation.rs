//! `ledger_reconciliation`: what a proof of the books found.

use kernel::{ReconciliationId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `ledger_reconciliation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_reconciliation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReconciliationId,
    /// Of which day, `YYYYMMDD`; none when staff asked for it.
    pub day: Option<String>,
    pub requested_by: String,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// How many facts were compared.
    pub checked: i64,
    /// How many did not agree.
    pub found: i64,
    /// The first of those.
    pub findings: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
