//! `complaint`: a shopper's complaint, which staff decide.

use kernel::{AfterSaleId, ComplaintId, Currency, CustomerId, OrderId, RefundId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a complaint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ComplaintState {
    /// Waits for the merchant's answer.
    #[sea_orm(string_value = "FILED")]
    Filed,
    /// The merchant answered; waits for the decision.
    #[sea_orm(string_value = "ANSWERED")]
    Answered,
    /// The merchant did not answer in time; waits for the decision.
    #[sea_orm(string_value = "UNANSWERED")]
    Unanswered,
    /// The shopper is right.
    #[sea_orm(string_value = "UPHELD")]
    Upheld,
    /// The merchant is right.
    #[sea_orm(string_value = "DISMISSED")]
    Dismissed,
    /// The shopper gave it up.
    #[sea_orm(string_value = "WITHDRAWN")]
    Withdrawn,
}

/// A row of `complaint`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "complaint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ComplaintId,
    pub order_id: OrderId,
    /// The case it is about.
    pub after_sale: Option<AfterSaleId>,
    pub customer: CustomerId,
    pub state: ComplaintState,
    /// About what, as a code.
    pub topic: String,
    /// The merchant answers, or staff decide, by then.
    pub due_at: Option<Timestamp>,
    /// Why it was decided so.
    pub decision: Option<String>,
    /// What the shopper gets for it.
    pub compensation_minor: Option<i64>,
    pub currency: Currency,
    /// The refund that became of the compensation.
    pub refund: Option<RefundId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
