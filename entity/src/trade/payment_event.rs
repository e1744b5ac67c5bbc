//! `payment_event`: what happened to a payment's money, append-only. Amounts are sums of these.

use kernel::{EventId, PaymentId, Timestamp};
use sea_orm::entity::prelude::*;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PaymentEventKind {
    #[sea_orm(string_value = "CHARGE_REQUESTED")]
    ChargeRequested,
    #[sea_orm(string_value = "CHARGE_SUCCEEDED")]
    ChargeSucceeded,
    #[sea_orm(string_value = "CHARGE_CLOSED")]
    ChargeClosed,
    #[sea_orm(string_value = "CHARGE_FAILED")]
    ChargeFailed,
    #[sea_orm(string_value = "REFUND_REQUESTED")]
    RefundRequested,
    #[sea_orm(string_value = "REFUND_SUCCEEDED")]
    RefundSucceeded,
    #[sea_orm(string_value = "REFUND_FAILED")]
    RefundFailed,
}

/// A row of `payment_event`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    pub payment_id: PaymentId,
    pub kind: PaymentEventKind,
    /// The charge's or the refund's number; each kind happens once per number.
    pub reference: String,
    pub amount_minor: i64,
    /// How we learned of it.
    pub source: String,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
