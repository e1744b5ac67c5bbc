//! `group_buy_seat`: who sits where in which team, with which order.

use kernel::{CustomerId, GroupBuyId, OrderId, SeatId, SkuId, TeamId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a seat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum SeatState {
    /// Held for its payment.
    #[sea_orm(string_value = "RESERVED")]
    Reserved,
    /// Paid.
    #[sea_orm(string_value = "CONFIRMED")]
    Confirmed,
    /// Given up.
    #[sea_orm(string_value = "RELEASED")]
    Released,
    /// Its money went back.
    #[sea_orm(string_value = "REFUNDED")]
    Refunded,
}

/// What the buyer wants when they paid and there is no seat any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum WhenFull {
    /// The fullest open team.
    #[sea_orm(string_value = "JOIN_OTHER")]
    JoinOther,
    /// A new team.
    #[sea_orm(string_value = "OPEN_NEW")]
    OpenNew,
    /// The money back.
    #[sea_orm(string_value = "REFUND")]
    Refund,
}

/// A row of `group_buy_seat`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group_buy_seat")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SeatId,
    pub team: TeamId,
    pub group_buy: GroupBuyId,
    pub seat_no: i64,
    pub customer: CustomerId,
    pub order_id: OrderId,
    pub sku: SkuId,
    pub quantity: i64,
    pub state: SeatState,
    pub when_full: WhenFull,
    /// Who brought this customer.
    pub inviter: Option<CustomerId>,
    /// The campaign, while the seat is live and its team unfinished: unique per customer.
    pub running_in: Option<GroupBuyId>,
    /// Why its money was asked back; asked at most once.
    pub refund_reason: Option<String>,
    pub held_until: Timestamp,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
