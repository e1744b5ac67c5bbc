//! `ledger_entry`: one leg of a posting.

use kernel::PostingId;
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
    /// A currency, or `PTS`.
    pub currency: String,
    /// The how-manieth of its account, from 1; of accounts of persons only.
    pub sequence: Option<i64>,
    /// What stood on the account after it; of accounts of persons only.
    pub balance_after: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The posting it is a leg of.
    #[sea_orm(belongs_to = "super::ledger_posting::Entity", from = "Column::Posting", to = "super::ledger_posting::Column::Id")]
    Posting,
}

impl Related<super::ledger_posting::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Posting.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
