//! `wallet_withdrawal`: money on its way out of a wallet.

use kernel::{Currency, CustomerId, StaffId, Timestamp, WithdrawalId};
use sea_orm::entity::prelude::*;

/// Where a withdrawal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum WithdrawalState {
    /// A person must say yes.
    #[sea_orm(string_value = "IN_REVIEW")]
    InReview,
    /// The provider is asked to pay it out.
    #[sea_orm(string_value = "APPROVED")]
    Approved,
    /// The provider waits for the payee to confirm.
    #[sea_orm(string_value = "AWAITING_PAYEE")]
    AwaitingPayee,
    /// The payee has it.
    #[sea_orm(string_value = "PAID")]
    Paid,
    /// It came to nothing, and is in the wallet again.
    #[sea_orm(string_value = "FAILED")]
    Failed,
    /// A person said no, and it is in the wallet again.
    #[sea_orm(string_value = "REJECTED")]
    Rejected,
}

/// A row of `wallet_withdrawal`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wallet_withdrawal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WithdrawalId,
    /// The number the provider knows it by.
    pub withdrawal_no: String,
    pub customer: CustomerId,
    /// Which provider.
    pub gateway: String,
    /// The payee as the provider knows them.
    pub payee: String,
    /// Their real name, sealed.
    pub sealed_name: Option<String>,
    /// Where it stands.
    pub state: WithdrawalState,
    pub amount_minor: i64,
    pub currency: Currency,
    /// How many people must say yes.
    pub approvals_needed: i64,
    pub first_approver: Option<StaffId>,
    pub second_approver: Option<StaffId>,
    /// What staff said.
    pub note: Option<String>,
    /// What the payee's device is handed to confirm it.
    pub package: Option<String>,
    /// The provider's number.
    pub provider_id: Option<String>,
    /// Why it came to nothing.
    pub failure: Option<String>,
    /// When to ask the provider about it.
    pub next_query_at: Option<Timestamp>,
    /// How often it was asked about.
    pub queries: i64,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
