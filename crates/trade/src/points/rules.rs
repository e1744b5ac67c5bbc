//! Which points move: pure arithmetic over a customer's lots.

use std::time::Duration;

use kernel::{PointsLotId, Timestamp, days};

/// How long points live once they can be spent.
pub const LIFETIME: Duration = days(365);

/// How long points live that come back after their time.
pub const GRACE: Duration = days(30);

/// The most points one movement is about.
pub const MOST: i64 = 1_000_000_000;

/// How many points a hundred minor units earn.
pub const RATE: i64 = 1;

/// How long after the goods arrived earned points stay frozen: as long as they may be sent back.
pub const FROZEN: Duration = days(7);

/// What an order earns for so much money that stays with the mall; a begun hundred earns nothing.
pub fn earned(minor: i64) -> i64 {
    minor.max(0) / 100 * RATE
}

/// How many of `points` belong to `back` of `whole`, counted from the first cent: cumulative floors sum to the whole.
pub fn share(points: i64, back: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return points;
    }
    let share = i128::from(points) * i128::from(back.clamp(0, whole)) / i128::from(whole);
    i64::try_from(share).unwrap_or(points)
}

/// Points that came together, as far as the arithmetic needs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Which.
    pub id: PointsLotId,
    /// How many are left of it.
    pub remaining: i64,
    /// Whether they can be spent.
    pub released: bool,
    /// When they are over.
    pub expires_at: Timestamp,
}

/// So many of one lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which.
    pub lot: PointsLotId,
    /// How many.
    pub points: i64,
}

/// Takes `wanted` of what can be spent now, of what expires first. Refused with how many there are.
pub fn take(lots: &[Lot], wanted: i64, now: Timestamp) -> Result<Vec<Part>, i64> {
    let mut usable: Vec<&Lot> = lots.iter().filter(|lot| lot.released && lot.remaining > 0 && lot.expires_at > now).collect();
    usable.sort_by_key(|lot| (lot.expires_at, lot.id));
    let there: i64 = usable.iter().map(|lot| lot.remaining).sum();
    if there < wanted {
        return Err(there);
    }
    Ok(cut(usable.into_iter().map(|lot| (lot.id, lot.remaining)), wanted))
}

/// Gives `wanted` back to where it was taken: what was taken last, and lives longest, first.
pub fn give_back(taken: &[Part], wanted: i64) -> Vec<Part> {
    cut(taken.iter().rev().map(|part| (part.lot, part.points)), wanted)
}

/// Takes `wanted` back from somebody: of the lot it came in, then of what lives longest; the rest is owed.
pub fn take_back(lots: &[Lot], source: PointsLotId, wanted: i64) -> (Vec<Part>, i64) {
    let mut order: Vec<&Lot> = lots.iter().filter(|lot| lot.remaining > 0 && (lot.id == source || lot.released)).collect();
    order.sort_by_key(|lot| (lot.id != source, std::cmp::Reverse((lot.expires_at, lot.id))));
    let parts = cut(order.into_iter().map(|lot| (lot.id, lot.remaining)), wanted);
    let taken: i64 = parts.iter().map(|part| part.points).sum();
    (parts, wanted - taken)
}

fn cut(lots: impl Iterator<Item = (PointsLotId, i64)>, wanted: i64) -> Vec<Part> {
    let mut left = wanted;
    let parts = lots.map(|(lot, there)| {
        let points = there.min(left);
        left -= points;
        Part { lot, points }
    });
    parts.filter(|part| part.points > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: usize) -> PointsLotId {
        // Ids are sorted by birth.
        format!("ptl_{n:032x}").parse().expect("an id")
    }

    fn lot(n: usize, remaining: i64, expires_at: i64) -> Lot {
        Lot { id: id(n), remaining, released: true, expires_at: Timestamp(expires_at) }
    }

    const NOW: Timestamp = Timestamp(100);

    #[test]
    fn what_expires_first_is_spent_first_and_what_is_over_never() {
        let lots = [lot(1, 10, 300), lot(2, 10, 200), lot(3, 10, 100), Lot { released: false, ..lot(4, 10, 150) }];
        assert_eq!(take(&lots, 15, NOW), Ok(vec![Part { lot: id(2), points: 10 }, Part { lot: id(1), points: 5 }]));
        assert_eq!(take(&lots, 21, NOW), Err(20));
    }

    #[test]
    fn what_is_taken_back_comes_of_its_own_lot_first_and_the_rest_is_owed() {
        let frozen = Lot { released: false, ..lot(1, 10, 500) };
        let lots = [frozen, lot(2, 3, 200), Lot { released: false, ..lot(3, 99, 900) }];
        assert_eq!(take_back(&lots, id(1), 12), (vec![Part { lot: id(1), points: 10 }, Part { lot: id(2), points: 2 }], 0));
        assert_eq!(take_back(&lots, id(1), 15).1, 2);
        assert_eq!(take_back(&[], id(1), 15), (vec![], 15));
    }

    #[test]
    fn only_whole_hundreds_earn() {
        assert_eq!([earned(-5), earned(99), earned(100), earned(5_999)], [0, 0, 1, 59]);
    }

    proptest! {
        #[test]
        fn shares_of_parts_sum_to_the_whole(points in 0..100_000_i64, cuts in prop::collection::vec(1..10_000_i64, 1..20)) {
            let whole: i64 = cuts.iter().sum();
            let (mut back, mut given) = (0, 0);
            for cut in cuts {
                back += cut;
                let now = share(points, back, whole) - given;
                prop_assert!(now >= 0);
                given += now;
            }
            prop_assert_eq!(given, points);
        }

        #[test]
        fn what_is_taken_is_what_was_wanted_and_comes_back_whole(
            lots in prop::collection::vec((0..100_i64, 0..300_i64), 0..12), wanted in 1..600_i64,
        ) {
            let lots: Vec<Lot> = lots.into_iter().enumerate().map(|(n, (left, until))| lot(n, left, until)).collect();
            let there: i64 = lots.iter().filter(|lot| lot.expires_at > NOW).map(|lot| lot.remaining).sum();
            match take(&lots, wanted, NOW) {
                Err(available) => prop_assert!(available == there && there < wanted),
                Ok(parts) => {
                    prop_assert_eq!(parts.iter().map(|part| part.points).sum::<i64>(), wanted);
                    for part in &parts {
                        let of = lots.iter().find(|lot| lot.id == part.lot).expect("one of them");
                        prop_assert!(part.points > 0 && part.points <= of.remaining && of.expires_at > NOW);
                    }
                    let back = give_back(&parts, wanted);
                    prop_assert_eq!(back.iter().map(|part| part.points).sum::<i64>(), wanted);
                    prop_assert_eq!(back.len(), parts.len());
                }
            }
        }
    }
}
