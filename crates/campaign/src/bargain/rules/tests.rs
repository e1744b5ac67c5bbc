//! Whatever friends and owner do, in whatever order: the price falls by what is said, reaches the floor with the last cut,
//! never goes below, and a bargain ends one way.

use std::collections::BTreeSet;

use kernel::{BargainRecordId, CustomerId, OrderId, Timestamp, hours};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    fair::{self, Draw},
    record::{BuyRefused, Change, CutRefused, Drawn, Record, State, buy, cancelled, cut, expire, first_cut, may_buy, may_cut, paid, start},
    terms::{
        BuyAt, FirstCut, Goal, Prices, Terms,
        tests::{sku, terms},
    },
};

const NOW: Timestamp = Timestamp(1_000_000);

fn customer(n: u32) -> CustomerId {
    CustomerId(Uuid::from_u128(n.into()))
}

fn order(n: u32) -> OrderId {
    OrderId(Uuid::from_u128(n.into()))
}

const OWNER: u32 = 1_000;

fn begun(terms: &Terms) -> Record {
    start(BargainRecordId(Uuid::from_u128(7)), customer(OWNER), terms.for_sku(sku(1)).expect("on offer"), NOW)
}

/// A record and what was drawn of its plan so far.
struct World {
    record: Record,
    plan: Vec<i64>,
    taken: BTreeSet<u32>,
    seed: u64,
}

impl World {
    fn new(terms: &Terms, seed: u64) -> Self {
        let record = begun(terms);
        let plan = record.deal().plan(fair::tests::chance(seed));
        let mut world = Self { record, plan, taken: BTreeSet::new(), seed };
        if terms.first_cut == FirstCut::Owner {
            let changes = first_cut(&world.record, world.drawn(OWNER, 1), NOW);
            world.go(&changes);
        }
        world
    }

    fn drawn(&self, helper: u32, draws: u32) -> Drawn {
        let by = Draw { no: self.record.cuts_made + 1, helper: customer(helper), salt: "", draws };
        let share = self.record.deal().draw((&self.plan, &self.taken), by, fair::tests::chance(self.seed));
        Drawn { helper: customer(helper), share: share.expect("one is left"), draws, salt: String::new() }
    }

    fn helps(&mut self, helper: u32, draws: u32, now: Timestamp) -> Result<(), CutRefused> {
        may_cut(&self.record, customer(helper), now)?;
        let changes = cut(&self.record, self.drawn(helper, draws), now)?;
        self.go(&changes);
        Ok(())
    }

    fn go(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::Cut(cut) = change {
                assert!(self.taken.insert(cut.share.no), "a share was drawn twice");
                assert_eq!(cut.price, self.record.price - cut.share.minor, "what is said is what happens");
            }
            self.record = self.record.clone().apply(change);
        }
    }
}

#[test]
fn the_last_cut_reaches_the_floor_and_starts_the_clock_to_pay() {
    let mut world = World::new(&terms(sku(1)), 3);
    for n in 1..=10 {
        assert_eq!(world.record.state, State::Running);
        assert_eq!(world.helps(n, 1, NOW), Ok(()));
    }
    assert_eq!((world.record.state, world.record.price), (State::FloorReached, 2_900));
    assert_eq!((world.record.pay_by, world.record.remaining().minor), (Some(NOW + hours(12)), 0));
    assert_eq!(world.helps(11, 1, NOW), Err(CutRefused::FloorReached));
    assert!(world.record.is_decided() && !world.record.is_over());
}

#[test]
fn nobody_cuts_after_the_window_nor_for_themselves() {
    let mut world = World::new(&terms(sku(1)), 3);
    assert_eq!(world.helps(OWNER, 1, NOW), Err(CutRefused::OwnRecord));
    assert_eq!(world.helps(1, 1, NOW + hours(24)), Err(CutRefused::Closed), "even before the sweep came by");
    assert_eq!(expire(&world.record, Timestamp((NOW + hours(24)).0 - 1)), []);
    let changes = expire(&world.record, NOW + hours(24));
    world.go(&changes);
    assert_eq!(world.record.state, State::Expired);
    assert_eq!(world.helps(1, 1, NOW), Err(CutRefused::Closed));
    assert_eq!(may_buy(&world.record, NOW), Err(BuyRefused::Closed));
}

#[test]
fn the_owners_first_cut_counts_once() {
    let mut of = terms(sku(1));
    (of.first_cut, of.goal) = (FirstCut::Owner, Goal::Cuts(2));
    let mut world = World::new(&of, 5);
    assert_eq!((world.record.cuts_made, world.record.state), (1, State::Running));
    assert_eq!(first_cut(&world.record, world.drawn(OWNER, 1), NOW), []);
    assert_eq!(world.helps(1, 1, NOW), Ok(()));
    assert_eq!((world.record.price, world.record.state), (2_900, State::FloorReached));
}

#[test]
fn above_the_floor_it_is_sold_only_where_the_campaign_says_so() {
    let mut world = World::new(&terms(sku(1)), 3);
    world.helps(1, 1, NOW).expect("may cut");
    let left = world.record.remaining();
    assert_eq!(buy(&world.record, order(1), NOW), Err(BuyRefused::NotAtFloor(left)));
    let mut of = terms(sku(1));
    of.buy = BuyAt::CurrentPrice;
    let mut world = World::new(&of, 3);
    world.helps(1, 1, NOW).expect("may cut");
    let price = world.record.price;
    assert_eq!(may_buy(&world.record, NOW).map(|money| money.minor), Ok(price));
    let changes = buy(&world.record, order(1), NOW).expect("may buy");
    world.go(&changes);
    assert_eq!(world.helps(2, 1, NOW), Err(CutRefused::Ordered), "an order's price does not move");
    assert_eq!(buy(&world.record, order(2), NOW), Err(BuyRefused::Ordered));
    let changes = cancelled(&world.record, order(1), NOW);
    world.go(&changes);
    assert_eq!((world.record.state, world.record.price), (State::Running, price));
    assert_eq!(world.helps(2, 1, NOW), Ok(()));
}

#[test]
fn a_cancelled_order_gives_the_record_back_until_its_deadline() {
    for (later, ends) in [(hours(11), State::FloorReached), (hours(12), State::PayExpired)] {
        let mut world = World::new(&terms(sku(1)), 3);
        for n in 1..=10 {
            world.helps(n, 1, NOW).expect("may cut");
        }
        let changes = buy(&world.record, order(1), NOW).expect("may buy");
        world.go(&changes);
        assert_eq!(expire(&world.record, NOW + hours(1_000)), [], "an order that waits is not expired under its owner");
        assert_eq!(cancelled(&world.record, order(2), NOW), [], "another order is none of its business");
        let changes = cancelled(&world.record, order(1), NOW + later);
        world.go(&changes);
        assert_eq!((world.record.state, world.record.order), (ends, None));
        assert_eq!(paid(&world.record, order(1)), [], "what was cancelled does not buy");
    }
}

/// What happens next to a record.
#[derive(Clone, Debug)]
enum Move {
    Helps(u32, u32),
    Buys,
    Pays,
    Cancels,
    Waits(u8),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        10 => (0..80_u32, 1..=5_u32).prop_map(|(who, draws)| Move::Helps(who, draws)),
        2 => Just(Move::Buys),
        1 => Just(Move::Pays),
        2 => Just(Move::Cancels),
        1 => (0..20_u8).prop_map(Move::Waits),
    ];
    prop::collection::vec(one, 0..120)
}

proptest! {
    #[test]
    fn whatever_happens_the_price_is_first_minus_the_cuts(
        floor in 1..5_000_i64, depth in 60..9_000_i64, n in 2..60_u32, owner in any::<bool>(), any_price in any::<bool>(),
        seed in any::<u64>(), steps in moves()
    ) {
        let mut of = terms(sku(1));
        of.prices = vec![Prices { sku: sku(1), first: floor + depth, floor }];
        of.goal = Goal::Cuts(n);
        of.first_cut = if owner { FirstCut::Owner } else { FirstCut::Helper };
        of.buy = if any_price { BuyAt::CurrentPrice } else { BuyAt::Floor };
        let of = of.checked().expect("can be promised");
        let mut world = World::new(&of, seed);
        let (mut now, mut orders, mut helped) = (NOW, 0, BTreeSet::new());
        for step in steps {
            let before = world.record.clone();
            match step {
                // One cut per helper is the table's to refuse.
                Move::Helps(who, draws) => if helped.insert(who) && world.helps(who, draws, now).is_err() { helped.remove(&who); },
                Move::Buys => if let Ok(changes) = buy(&world.record, order(orders + 1), now) { orders += 1; world.go(&changes); },
                Move::Pays => { let changes = paid(&world.record, order(orders)); world.go(&changes); }
                Move::Cancels => { let changes = cancelled(&world.record, order(orders), now); world.go(&changes); }
                Move::Waits(hours_) => { now = now + hours(hours_.into()); let changes = expire(&world.record, now); world.go(&changes); }
            }
            let record = &world.record;
            let cut: i64 = world.taken.iter().map(|no| world.plan[*no as usize - 1]).sum();
            prop_assert_eq!(record.price, floor + depth - cut);
            prop_assert!(record.price >= floor && record.price <= before.price);
            prop_assert_eq!(record.price == floor, record.cuts_made == n, "exactly N cuts reach the floor");
            prop_assert_eq!(record.cuts_made as usize, world.taken.len());
            prop_assert_eq!(record.state == State::Ordered || record.state == State::Paid, record.order.is_some());
            prop_assert!(!before.is_over() || *record == before, "an end is an end");
            prop_assert!(any_price || !matches!(record.state, State::Ordered | State::Paid) || record.price == floor);
        }
        now = now + hours(1_000);
        let changes = cancelled(&world.record, order(orders), now);
        world.go(&changes);
        let changes = expire(&world.record, now);
        world.go(&changes);
        prop_assert!(world.record.is_over(), "no bargain goes on for ever");
    }
}
