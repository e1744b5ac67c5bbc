//! What others may rely on about group buys, and the live topics these facts touch.

use kernel::{CustomerId, Event, GroupBuyId, OrderId, SeatId, TeamId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// The live topic of one team: its seats, its leader, its end.
pub fn team_topic(team: TeamId) -> Topic {
    Topic::of("group_buy.team", team)
}

/// The live topic of the teams of a campaign that can be joined.
pub fn open_teams_topic(group_buy: GroupBuyId) -> Topic {
    Topic::of("group_buy.open_teams", group_buy)
}

/// The live topic of a campaign's state and counters.
pub fn campaign_topic(group_buy: GroupBuyId) -> Topic {
    Topic::of("group_buy.campaign", group_buy)
}

/// Staff or the clock changed a campaign: its terms, its window or its state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CampaignChanged {
    /// Which one.
    pub group_buy: GroupBuyId,
}

impl Event for CampaignChanged {
    const NAME: &'static str = "group_buy.campaign_changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![campaign_topic(self.group_buy), open_teams_topic(self.group_buy)]
    }
}

/// A seat is held for its payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeatReserved {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// In which team.
    pub team: TeamId,
    /// Which seat.
    pub seat: SeatId,
    /// Who took it.
    pub customer: CustomerId,
    /// With which order.
    pub order: OrderId,
    /// Who brought them.
    pub inviter: Option<CustomerId>,
}

impl Event for SeatReserved {
    const NAME: &'static str = "group_buy.seat_reserved.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![team_topic(self.team), open_teams_topic(self.group_buy)]
    }
}

/// The leader has paid: the team can be seen and joined, and its clock runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TeamOpened {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// Which team.
    pub team: TeamId,
    /// Who leads it.
    pub leader: CustomerId,
    /// Until when it gathers.
    pub deadline: Timestamp,
}

impl Event for TeamOpened {
    const NAME: &'static str = "group_buy.team_opened.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![team_topic(self.team), open_teams_topic(self.group_buy), campaign_topic(self.group_buy)]
    }
}

/// A seat was paid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeatConfirmed {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// In which team.
    pub team: TeamId,
    /// Which seat.
    pub seat: SeatId,
    /// Who sits there.
    pub customer: CustomerId,
    /// With which order.
    pub order: OrderId,
}

impl Event for SeatConfirmed {
    const NAME: &'static str = "group_buy.seat_confirmed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![team_topic(self.team), open_teams_topic(self.group_buy), campaign_topic(self.group_buy)]
    }
}

/// A seat was given up: not paid in time, cancelled, or the team was over first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeatReleased {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// In which team.
    pub team: TeamId,
    /// Which seat.
    pub seat: SeatId,
    /// Who sat there.
    pub customer: CustomerId,
}

impl Event for SeatReleased {
    const NAME: &'static str = "group_buy.seat_released.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![team_topic(self.team), open_teams_topic(self.group_buy)]
    }
}

/// A seat's money went back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeatRefunded {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// In which team.
    pub team: TeamId,
    /// Which seat.
    pub seat: SeatId,
    /// Who sat there.
    pub customer: CustomerId,
}

impl Event for SeatRefunded {
    const NAME: &'static str = "group_buy.seat_refunded.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![team_topic(self.team), open_teams_topic(self.group_buy), campaign_topic(self.group_buy)]
    }
}

/// Another member leads: the one before left.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeaderChanged {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// Of which team.
    pub team: TeamId,
    /// Who leads now.
    pub leader: CustomerId,
}

impl Event for LeaderChanged {
    const NAME: &'static str = "group_buy.leader_changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![team_topic(self.team), open_teams_topic(self.group_buy)]
    }
}

/// The team is complete: every order in it may ship now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TeamFormed {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// Which team.
    pub team: TeamId,
    /// Who led it.
    pub leader: CustomerId,
    /// The leader's share of the team's sales, in basis points, for whoever pays commissions.
    pub leader_commission_bps: i64,
    /// Who sits in it, by seat number.
    pub members: Vec<Member>,
    /// Seats nobody sits in: more than none says it was completed virtually.
    pub virtual_seats: u32,
}

/// A member of a formed team.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Which seat.
    pub seat: SeatId,
    /// Who sits there.
    pub customer: CustomerId,
    /// With which order.
    pub order: OrderId,
    /// Who brought them.
    pub inviter: Option<CustomerId>,
}

impl Event for TeamFormed {
    const NAME: &'static str = "group_buy.team_formed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![team_topic(self.team), open_teams_topic(self.group_buy), campaign_topic(self.group_buy)]
    }
}

/// The team is over without success; every paid seat gets its money back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TeamFailed {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// Which team.
    pub team: TeamId,
    /// The orders whose money goes back.
    pub refunded: Vec<OrderId>,
}

impl Event for TeamFailed {
    const NAME: &'static str = "group_buy.team_failed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![team_topic(self.team), open_teams_topic(self.group_buy), campaign_topic(self.group_buy)]
    }
}
