//! `ledger_entry`: one leg of a posting.

use kernel::{Currency, PostingId};
use sea_orm::entity::prelude::*;

/// A row of `ledger_entry`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub posting: PostingId,
    /// Counts from 0 within the posting.
    #[sea_orm(primary_key, auto_increment = false)]
    pub leg: i64,
    /// `kind` or `kind:owner`.
    pub account: String,
    /// Positive into the account, negative out of it; never zero.
    pub amount_minor: i64,
    pub currency: Currency,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
