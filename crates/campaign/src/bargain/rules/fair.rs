//! How large each cut is: a plan made of a secret seed before anybody helps, and a draw from it for each helper.
//!
//! ```text
//!  seed, record, prices, N ──▶ plan: N shares, each ≥ 1, that sum to first − floor      fixed before the first cut
//!  seed, record, k, helper ──▶ which of the shares that are left the k-th helper draws  unknown until they come
//! ```
//!
//! Whoever comes, in whatever order, draws shares of the same plan: the sum is the plan's, exactly N cuts reach the floor,
//! and no cut is less than one minor unit. A new customer may draw several shares and keep the largest; the others stay in
//! the plan, so the sum stays the same. `docs/bargain.md` says it so that anybody can write it again.
//!
//! Chance is an argument: `roll` answers every message with a number nobody can guess without the seed.

use std::collections::BTreeSet;

use kernel::{BargainRecordId, CustomerId};

/// Names the algorithm; the first part of every message.
pub const VERSION: &str = "liebian.bargain.v1";

/// The longest word a helper may mix in.
pub const LONGEST_SALT: usize = 64;

/// What the cuts of one record come out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Whose cuts.
    pub record: BargainRecordId,
    /// Where the price begins, in minor units.
    pub first: i64,
    /// Where it ends.
    pub floor: i64,
    /// How many cuts lead from one to the other.
    pub cuts: u32,
}

/// Who draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw<'a> {
    /// The cut's number, from 1.
    pub no: u32,
    /// Whose cut it is.
    pub helper: CustomerId,
    /// A word of the helper's own, or nothing.
    pub salt: &'a str,
    /// How many shares they draw; the largest is their cut.
    pub draws: u32,
}

/// A share of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its number in the plan, from 1.
    pub no: u32,
    /// Its minor units.
    pub minor: i64,
}

impl Deal {
    /// What all cuts sum to.
    pub const fn depth(&self) -> i64 {
        self.first - self.floor
    }

    /// Whether there is such a plan at all: a floor that can be reached in cuts of one minor unit or more.
    pub fn is_sound(&self) -> bool {
        self.floor >= 0 && self.cuts >= 1 && self.first.checked_sub(self.floor).is_some_and(|depth| depth >= i64::from(self.cuts))
    }

    /// The shares: each at least one minor unit and, while others follow, at most one more than twice the average of what
    /// is left; the last takes the rest.
    pub fn plan(&self, roll: impl Fn(&str) -> u128) -> Vec<i64> {
        let mut surplus = u128::try_from(self.depth() - i64::from(self.cuts)).unwrap_or_default();
        (1..=self.cuts)
            .map(|no| {
                let left = u128::from(self.cuts - no + 1);
                let extra = match left {
                    1 => surplus,
                    _ => {
                        roll(&format!("{VERSION}|plan|{}|{}|{}|{}|{no}", self.record, self.first, self.floor, self.cuts))
                            % (2 * surplus / left + 1)
                    }
                };
                surplus -= extra;
                1 + i64::try_from(extra).expect("a share is no larger than the whole")
            })
            .collect()
    }

    /// The share a helper draws of those that are not taken; none when all are.
    pub fn draw(&self, (plan, taken): (&[i64], &BTreeSet<u32>), by: Draw<'_>, roll: impl Fn(&str) -> u128) -> Option<Share> {
        let left: Vec<Share> =
            (1..).zip(plan).map(|(no, minor)| Share { no, minor: *minor }).filter(|share| !taken.contains(&share.no)).collect();
        let size = u128::try_from(left.len()).ok().filter(|size| *size > 0)?;
        let Draw { no, helper, salt, draws } = by;
        let drawn = (1..=draws).filter_map(|draw| {
            let place = roll(&format!("{VERSION}|cut|{}|{no}|{helper}|{salt}|{draw}", self.record)) % size;
            left.get(usize::try_from(place).ok()?).copied()
        });
        // Of equal ones the first in the plan.
        drawn.max_by_key(|share| (share.minor, std::cmp::Reverse(share.no)))
    }
}

/// Whether a helper's word can be mixed in: letters, digits, dots, dashes, underscores.
pub fn is_salt(text: &str) -> bool {
    text.len() <= LONGEST_SALT && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    /// A chance that is none: the same for the same seed and message, different for others.
    pub(in crate::bargain) fn chance(seed: u64) -> impl Fn(&str) -> u128 {
        move |message| {
            message.bytes().fold(u128::from(seed) | 1, |state, byte| {
                (state ^ u128::from(byte)).wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645).rotate_left(29)
            })
        }
    }

    pub(in crate::bargain) fn deal(floor: i64, depth: i64, cuts: u32) -> Deal {
        Deal { record: BargainRecordId(Uuid::from_u128(1)), first: floor + depth, floor, cuts }
    }

    fn helper(n: u32) -> CustomerId {
        CustomerId(Uuid::from_u128(n.into()))
    }

    /// A floor, a depth and a number of cuts that fits it.
    fn deals() -> impl Strategy<Value = Deal> {
        let depth = prop_oneof![1..200_i64, 1..1_000_000_i64, Just(i64::MAX / 2)];
        (0..1_000_000_i64, depth, 1..=1_000_u32)
            .prop_map(|(floor, depth, cuts)| deal(floor, depth, cuts.min(u32::try_from(depth).unwrap_or(u32::MAX))))
    }

    #[test]
    fn one_cut_takes_it_all_and_the_tightest_plan_is_all_ones() {
        assert_eq!(deal(100, 4_900, 1).plan(chance(7)), [4_900]);
        assert_eq!(deal(0, 5, 5).plan(chance(7)), [1; 5]);
        assert!(!deal(0, 5, 6).is_sound() && !deal(0, 0, 1).is_sound() && !deal(-1, 5, 1).is_sound() && !deal(0, 5, 0).is_sound());
    }

    #[test]
    fn nobody_draws_when_all_is_taken() {
        let deal = deal(0, 10, 2);
        let by = Draw { no: 3, helper: helper(1), salt: "", draws: 1 };
        assert_eq!(deal.draw((&[4, 6], &BTreeSet::from([1, 2])), by, chance(1)), None);
        assert_eq!(deal.draw((&[4, 6], &BTreeSet::from([1])), by, chance(1)), Some(Share { no: 2, minor: 6 }));
    }

    #[test]
    fn a_word_of_ones_own_is_plain() {
        for (word, fits) in [("", true), ("Lucky-7.x_y", true), ("a|b", false), ("好运", false), (" ", false)] {
            assert_eq!(is_salt(word), fits, "{word}");
        }
        assert!(is_salt(&"x".repeat(64)) && !is_salt(&"x".repeat(65)));
    }

    proptest! {
        #[test]
        fn a_plan_is_an_exact_partition(deal in deals(), seed in any::<u64>()) {
            let plan = deal.plan(chance(seed));
            prop_assert_eq!(plan.len(), deal.cuts as usize);
            prop_assert!(plan.iter().all(|share| *share >= 1));
            prop_assert_eq!(plan.iter().map(|share| i128::from(*share)).sum::<i128>(), i128::from(deal.depth()));
            prop_assert_eq!(&plan, &deal.plan(chance(seed)), "the same seed, the same plan");
        }

        #[test]
        fn no_share_but_the_last_is_above_twice_the_average_of_what_is_left(deal in deals(), seed in any::<u64>()) {
            let mut left = i128::from(deal.depth());
            for (n, share) in deal.plan(chance(seed)).iter().enumerate().take(deal.cuts as usize - 1) {
                let cuts = i128::from(deal.cuts) - n as i128;
                prop_assert!(i128::from(*share) <= 1 + 2 * (left - cuts) / cuts);
                left -= i128::from(*share);
            }
        }

        /// Whoever comes in whatever order, new or not, with a word or without: the price falls by what is said, reaches
        /// the floor with the last cut and not before, and never goes below.
        #[test]
        fn every_crowd_reaches_the_floor_with_exactly_n_cuts(
            deal in deals(), seed in any::<u64>(), crowd in prop::collection::vec((any::<u32>(), 1..=5_u32, "[a-z]{0,3}"), 1..60)
        ) {
            let plan = deal.plan(chance(seed));
            let (mut taken, mut price) = (BTreeSet::new(), deal.first);
            for no in 1..=deal.cuts {
                prop_assert!(price > deal.floor);
                let (who, draws, salt) = &crowd[no as usize % crowd.len()];
                let by = Draw { no, helper: helper(who.wrapping_add(no)), salt, draws: *draws };
                let share = deal.draw((&plan, &taken), by, chance(seed)).expect("one is left");
                prop_assert!(share.minor >= 1 && taken.insert(share.no) && plan[share.no as usize - 1] == share.minor);
                price -= share.minor;
                prop_assert!(price >= deal.floor);
            }
            prop_assert_eq!(price, deal.floor);
        }

        #[test]
        fn who_draws_more_often_never_gets_less(deal in deals(), seed in any::<u64>(), who in any::<u32>(), draws in 1..5_u32) {
            let plan = deal.plan(chance(seed));
            let drawn = |draws| deal.draw((&plan, &BTreeSet::new()), Draw { no: 1, helper: helper(who), salt: "", draws }, chance(seed));
            let (once, often) = (drawn(draws).expect("one is left"), drawn(draws + 1).expect("one is left"));
            prop_assert!(often.minor >= once.minor);
        }
    }
}
