//! `payment`: one attempt to pay one order.

use kernel::{Currency, CustomerId, OrderId, PaymentId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PaymentState {
    /// Ours only; the provider may or may not know it.
    #[sea_orm(string_value = "CREATED")]
    Created,
    /// The provider waits for the shopper.
    #[sea_orm(string_value = "PENDING")]
    Pending,
    /// The money is here.
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    /// It can no longer be paid.
    #[sea_orm(string_value = "CLOSED")]
    Closed,
    /// The provider refused it.
    #[sea_orm(string_value = "FAILED")]
    Failed,
}

/// A row of `payment`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PaymentId,
    /// The number the provider knows it by: the order's number and the attempt.
    pub payment_no: String,
    pub order_id: OrderId,
    pub customer: CustomerId,
    /// The how-manieth of its order, from 1.
    pub attempt: i64,
    /// Which provider.
    pub gateway: String,
    /// Where it stands.
    pub state: PaymentState,
    /// What was asked.
    pub amount_minor: i64,
    /// What came: the sum of its CHARGE_SUCCEEDED events.
    pub charged_minor: i64,
    /// What is back or on its way back: the refunds that did not fail.
    pub refunding_minor: i64,
    /// What is back: the sum of its REFUND_SUCCEEDED events.
    pub refunded_minor: i64,
    /// Of every amount.
    pub currency: Currency,
    /// The provider's number.
    pub provider_charge_id: Option<String>,
    /// How the shopper gets to the point of paying.
    pub action: Option<Json>,
    /// What the provider was told beside the amount: the way to pay, the payer, the device's address.
    pub request: Option<Json>,
    /// The provider takes no money after this.
    pub expires_at: Timestamp,
    /// When to ask the provider about it.
    pub next_query_at: Option<Timestamp>,
    /// How often it was asked about.
    pub queries: i64,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
