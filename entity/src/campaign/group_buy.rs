//! `group_buy`: campaigns of the group-buy play.

use kernel::{Currency, GroupBuyId, LocalizedText, ProductId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum GroupBuyState {
    /// Being written; nobody sees it.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// Published; begins at its start.
    #[sea_orm(string_value = "SCHEDULED")]
    Scheduled,
    /// Selling.
    #[sea_orm(string_value = "RUNNING")]
    Running,
    /// Stopped by staff for now.
    #[sea_orm(string_value = "PAUSED")]
    Paused,
    /// Over.
    #[sea_orm(string_value = "ENDED")]
    Ended,
}

/// A row of `group_buy`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group_buy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GroupBuyId,
    pub title: LocalizedText,
    pub product: ProductId,
    pub state: GroupBuyState,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub currency: Currency,
    /// How long a team gathers, from the leader's payment.
    pub team_hours: i64,
    /// How long a seat is held for its payment.
    pub seat_hold_minutes: i64,
    /// Whether joiners must never have paid an order before.
    pub new_customers_only: bool,
    /// What the leader saves on a unit, in minor units; at most one of the two discounts is set.
    pub leader_discount_minor: Option<i64>,
    /// What the leader saves on a unit, as a share.
    pub leader_discount_bps: Option<i64>,
    pub leader_commission_bps: i64,
    pub most_per_order: i64,
    pub most_per_customer: Option<i64>,
    /// The share of paid seats from which a team is completed virtually at its deadline.
    pub virtual_from_percent: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
