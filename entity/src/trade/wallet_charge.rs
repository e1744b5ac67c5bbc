//! `wallet_charge`: an order's money taken from a wallet.

use kernel::{Currency, CustomerId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum WalletChargeState {
    /// The money was taken.
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    /// It was closed before it was asked for, and is never paid.
    #[sea_orm(string_value = "CLOSED")]
    Closed,
}

/// A row of `wallet_charge`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wallet_charge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub charge_no: String,
    pub customer: CustomerId,
    /// Where it stands.
    pub state: WalletChargeState,
    pub amount_minor: i64,
    pub currency: Currency,
    /// What went back of it.
    pub refunded_minor: i64,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
