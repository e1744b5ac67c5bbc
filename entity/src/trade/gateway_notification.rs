//! `gateway_notification`: the inbox of what providers report.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum NotificationOutcome {
    /// It had its effect, or found it done.
    #[sea_orm(string_value = "APPLIED")]
    Applied,
    /// Genuine, but it does not fit our books: a person must look.
    #[sea_orm(string_value = "PARKED")]
    Parked,
}

/// A row of `gateway_notification`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gateway_notification")]
pub struct Model {
    /// Which provider.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    /// Its number of the report.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: String,
    /// What it reports.
    pub kind: String,
    /// About which charge.
    pub charge_no: String,
    /// About which refund.
    pub refund_no: Option<String>,
    /// What became of it.
    pub outcome: NotificationOutcome,
    /// Why it was parked.
    pub note: Option<String>,
    /// The body as it came.
    pub raw: String,
    pub received_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
