//! `ledger_posting`: one booked business fact.

use kernel::{PostingId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `ledger_posting`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_posting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PostingId,
    /// What kind of fact: `charge`, `refund`.
    pub business_type: String,
    /// Which one: a payment or refund number. Booked at most once per type.
    pub business_id: String,
    /// Who caused it.
    pub actor: String,
    /// The request that caused it.
    pub request: String,
    pub posted_at: Timestamp,
    /// The block that seals it.
    pub block: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
