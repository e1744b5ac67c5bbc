//! `ledger_block`: a link of the chain that seals the postings.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// A row of `ledger_block`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_block")]
pub struct Model {
    /// Counts from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub height: i64,
    /// The hash of the block before; 64 zeros before the first.
    pub previous: String,
    /// SHA-256 over `previous` and the postings, hexadecimal.
    pub hash: String,
    /// How many postings it seals.
    pub postings: i64,
    pub sealed_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
