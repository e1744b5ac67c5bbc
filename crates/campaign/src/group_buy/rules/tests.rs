//! Whatever buyers do, in whatever order: a team never outgrows its size, forms exactly when enough have paid, and
//! nobody has "paid and nothing".

use std::collections::BTreeSet;

use kernel::{SeatId, TeamId, hours, minutes};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    team::{
        Change, SeatState, Team, TeamState, cancel, expire, join, lapse, open, pay, refund,
        tests::{NOW, all, buyer, order, wish},
    },
    terms::{TeamPrice, tests::sku, tests::terms},
};

/// What happens next to a team.
#[derive(Clone, Debug)]
enum Move {
    /// A customer asks for a seat.
    Joins(u8),
    /// The nth seat's order is paid, perhaps late, perhaps twice.
    Pays(usize),
    /// The nth seat's order is cancelled, if it is not paid.
    Cancels(usize),
    /// The nth seat's money goes back, if it is paid.
    Refunds(usize),
    /// Time passes and the sweeps come by.
    Waits(u8),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0..9_u8).prop_map(Move::Joins),
        6 => (0..12_usize).prop_map(Move::Pays),
        1 => (0..12_usize).prop_map(Move::Cancels),
        1 => (0..12_usize).prop_map(Move::Refunds),
        1 => (0..60_u8).prop_map(Move::Waits),
    ];
    prop::collection::vec(one, 0..60)
}

/// A team, the seats whose money is here, and the seats that were told to get it back.
struct World {
    team: Team,
    paid: BTreeSet<SeatId>,
    owed: BTreeSet<SeatId>,
    cancelled: BTreeSet<SeatId>,
}

impl World {
    fn new(size: u32, virtual_from: Option<u32>) -> Self {
        let mut campaign = terms();
        campaign.prices = vec![TeamPrice { sku: sku(1), size, minor: 100 }];
        let mut terms = campaign.for_team(size).expect("on offer");
        terms.virtual_from = virtual_from;
        let (team, place) = open(TeamId(Uuid::from_u128(1)), terms, (&buyer(0), wish(100)), NOW).expect("opens");
        Self { team: team.apply(&place.taken_with(order(100))), paid: BTreeSet::new(), owed: BTreeSet::new(), cancelled: BTreeSet::new() }
    }

    fn go(&mut self, changes: &[Change]) {
        self.team = all(self.team.clone(), changes);
    }

    fn nth(&self, n: usize) -> SeatId {
        self.team.seats[n % self.team.seats.len()].id
    }

    fn customer_of(&self, seat: SeatId) -> u8 {
        let customer = self.team.seat(seat).expect("known").customer;
        u8::try_from(customer.0.as_u128()).expect("small")
    }
}

fn sound(world: &World) -> Result<(), TestCaseError> {
    let team = &world.team;
    let live: Vec<_> = team.live().collect();
    let size = usize::try_from(team.terms.size).expect("small");
    prop_assert!(live.len() <= size, "outgrown");
    prop_assert_eq!(live.iter().map(|seat| seat.no).collect::<BTreeSet<_>>().len(), live.len(), "two sit on one seat");
    prop_assert_eq!(live.iter().map(|seat| seat.customer).collect::<BTreeSet<_>>().len(), live.len(), "one sits on two seats");
    prop_assert!(live.iter().all(|seat| (1..=team.terms.size).contains(&seat.no)));
    if team.state == TeamState::Open {
        prop_assert!(team.count(SeatState::Confirmed) < team.terms.size, "full and still open");
        let leader = team.seat(team.leader).expect("a leader sits in the team");
        prop_assert_eq!(leader.state, SeatState::Confirmed, "who leads has paid");
    }
    for seat in &team.seats {
        let here = world.paid.contains(&seat.id) && !world.owed.contains(&seat.id);
        prop_assert_eq!(here && seat.state != SeatState::Refunded, seat.state == SeatState::Confirmed, "paid and nothing");
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_happens_nobody_is_lost(size in 2..6_u32, threshold in prop::option::of(1..6_u32), steps in moves()) {
        let mut world = World::new(size, threshold.map(|n| n.min(size)));
        let (mut now, mut next) = (NOW, 1_u128);
        for step in steps {
            let before = world.team.clone();
            match step {
                Move::Joins(n) => {
                    if let Ok(place) = join(&world.team, (&buyer(n), wish(next)), now) {
                        world.go(&[place.taken_with(order(next))]);
                        next += 1;
                    }
                }
                Move::Pays(n) => {
                    let seat = world.nth(n);
                    if !world.cancelled.contains(&seat) && world.team.seat(seat).is_some_and(|s| s.state != SeatState::Refunded) {
                        let first = world.paid.insert(seat);
                        match pay(&world.team, seat, &buyer(world.customer_of(seat)), now) {
                            Ok(changes) => if !world.owed.contains(&seat) { world.go(&changes) },
                            Err(_) => { prop_assert!(first || world.owed.contains(&seat)); world.owed.insert(seat); }
                        }
                    }
                }
                Move::Cancels(n) => {
                    let seat = world.nth(n);
                    if !world.paid.contains(&seat) {
                        world.cancelled.insert(seat);
                        let changes = cancel(&world.team, seat);
                        world.go(&changes);
                    }
                }
                Move::Refunds(n) => {
                    let seat = world.nth(n);
                    if world.paid.contains(&seat) {
                        let changes = refund(&world.team, seat);
                        world.go(&changes);
                    }
                }
                Move::Waits(quarters) => {
                    now = now + minutes(15 * u64::from(quarters));
                    let changes = lapse(&world.team, now);
                    world.go(&changes);
                    let changes = expire(&world.team, now);
                    world.go(&changes);
                }
            }
            sound(&world)?;
            let over = matches!(before.state, TeamState::Formed | TeamState::Failed);
            prop_assert!(!over || world.team.state == before.state, "an end is an end");
            if before.state != TeamState::Formed && world.team.state == TeamState::Formed {
                prop_assert_eq!(world.team.count(SeatState::Confirmed) + world.team.virtual_seats, size, "formed with enough");
                let enough = world.team.terms.virtual_from.unwrap_or(size);
                prop_assert!(world.team.count(SeatState::Confirmed) >= enough, "formed above the threshold");
            }
        }
        now = now + hours(200);
        let changes = lapse(&world.team, now);
        world.go(&changes);
        let changes = expire(&world.team, now);
        world.go(&changes);
        sound(&world)?;
        prop_assert!(world.team.state != TeamState::Open, "no team gathers for ever");
        prop_assert_eq!(world.team.count(SeatState::Reserved), 0, "no seat is held for ever");
    }
}
