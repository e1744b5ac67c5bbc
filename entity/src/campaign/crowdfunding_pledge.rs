//! `crowdfunding_pledge`: who backs what with which order.

use kernel::{CrowdfundingId, CustomerId, OrderId, PledgeId, TierId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a pledge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PledgeState {
    /// Held for its payment.
    #[sea_orm(string_value = "RESERVED")]
    Reserved,
    /// Paid.
    #[sea_orm(string_value = "PLEDGED")]
    Pledged,
    /// Given up.
    #[sea_orm(string_value = "RELEASED")]
    Released,
    /// Its money went back.
    #[sea_orm(string_value = "REFUNDED")]
    Refunded,
}

/// A row of `crowdfunding_pledge`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crowdfunding_pledge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PledgeId,
    pub crowdfunding: CrowdfundingId,
    pub tier: TierId,
    pub customer: CustomerId,
    pub order_id: OrderId,
    pub quantity: i64,
    pub amount_minor: i64,
    pub state: PledgeState,
    /// The number of the first piece of a numbered reward.
    pub edition_no: Option<i64>,
    /// Why its money was asked back; asked at most once.
    pub refund_reason: Option<String>,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
