//! `wallet_top_up`: money on its way into a wallet.

use kernel::{Currency, CustomerId, Timestamp, TopUpId};
use sea_orm::entity::prelude::*;

use super::payment::PaymentState;

/// A row of `wallet_top_up`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wallet_top_up")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TopUpId,
    /// The number the provider knows it by.
    pub top_up_no: String,
    pub customer: CustomerId,
    /// Which provider.
    pub gateway: String,
    /// Where it stands.
    pub state: PaymentState,
    pub amount_minor: i64,
    pub currency: Currency,
    /// What the provider was told beside the amount; a request that is sent again says the same.
    pub request: Json,
    /// The provider's number.
    pub provider_charge_id: Option<String>,
    /// How the shopper gets to the point of paying.
    pub action: Option<Json>,
    /// The provider takes no money after this.
    pub expires_at: Timestamp,
    /// When to ask the provider about it.
    pub next_query_at: Option<Timestamp>,
    /// How often it was asked about.
    pub queries: i64,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
