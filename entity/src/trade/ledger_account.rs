//! `ledger_account`: what stands on an account.

use sea_orm::entity::prelude::*;

/// A row of `ledger_account`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_account")]
pub struct Model {
    /// `kind` or `kind:owner`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: String,
    /// A currency, or `PTS`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit: String,
    /// The sum of its entries; of those that are sealed when the account is nobody's.
    pub balance_minor: i64,
    /// How many entries.
    pub entries: i64,
    /// It never stands below this.
    pub least_minor: Option<i64>,
    /// It never stands above this.
    pub most_minor: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
