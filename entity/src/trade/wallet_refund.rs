//! `wallet_refund`: money of a charge that went back into the wallet.

use kernel::{Currency, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `wallet_refund`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wallet_refund")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub refund_no: String,
    pub charge_no: String,
    pub amount_minor: i64,
    pub currency: Currency,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
