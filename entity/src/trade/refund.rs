//! `refund`: money on its way back.

use kernel::{Currency, CustomerId, OrderId, PaymentId, RefundId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum RefundStatus {
    /// Ours only; the provider may or may not know it.
    #[sea_orm(string_value = "REQUESTED")]
    Requested,
    /// The provider is at it.
    #[sea_orm(string_value = "PROCESSING")]
    Processing,
    /// The money is back.
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    /// The provider could not; a person must.
    #[sea_orm(string_value = "FAILED")]
    Failed,
}

/// A row of `refund`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refund")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefundId,
    /// Deterministic, so that asking again is asking for the same.
    pub refund_no: String,
    pub order_id: OrderId,
    pub payment_id: PaymentId,
    pub customer: CustomerId,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much.
    pub amount_minor: i64,
    /// How much of it is for bringing the goods.
    pub shipping_minor: i64,
    pub currency: Currency,
    /// Why, as a code.
    pub reason: String,
    /// Why, in words, for people.
    pub reason_text: Option<String>,
    /// The provider's number.
    pub provider_refund_id: Option<String>,
    /// What the provider said when it failed.
    pub failure: Option<String>,
    /// When to ask the provider about it.
    pub next_query_at: Option<Timestamp>,
    /// How often it was asked about.
    pub queries: i64,
    /// Who wanted it.
    pub requested_by: String,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
