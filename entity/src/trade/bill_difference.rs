//! `bill_difference`: something a provider's bill and our books do not agree about.

use kernel::{BillId, Currency, DifferenceId, Timestamp};
use sea_orm::entity::prelude::*;

use super::provider_bill_line::BillKind;

/// How they disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Problem {
    /// The provider has it, we do not.
    #[sea_orm(string_value = "MISSING_HERE")]
    MissingHere,
    /// We have it, the provider does not.
    #[sea_orm(string_value = "MISSING_THERE")]
    MissingThere,
    /// Another amount.
    #[sea_orm(string_value = "AMOUNT")]
    Amount,
    /// It succeeded here and not there, or there and not here.
    #[sea_orm(string_value = "STATE")]
    State,
    /// The provider lists it twice.
    #[sea_orm(string_value = "TWICE")]
    Twice,
}

/// Whether somebody settled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum DifferenceState {
    /// A person must look.
    #[sea_orm(string_value = "OPEN")]
    Open,
    /// Somebody did, and said what it was.
    #[sea_orm(string_value = "RESOLVED")]
    Resolved,
}

/// A row of `bill_difference`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bill_difference")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DifferenceId,
    pub bill: BillId,
    pub gateway: String,
    pub kind: BillKind,
    pub problem: Problem,
    /// Our number.
    pub number: String,
    /// Theirs.
    pub provider_id: Option<String>,
    pub ours_minor: Option<i64>,
    pub theirs_minor: Option<i64>,
    pub currency: Currency,
    pub our_state: Option<String>,
    pub their_state: Option<String>,
    pub state: DifferenceState,
    /// What whoever settled it said.
    pub note: Option<String>,
    pub resolved_by: Option<String>,
    pub resolved_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
