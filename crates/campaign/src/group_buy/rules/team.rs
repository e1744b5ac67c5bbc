//! Who sits where, who leads, when a team forms or fails.
//!
//! ```text
//!           the leader paid            the last seat was paid,
//!                                      or the deadline found enough of them (virtual completion)
//!  PENDING ────────────────▶ OPEN ───────────────────────────────────────▶ FORMED
//!     │ the leader's order     │ the deadline found too few,
//!     ▼ was cancelled          ▼ or the last member left
//!   FAILED                   FAILED
//!
//!  seat:  RESERVED ──paid──▶ CONFIRMED ──money back──▶ REFUNDED
//!            │ hold ran out, order cancelled, team over     ▲
//!            ▼                                              │
//!         RELEASED ──paid late, a seat is free: CONFIRMED ──┤
//!                  └─paid late, none is free: [`Homeless`] ─┘
//! ```
//!
//! Every function reads a [`Team`] and answers [`Change`]s; [`Team::apply`] is the only way a team moves. Asking again
//! for what has happened answers no change: "already there" is success.

use kernel::{CustomerId, Detail, OrderId, Refusal, SeatId, SkuId, TeamId, Timestamp, hours, minutes};
use serde::{Deserialize, Serialize};

use super::terms::{Joiners, TeamTerms};

/// A team of buyers and its seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Which one.
    pub id: TeamId,
    /// What it was promised.
    pub terms: TeamTerms,
    /// Where it stands.
    pub state: TeamState,
    /// The seat that leads.
    pub leader: SeatId,
    /// Until when it gathers; known once the leader has paid.
    pub deadline: Option<Timestamp>,
    /// Seats nobody sits in, counted as taken when it was completed virtually.
    pub virtual_seats: u32,
    /// Every seat that was ever taken.
    pub seats: Vec<Seat>,
}

/// Where a team stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TeamState {
    /// The leader has not paid: nobody else sees it, no clock runs.
    Pending,
    /// Gathering.
    Open,
    /// Complete; never anything else again.
    Formed,
    /// Over without success; every paid seat is refunded.
    Failed,
}

/// A place in a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Which one.
    pub id: SeatId,
    /// Its number, from 1.
    pub no: u32,
    /// Who took it.
    pub customer: CustomerId,
    /// With which order.
    pub order: OrderId,
    /// What they buy.
    pub sku: SkuId,
    /// How many units.
    pub quantity: u32,
    /// What they want when they paid and there is no seat for them any more.
    pub when_full: WhenFull,
    /// Who brought them.
    pub inviter: Option<CustomerId>,
    /// Where it stands.
    pub state: SeatState,
    /// Until when it is held for its payment.
    pub held_until: Timestamp,
    /// When it was paid.
    pub confirmed_at: Option<Timestamp>,
}

/// Where a seat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeatState {
    /// Held for its payment.
    Reserved,
    /// Paid.
    Confirmed,
    /// Given up: not paid in time, cancelled, or the team was over first.
    Released,
    /// Its money went back.
    Refunded,
}

impl Seat {
    /// What was wished for when it was taken.
    pub fn wish(&self) -> Wish {
        Wish { seat: self.id, sku: self.sku, quantity: self.quantity, when_full: self.when_full, inviter: self.inviter }
    }
}

impl SeatState {
    /// Whether somebody sits there.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Reserved | Self::Confirmed)
    }
}

/// Who asks for a seat, and what is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// Who.
    pub customer: CustomerId,
    /// Whether they bought before.
    pub history: History,
    /// Units of this campaign they hold already, in all their teams.
    pub units: u32,
    /// The unfinished team of this campaign they sit in.
    pub running: Option<TeamId>,
}

/// Whether a customer bought before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// Never paid an order.
    New,
    /// Paid one at least.
    Returning,
}

/// What is wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The seat's id to be.
    pub seat: SeatId,
    /// What is bought.
    pub sku: SkuId,
    /// How many units.
    pub quantity: u32,
    /// What they want when they paid and there is no seat for them any more.
    pub when_full: WhenFull,
    /// Who brought them.
    pub inviter: Option<CustomerId>,
}

/// What a buyer wants when they have paid and there is no seat for them any more. Declared with the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhenFull {
    /// The fullest open team with the same size and price; the money back when there is none.
    JoinOther,
    /// A new team they lead; the money back when the campaign is over.
    OpenNew,
    /// The money back.
    Refund,
}

/// A seat found, for an order still to be placed. Only a place can become a reserved seat.
#[derive(Debug)]
#[must_use]
pub struct Place {
    no: u32,
    wish: Wish,
    customer: CustomerId,
    held_until: Timestamp,
}

impl Place {
    /// Until when it is held.
    pub fn held_until(&self) -> Timestamp {
        self.held_until
    }

    /// The place taken with an order.
    pub fn taken_with(self, order: OrderId) -> Change {
        Change::Reserved(Seat {
            id: self.wish.seat,
            no: self.no,
            customer: self.customer,
            order,
            sku: self.wish.sku,
            quantity: self.wish.quantity,
            when_full: self.wish.when_full,
            inviter: self.wish.inviter.filter(|inviter| *inviter != self.customer),
            state: SeatState::Reserved,
            held_until: self.held_until,
            confirmed_at: None,
        })
    }
}

/// A step of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A seat is held for its payment.
    Reserved(Seat),
    /// The leader has paid: the clock runs.
    Opened {
        /// Until when.
        deadline: Timestamp,
    },
    /// A seat was paid.
    Confirmed {
        /// Which one.
        seat: SeatId,
        /// Its number; another than before when it had been given up in between.
        no: u32,
        /// When.
        at: Timestamp,
    },
    /// A seat was given up.
    Released(SeatId),
    /// A seat's money went back.
    Refunded(SeatId),
    /// Another seat leads.
    Led(SeatId),
    /// Complete.
    Formed {
        /// How many seats nobody sits in.
        virtual_seats: u32,
    },
    /// Over without success.
    Failed,
}

/// Why there is no seat for somebody who asks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeatRefused {
    /// Every seat is taken.
    #[error("the team is full")]
    Full {
        /// Teams of the campaign that can be joined instead, the fullest first. The rules know none; the service does.
        joinable: Vec<TeamId>,
    },
    /// It is over.
    #[error("the team does not gather any more")]
    Closed,
    /// They sit in it.
    #[error("the buyer has a seat in this team")]
    AlreadyInTeam,
    /// They sit in another unfinished team of the campaign.
    #[error("the buyer has a seat in another unfinished team of this campaign")]
    AlreadyGathering,
    /// Only new customers may join.
    #[error("only customers who never bought before may join")]
    NewCustomersOnly,
    /// The SKU is not part of the team's promise.
    #[error("this SKU is not sold in this team")]
    SkuNotOffered,
    /// No team of that size is on offer.
    #[error("teams of this size are not on offer")]
    SizeNotOffered,
    /// Too many units for one order.
    #[error("more than {0} units in one order")]
    OrderLimit(u32),
    /// Too many units for one customer.
    #[error("more than {0} units for one customer")]
    CustomerLimit(u32),
}

impl Refusal for SeatRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "GROUP_BUY_TEAM_FULL",
            Self::Closed => "GROUP_BUY_TEAM_CLOSED",
            Self::AlreadyInTeam => "GROUP_BUY_ALREADY_IN_TEAM",
            Self::AlreadyGathering => "GROUP_BUY_ALREADY_GATHERING",
            Self::NewCustomersOnly => "GROUP_BUY_NEW_CUSTOMERS_ONLY",
            Self::SkuNotOffered => "GROUP_BUY_SKU_NOT_OFFERED",
            Self::SizeNotOffered => "GROUP_BUY_SIZE_NOT_OFFERED",
            Self::OrderLimit(_) => "GROUP_BUY_ORDER_LIMIT",
            Self::CustomerLimit(_) => "GROUP_BUY_CUSTOMER_LIMIT",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Full { .. } | Self::Closed | Self::AlreadyInTeam => Some("teamId"),
            Self::SizeNotOffered => Some("ladderSize"),
            Self::SkuNotOffered | Self::OrderLimit(_) | Self::CustomerLimit(_) => Some("quoteId"),
            Self::AlreadyGathering | Self::NewCustomersOnly => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Full { joinable } => Detail::Joinable(joinable.clone()),
            Self::OrderLimit(n) | Self::CustomerLimit(n) => Detail::Limit(i64::from(*n)),
            _ => Detail::None,
        }
    }
}

/// Why a paid seat has no place in its own team. What happens next is the buyer's [`WhenFull`]: never "paid and nothing".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Homeless {
    /// It had been given up, and others sit there.
    Full,
    /// The team formed or failed in the meantime.
    Closed,
    /// It had been given up, and the buyer sits elsewhere or has all they may buy.
    Elsewhere,
}

/// A team of its own for somebody: empty, with a place for the leader.
pub fn open(id: TeamId, terms: TeamTerms, (buyer, wish): (&Buyer, Wish), now: Timestamp) -> Result<(Team, Place), SeatRefused> {
    let team = Team { id, terms, state: TeamState::Pending, leader: wish.seat, deadline: None, virtual_seats: 0, seats: Vec::new() };
    may_buy(&team, buyer, wish)?;
    let place = Place { no: 1, wish, customer: buyer.customer, held_until: team.hold(now) };
    Ok((team, place))
}

/// A place in a gathering team. The lowest free number, held for the time the team was promised, never beyond its deadline.
pub fn join(team: &Team, (buyer, wish): (&Buyer, Wish), now: Timestamp) -> Result<Place, SeatRefused> {
    let gathering = match team.state {
        TeamState::Open => team.deadline.is_some_and(|deadline| now < deadline),
        TeamState::Formed => return Err(SeatRefused::Full { joinable: Vec::new() }),
        TeamState::Pending | TeamState::Failed => false,
    };
    if !gathering {
        return Err(SeatRefused::Closed);
    }
    may_buy(team, buyer, wish)?;
    if team.terms.joiners == Joiners::NewCustomers && buyer.history == History::Returning {
        return Err(SeatRefused::NewCustomersOnly);
    }
    let no = team.free_no().ok_or(SeatRefused::Full { joinable: Vec::new() })?;
    Ok(Place { no, wish, customer: buyer.customer, held_until: team.hold(now) })
}

fn may_buy(team: &Team, buyer: &Buyer, wish: Wish) -> Result<(), SeatRefused> {
    if team.live().any(|seat| seat.customer == buyer.customer) {
        return Err(SeatRefused::AlreadyInTeam);
    }
    if buyer.running.is_some() {
        return Err(SeatRefused::AlreadyGathering);
    }
    if team.terms.price(wish.sku).is_none() {
        return Err(SeatRefused::SkuNotOffered);
    }
    if wish.quantity > team.terms.most_per_order {
        return Err(SeatRefused::OrderLimit(team.terms.most_per_order));
    }
    match team.terms.most_per_customer {
        Some(most) if buyer.units.saturating_add(wish.quantity) > most => Err(SeatRefused::CustomerLimit(most)),
        _ => Ok(()),
    }
}

/// A seat's order was paid. Under the team's lock the state decides, not the clock: a payment that gets here before the
/// deadline's sweep counts, one that gets here after it does not, and both ends agree.
pub fn pay(team: &Team, seat: SeatId, buyer: &Buyer, now: Timestamp) -> Result<Vec<Change>, Homeless> {
    let Some(seat) = team.seat(seat) else { return Ok(Vec::new()) };
    match (seat.state, team.state) {
        (SeatState::Confirmed | SeatState::Refunded, _) => Ok(Vec::new()),
        (_, TeamState::Formed | TeamState::Failed) => Err(Homeless::Closed),
        (SeatState::Reserved, _) => Ok(team.confirmed(seat, seat.no, now)),
        (SeatState::Released, _) => {
            may_buy(team, buyer, seat.wish()).map_err(|_| Homeless::Elsewhere)?;
            let no = team.free_no().ok_or(Homeless::Full)?;
            Ok(team.confirmed(seat, no, now))
        }
    }
}

/// Gives up the seats whose hold ran out. Their orders can still be paid; whoever pays late gets a seat if one is free.
/// A pending team stays what it is: its leader may still pay, and nobody else waits for it.
pub fn lapse(team: &Team, now: Timestamp) -> Vec<Change> {
    team.live().filter(|seat| seat.state == SeatState::Reserved && seat.held_until <= now).map(|seat| Change::Released(seat.id)).collect()
}

/// The deadline: forms a team that may be completed virtually, fails any other.
pub fn expire(team: &Team, now: Timestamp) -> Vec<Change> {
    if team.state != TeamState::Open || team.deadline.is_none_or(|deadline| now < deadline) {
        return Vec::new();
    }
    let paid = team.count(SeatState::Confirmed);
    let end = match team.terms.virtual_from {
        Some(from) if paid >= from => Change::Formed { virtual_seats: team.terms.size - paid },
        _ => Change::Failed,
    };
    team.ended(end)
}

/// A seat's order was cancelled unpaid.
pub fn cancel(team: &Team, seat: SeatId) -> Vec<Change> {
    let Some(seat) = team.seat(seat) else { return Vec::new() };
    let mut changes = Vec::new();
    if seat.state == SeatState::Reserved {
        changes.push(Change::Released(seat.id));
    }
    if team.state == TeamState::Pending && team.leader == seat.id {
        changes.push(Change::Failed);
    }
    changes
}

/// A seat's money went back. While the team gathers its seat is free again and the next one leads if it led; a team that
/// formed stays formed.
pub fn refund(team: &Team, seat: SeatId) -> Vec<Change> {
    let Some(seat) = team.seat(seat).filter(|seat| seat.state != SeatState::Refunded) else { return Vec::new() };
    let mut changes = vec![Change::Refunded(seat.id)];
    if team.leader == seat.id {
        let rest = team.seats.iter().filter(|other| other.state == SeatState::Confirmed && other.id != seat.id);
        match (team.state, rest.min_by_key(|other| (other.confirmed_at, other.no))) {
            (TeamState::Open, Some(next)) => changes.push(Change::Led(next.id)),
            (TeamState::Open | TeamState::Pending, _) => changes.extend(team.clone().apply(&changes[0]).ended(Change::Failed)),
            (TeamState::Formed | TeamState::Failed, _) => {}
        }
    }
    changes
}

impl Team {
    /// A seat by its id.
    pub fn seat(&self, id: SeatId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.id == id)
    }

    /// The seats somebody sits in.
    pub fn live(&self) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(|seat| seat.state.is_live())
    }

    /// How many seats are in a state.
    pub fn count(&self, state: SeatState) -> u32 {
        self.seats.iter().filter(|seat| seat.state == state).count().try_into().unwrap_or(u32::MAX)
    }

    /// The team one step later.
    #[must_use]
    pub fn apply(mut self, change: &Change) -> Self {
        match change {
            Change::Reserved(seat) => self.seats.push(seat.clone()),
            Change::Opened { deadline } => (self.state, self.deadline) = (TeamState::Open, Some(*deadline)),
            Change::Confirmed { seat, no, at } => {
                let (no, at) = (*no, *at);
                self.change(*seat, |seat| {
                    (seat.state, seat.no, seat.confirmed_at) = (SeatState::Confirmed, no, Some(at));
                });
            }
            Change::Released(seat) => self.change(*seat, |seat| seat.state = SeatState::Released),
            Change::Refunded(seat) => self.change(*seat, |seat| seat.state = SeatState::Refunded),
            Change::Led(seat) => self.leader = *seat,
            Change::Formed { virtual_seats } => (self.state, self.virtual_seats) = (TeamState::Formed, *virtual_seats),
            Change::Failed => self.state = TeamState::Failed,
        }
        self
    }

    fn change(&mut self, id: SeatId, change: impl FnOnce(&mut Seat)) {
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.id == id) {
            change(seat);
        }
    }

    fn free_no(&self) -> Option<u32> {
        (1..=self.terms.size).find(|no| self.live().all(|seat| seat.no != *no))
    }

    /// Until when a seat taken now is held.
    fn hold(&self, now: Timestamp) -> Timestamp {
        let held = now + minutes(u64::from(self.terms.seat_hold_minutes));
        self.deadline.map_or(held, |deadline| held.min(deadline))
    }

    /// A seat is paid: it opens a pending team, and the last one forms an open team.
    fn confirmed(&self, seat: &Seat, no: u32, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::with_capacity(2);
        if self.state == TeamState::Pending {
            changes.push(Change::Opened { deadline: now + hours(u64::from(self.terms.team_hours)) });
        }
        changes.push(Change::Confirmed { seat: seat.id, no, at: now });
        if self.count(SeatState::Confirmed) + 1 == self.terms.size {
            changes.push(Change::Formed { virtual_seats: 0 });
        }
        changes
    }

    /// The end, after giving up the seats nobody paid for.
    fn ended(&self, end: Change) -> Vec<Change> {
        let unpaid = self.live().filter(|seat| seat.state == SeatState::Reserved);
        unpaid.map(|seat| Change::Released(seat.id)).chain([end]).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::group_buy::rules::terms::tests::{sku, terms};
    use uuid::Uuid;

    pub(in super::super) const NOW: Timestamp = Timestamp(1_000_000);

    pub(in super::super) fn buyer(n: u8) -> Buyer {
        Buyer { customer: CustomerId(Uuid::from_u128(n.into())), history: History::New, units: 0, running: None }
    }

    pub(in super::super) fn wish(n: u128) -> Wish {
        Wish { seat: SeatId(Uuid::from_u128(n)), sku: sku(1), quantity: 1, when_full: WhenFull::Refund, inviter: None }
    }

    pub(in super::super) fn order(n: u128) -> OrderId {
        OrderId(Uuid::from_u128(n))
    }

    pub(in super::super) fn all(team: Team, changes: &[Change]) -> Team {
        changes.iter().fold(team, |team, change| team.apply(change))
    }

    /// A team of three that customer 1 opened with seat 1, not paid.
    fn pending() -> Team {
        let terms = terms().for_team(3).expect("3 is on offer");
        let (team, place) = open(TeamId(Uuid::from_u128(1)), terms, (&buyer(1), wish(1)), NOW).expect("opens");
        team.apply(&place.taken_with(order(1)))
    }

    fn sits(team: Team, n: u8) -> Team {
        let place = join(&team, (&buyer(n), wish(n.into())), NOW).expect("there is a seat");
        team.apply(&place.taken_with(order(n.into())))
    }

    fn pays(team: Team, n: u8) -> Team {
        let changes = pay(&team, wish(n.into()).seat, &buyer(n), NOW).expect("has a place");
        all(team, &changes)
    }

    fn opened() -> Team {
        pays(pending(), 1)
    }

    #[test]
    fn the_leaders_clock_starts_at_the_payment() {
        assert_eq!((pending().state, pending().deadline), (TeamState::Pending, None));
        assert_eq!((opened().state, opened().deadline), (TeamState::Open, Some(NOW + hours(24))));
    }

    #[test]
    fn the_last_payment_forms_the_team_and_no_other_does() {
        let two = pays(sits(opened(), 2), 2);
        assert_eq!(two.state, TeamState::Open);
        assert_eq!(pays(sits(two, 3), 3).state, TeamState::Formed);
    }

    #[test]
    fn two_payers_neither_of_them_last_still_form_it() {
        let full = sits(sits(opened(), 2), 3);
        assert_eq!(pays(pays(full, 3), 2).state, TeamState::Formed);
    }

    #[test]
    fn who_may_not_sit_down_is_told_why() {
        let strict = |change: fn(&mut Team)| {
            let mut team = opened();
            change(&mut team);
            team
        };
        let returning = Buyer { history: History::Returning, ..buyer(2) };
        let elsewhere = Buyer { running: Some(TeamId(Uuid::from_u128(9))), ..buyer(2) };
        let satisfied = Buyer { units: 4, ..buyer(2) };
        let many = Wish { quantity: 3, ..wish(2) };
        let foreign = Wish { sku: sku(9), ..wish(2) };
        for (team, buyer, wish, now, refused) in [
            (pending(), buyer(2), wish(2), NOW, SeatRefused::Closed),
            (opened(), buyer(2), wish(2), NOW + hours(24), SeatRefused::Closed),
            (strict(|t| t.state = TeamState::Failed), buyer(2), wish(2), NOW, SeatRefused::Closed),
            (strict(|t| t.state = TeamState::Formed), buyer(2), wish(2), NOW, SeatRefused::Full { joinable: vec![] }),
            (sits(sits(opened(), 3), 4), buyer(2), wish(2), NOW, SeatRefused::Full { joinable: vec![] }),
            (opened(), buyer(1), wish(2), NOW, SeatRefused::AlreadyInTeam),
            (opened(), elsewhere, wish(2), NOW, SeatRefused::AlreadyGathering),
            (strict(|t| t.terms.joiners = Joiners::NewCustomers), returning, wish(2), NOW, SeatRefused::NewCustomersOnly),
            (opened(), satisfied, wish(2), NOW, SeatRefused::CustomerLimit(4)),
            (opened(), buyer(2), many, NOW, SeatRefused::OrderLimit(2)),
            (opened(), buyer(2), foreign, NOW, SeatRefused::SkuNotOffered),
        ] {
            assert_eq!(join(&team, (&buyer, wish), now).err(), Some(refused));
        }
    }

    #[test]
    fn a_returning_customer_may_lead_a_team_for_new_ones() {
        let mut terms = terms().for_team(3).expect("3 is on offer");
        terms.joiners = Joiners::NewCustomers;
        let returning = Buyer { history: History::Returning, ..buyer(1) };
        assert!(open(TeamId(Uuid::from_u128(1)), terms, (&returning, wish(1)), NOW).is_ok());
    }

    #[test]
    fn a_hold_runs_out_and_a_late_payer_takes_what_is_free() {
        let held = sits(sits(opened(), 2), 3);
        assert_eq!(lapse(&held, NOW + minutes(9)), vec![]);
        let lapsed = lapse(&held, NOW + minutes(10));
        assert_eq!(lapsed, vec![Change::Released(wish(2).seat), Change::Released(wish(3).seat)]);
        let free = all(held, &lapsed);
        let retaken = pays(sits(free.clone(), 4), 3);
        assert_eq!(retaken.seat(wish(3).seat).map(|seat| (seat.no, seat.state)), Some((3, SeatState::Confirmed)));
        assert_eq!(pay(&retaken, wish(2).seat, &buyer(2), NOW), Err(Homeless::Full));
        let sits_again = Buyer { running: Some(TeamId(Uuid::from_u128(9))), ..buyer(2) };
        assert_eq!(pay(&free, wish(2).seat, &sits_again, NOW), Err(Homeless::Elsewhere));
    }

    #[test]
    fn no_seat_is_held_beyond_the_deadline() {
        let late = NOW + hours(24) - minutes(3);
        let place = join(&opened(), (&buyer(2), wish(2)), late).expect("still gathering");
        assert_eq!(place.held_until(), NOW + hours(24));
    }

    #[test]
    fn a_pending_team_waits_for_its_leader_even_after_the_hold() {
        let lapsed = lapse(&pending(), NOW + minutes(10));
        assert_eq!(lapsed, vec![Change::Released(wish(1).seat)]);
        assert_eq!(pays(all(pending(), &lapsed), 1).state, TeamState::Open);
        assert_eq!(cancel(&all(pending(), &lapsed), wish(1).seat), vec![Change::Failed]);
        assert_eq!(cancel(&pending(), wish(1).seat), vec![Change::Released(wish(1).seat), Change::Failed]);
    }

    #[test]
    fn the_deadline_fails_a_team_that_lacks_payers() {
        let team = sits(pays(sits(opened(), 2), 2), 3);
        assert_eq!(expire(&team, NOW + hours(23)), vec![]);
        let failed = all(team.clone(), &expire(&team, NOW + hours(24)));
        assert_eq!(failed.state, TeamState::Failed);
        assert_eq!((failed.count(SeatState::Confirmed), failed.count(SeatState::Released)), (2, 1));
        assert_eq!(pay(&failed, wish(3).seat, &buyer(3), NOW), Err(Homeless::Closed));
        assert_eq!(expire(&failed, NOW + hours(25)), vec![]);
    }

    #[test]
    fn virtual_completion_needs_its_threshold_and_is_marked() {
        let mut team = pays(sits(opened(), 2), 2);
        team.terms.virtual_from = Some(3);
        assert_eq!(all(team.clone(), &expire(&team, NOW + hours(24))).state, TeamState::Failed);
        team.terms.virtual_from = Some(2);
        let formed = all(team.clone(), &expire(&team, NOW + hours(24)));
        assert_eq!((formed.state, formed.virtual_seats), (TeamState::Formed, 1));
    }

    #[test]
    fn when_the_leader_leaves_the_earliest_payer_leads() {
        let team = pays(sits(sits(opened(), 3), 2), 2);
        let led = all(team.clone(), &refund(&team, wish(1).seat));
        assert_eq!((led.state, led.leader), (TeamState::Open, wish(2).seat));
        let alone = all(led.clone(), &refund(&led, wish(2).seat));
        assert_eq!((alone.state, alone.count(SeatState::Reserved)), (TeamState::Failed, 0));
    }

    #[test]
    fn a_formed_team_stays_formed_whoever_leaves() {
        let formed = pays(pays(sits(sits(opened(), 2), 3), 2), 3);
        let left = all(formed.clone(), &refund(&formed, wish(1).seat));
        assert_eq!((left.state, left.leader), (TeamState::Formed, wish(1).seat));
        assert_eq!(refund(&left, wish(1).seat), vec![]);
    }

    #[test]
    fn a_seat_refunded_before_its_payment_was_heard_of_is_free_and_stays_refunded() {
        let team = sits(opened(), 2);
        let left = all(team.clone(), &refund(&team, wish(2).seat));
        assert_eq!(left.state, TeamState::Open);
        assert_eq!(pay(&left, wish(2).seat, &buyer(2), NOW), Ok(vec![]));
        assert_eq!(all(pending(), &refund(&pending(), wish(1).seat)).state, TeamState::Failed);
    }

    #[test]
    fn asking_twice_changes_nothing() {
        let team = opened();
        assert_eq!(pay(&team, wish(1).seat, &buyer(1), NOW), Ok(vec![]));
        assert_eq!(cancel(&team, wish(1).seat), vec![]);
        assert_eq!(pay(&team, wish(7).seat, &buyer(7), NOW), Ok(vec![]));
    }
}
