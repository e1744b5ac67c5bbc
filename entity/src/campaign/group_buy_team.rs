//! `group_buy_team`: buyers gathering for one price.

use kernel::{CustomerId, GroupBuyId, SeatId, TeamId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a team stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum TeamState {
    /// The leader has not paid.
    #[sea_orm(string_value = "PENDING")]
    Pending,
    /// Gathering.
    #[sea_orm(string_value = "OPEN")]
    Open,
    /// Complete, for ever.
    #[sea_orm(string_value = "FORMED")]
    Formed,
    /// Over without success.
    #[sea_orm(string_value = "FAILED")]
    Failed,
}

/// A row of `group_buy_team`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group_buy_team")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    pub group_buy: GroupBuyId,
    pub state: TeamState,
    pub size: i64,
    /// What it was promised when it opened; editing the campaign never changes it.
    pub terms: Json,
    pub leader_seat: SeatId,
    /// Who sits on the leading seat.
    pub leader: CustomerId,
    /// None until the leader has paid.
    pub deadline: Option<Timestamp>,
    /// Paid seats. Of a formed team: those it formed with.
    pub confirmed: i64,
    /// Seats held for their payment.
    pub held: i64,
    /// Seats nobody sits in, counted as taken by virtual completion.
    pub virtual_seats: i64,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Where the leader's parcel goes: the four digits of the city (GB/T 2260), if it is one of China.
    pub city_code: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
