//! Reductions of the whole basket: so much off from so much on, the n-th piece, so many for one price, bundles, gifts.

use std::collections::BTreeMap;

use kernel::{Bps, Currency, LocalizedText, Money, ReductionId, SkuId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::pricing::rules::scope::Scope;

/// The most steps of one reduction, and the most things in one bundle.
const MOST_STEPS: usize = 20;

/// The largest amount, in minor units.
const MOST_MINOR: i64 = 1_000_000_000;

/// What the steps count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Measure {
    /// What the covered goods cost, in minor units.
    Amount,
    /// How many pieces they are.
    Pieces,
}

/// What a step takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Off {
    /// So much, in minor units.
    Minor(i64),
    /// A share, in basis points.
    Bps(i64),
}

/// A step: from so much on, so much off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// From this amount or number on.
    pub from: i64,
    /// What it takes off.
    pub off: Off,
}

/// What a reduction does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Effect {
    /// The highest step that is reached takes off.
    Tiers {
        /// What the steps count.
        measure: Measure,
        /// From the lowest to the highest.
        tiers: Vec<Tier>,
    },
    /// For every so much, so much off.
    Every {
        /// What is counted.
        measure: Measure,
        /// For every so much …
        each: i64,
        /// … so much off, in minor units.
        off_minor: i64,
        /// At most so often.
        most_times: Option<i64>,
    },
    /// Of every n pieces, the cheapest has a share off.
    NthPiece {
        /// Of so many pieces.
        n: i64,
        /// The share, in basis points; 10 000 is for nothing.
        off_bps: i64,
    },
    /// Any n pieces for one price, the dearest together.
    AnyFor {
        /// So many pieces …
        pieces: i64,
        /// … for this much, in minor units.
        price_minor: i64,
    },
    /// These things together for one price, as often as they are there.
    Bundle {
        /// Which, and how many of each.
        items: BTreeMap<SkuId, i64>,
        /// For this much, in minor units.
        price_minor: i64,
    },
    /// From so much on, something is given along while there is some.
    Gift {
        /// What is counted.
        measure: Measure,
        /// From so much on.
        from: i64,
        /// What is given.
        sku: SkuId,
        /// How many.
        quantity: i64,
    },
}

impl Effect {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Tiers { .. } => "REDUCTION_TIERS",
            Self::Every { .. } => "REDUCTION_EVERY",
            Self::NthPiece { .. } => "REDUCTION_NTH_PIECE",
            Self::AnyFor { .. } => "REDUCTION_ANY_FOR",
            Self::Bundle { .. } => "REDUCTION_BUNDLE",
            Self::Gift { .. } => "REDUCTION_GIFT",
        }
    }
}

/// A reduction as it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// Which.
    pub id: ReductionId,
    /// What it is called.
    pub title: LocalizedText,
    /// What it does, on what.
    pub terms: Terms,
    /// The larger goes first.
    pub priority: i64,
    /// From then on.
    pub starts_at: Timestamp,
    /// Until then.
    pub ends_at: Timestamp,
}

/// What a reduction does, on what, with what else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What it does.
    pub effect: Effect,
    /// Of every amount.
    pub currency: Currency,
    /// On what.
    pub scope: Scope,
    /// Also on lines with the price of a play.
    pub with_plays: bool,
}

/// A line as a reduction sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// What one costs, in minor units.
    pub unit_minor: i64,
}

/// Why a reduction is not kept: the field that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong(pub &'static str);

impl Terms {
    /// The terms, if they make sense.
    pub fn checked(self) -> Result<Self, Wrong> {
        if !self.scope.is_sane() {
            return Err(Wrong("scope"));
        }
        let amount = |minor: i64| (1..=MOST_MINOR).contains(&minor);
        let fine = match &self.effect {
            Effect::Tiers { tiers, .. } => {
                let rising = tiers.windows(2).all(|pair| pair[0].from < pair[1].from);
                let off = |tier: &Tier| match tier.off {
                    Off::Minor(minor) => amount(minor),
                    Off::Bps(bps) => (1..=9_999).contains(&bps),
                };
                (1..=MOST_STEPS).contains(&tiers.len()) && rising && tiers.iter().all(|tier| amount(tier.from) && off(tier))
            }
            Effect::Every { each, off_minor, most_times, .. } => {
                amount(*each) && amount(*off_minor) && most_times.is_none_or(|most| most >= 1)
            }
            Effect::NthPiece { n, off_bps } => (2..=20).contains(n) && (1..=10_000).contains(off_bps),
            Effect::AnyFor { pieces, price_minor } => (2..=99).contains(pieces) && amount(*price_minor),
            Effect::Bundle { items, price_minor } => {
                let several = items.values().sum::<i64>() >= 2 && items.values().all(|quantity| (1..=99).contains(quantity));
                several && items.len() <= MOST_STEPS && amount(*price_minor)
            }
            Effect::Gift { from, quantity, .. } => amount(*from) && (1..=99).contains(quantity),
        };
        if fine { Ok(self) } else { Err(Wrong("effect")) }
    }

    /// What the reduction takes off each of these lines; nothing when too little is there. Never more than a line costs.
    pub fn off(&self, lines: &[Piece]) -> Option<Vec<i64>> {
        let off = match &self.effect {
            Effect::Tiers { measure, tiers } => {
                let reached = tiers.iter().rev().find(|tier| measured(*measure, lines) >= tier.from)?;
                let whole = total(lines);
                let off = match reached.off {
                    Off::Minor(minor) => minor,
                    Off::Bps(bps) => Bps(bps).of(self.money(whole)).ok()?.minor,
                };
                self.split(off, lines)
            }
            Effect::Every { measure, each, off_minor, most_times } => {
                let times = measured(*measure, lines) / each;
                let times = most_times.map_or(times, |most| times.min(most));
                self.split(times.saturating_mul(*off_minor), lines)
            }
            Effect::NthPiece { n, off_bps } => nth_piece(lines, *n, *off_bps),
            Effect::AnyFor { pieces, price_minor } => self.any_for(lines, (*pieces, *price_minor)),
            Effect::Bundle { items, price_minor } => self.bundle(lines, (items, *price_minor))?,
            Effect::Gift { .. } => return None,
        };
        off.iter().any(|minor| *minor > 0).then_some(off)
    }

    /// What the reduction takes off these lines together; zero when too little is there. The sum of [`Terms::off`],
    /// without splitting what a sum does not need split.
    pub fn saves(&self, lines: &[Piece]) -> i64 {
        match &self.effect {
            Effect::Tiers { measure, tiers } => {
                let Some(reached) = tiers.iter().rev().find(|tier| measured(*measure, lines) >= tier.from) else { return 0 };
                let whole = total(lines);
                let off = match reached.off {
                    Off::Minor(minor) => minor,
                    Off::Bps(bps) => Bps(bps).of(self.money(whole)).map_or(0, |off| off.minor),
                };
                off.clamp(0, whole)
            }
            Effect::Every { measure, each, off_minor, most_times } => {
                let times = measured(*measure, lines) / each;
                let times = most_times.map_or(times, |most| times.min(most));
                times.saturating_mul(*off_minor).clamp(0, total(lines))
            }
            _ => self.off(lines).map_or(0, |off| off.iter().sum()),
        }
    }

    /// What is given along, when enough is there.
    pub fn gift(&self, lines: &[Piece]) -> Option<(SkuId, i64)> {
        match self.effect {
            Effect::Gift { measure, from, sku, quantity } if measured(measure, lines) >= from => Some((sku, quantity)),
            _ => None,
        }
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// Splits an amount, or what the lines cost when that is less, over them.
    fn split(&self, minor: i64, lines: &[Piece]) -> Vec<i64> {
        let weights: Vec<i64> = lines.iter().map(worth).collect();
        let whole = self.money(minor.clamp(0, total(lines)));
        whole.allocate(&weights).into_iter().map(|share| share.minor).collect()
    }

    /// What the chosen pieces cost above the price of so many groups of them, split over the lines they come from.
    fn above(&self, lines: &[Piece], (chosen, price_minor): (&[i64], i64)) -> Vec<i64> {
        let of_chosen: Vec<Piece> = lines.iter().zip(chosen).map(|(line, quantity)| Piece { quantity: *quantity, ..*line }).collect();
        self.split(total(&of_chosen).saturating_sub(price_minor), &of_chosen)
    }

    fn any_for(&self, lines: &[Piece], (pieces, price_minor): (i64, i64)) -> Vec<i64> {
        let groups = lines.iter().map(|line| line.quantity).sum::<i64>() / pieces;
        let mut left = groups * pieces;
        let mut chosen = vec![0; lines.len()];
        for i in dearest_first(lines) {
            chosen[i] = lines[i].quantity.min(left);
            left -= chosen[i];
        }
        self.above(lines, (&chosen, groups.saturating_mul(price_minor)))
    }

    fn bundle(&self, lines: &[Piece], (items, price_minor): (&BTreeMap<SkuId, i64>, i64)) -> Option<Vec<i64>> {
        let there = |sku: &SkuId| lines.iter().filter(|line| line.sku == *sku).map(|line| line.quantity).sum::<i64>();
        let times = items.iter().map(|(sku, quantity)| there(sku) / quantity).min().filter(|times| *times > 0)?;
        let chosen: Vec<i64> = lines.iter().map(|line| items.get(&line.sku).map_or(0, |quantity| quantity * times)).collect();
        Some(self.above(lines, (&chosen, times.saturating_mul(price_minor))))
    }
}

fn worth(line: &Piece) -> i64 {
    line.unit_minor.saturating_mul(line.quantity)
}

fn total(lines: &[Piece]) -> i64 {
    lines.iter().fold(0_i64, |sum, line| sum.saturating_add(worth(line)))
}

fn measured(measure: Measure, lines: &[Piece]) -> i64 {
    match measure {
        Measure::Amount => total(lines),
        Measure::Pieces => lines.iter().map(|line| line.quantity).sum(),
    }
}

/// The lines from the dearest piece to the cheapest; equal ones by SKU, so that the order of lines decides nothing.
fn dearest_first(lines: &[Piece]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(lines[i].unit_minor), lines[i].sku));
    order
}

/// Pieces lie in a row from the dearest to the cheapest; every n-th has the share off.
fn nth_piece(lines: &[Piece], n: i64, off_bps: i64) -> Vec<i64> {
    let mut off = vec![0; lines.len()];
    let mut before = 0;
    for i in dearest_first(lines) {
        let after = before + lines[i].quantity;
        let hit = after / n - before / n;
        let each = i64::try_from(i128::from(lines[i].unit_minor) * i128::from(off_bps) / 10_000).unwrap_or(0);
        off[i] = each.saturating_mul(hit).min(worth(&lines[i]));
        before = after;
    }
    off
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sku(n: u128) -> SkuId {
        SkuId(uuid::Uuid::from_u128(n))
    }

    fn terms(effect: Effect) -> Terms {
        Terms { effect, currency: Currency::Cny, scope: Scope::default(), with_plays: false }
    }

    fn lines(of: &[(i64, i64)]) -> Vec<Piece> {
        of.iter().zip(1..).map(|(&(unit_minor, quantity), n)| Piece { sku: sku(n), quantity, unit_minor }).collect()
    }

    fn off(effect: Effect, of: &[(i64, i64)]) -> Option<i64> {
        terms(effect).off(&lines(of)).map(|off| off.iter().sum())
    }

    #[test]
    fn the_highest_step_that_is_reached_takes_off() {
        let tiers = |measure| Effect::Tiers {
            measure,
            tiers: vec![Tier { from: 3, off: Off::Bps(1_000) }, Tier { from: 1_000, off: Off::Minor(300) }],
        };
        assert_eq!(off(tiers(Measure::Amount), &[(1, 2)]), None);
        assert_eq!(off(tiers(Measure::Amount), &[(999, 1)]), Some(99));
        assert_eq!(off(tiers(Measure::Amount), &[(500, 2)]), Some(300));
        assert_eq!(off(tiers(Measure::Pieces), &[(100, 2), (100, 1)]), Some(30));
        let every = Effect::Every { measure: Measure::Amount, each: 300, off_minor: 40, most_times: Some(3) };
        assert_eq!(off(every.clone(), &[(299, 1)]), None);
        assert_eq!(off(every.clone(), &[(700, 1)]), Some(80));
        assert_eq!(off(every, &[(9_999, 1)]), Some(120));
    }

    #[test]
    fn of_every_n_pieces_the_cheapest_has_a_share_off() {
        let second_half_price = Effect::NthPiece { n: 2, off_bps: 5_000 };
        assert_eq!(off(second_half_price.clone(), &[(100, 1)]), None);
        assert_eq!(terms(second_half_price.clone()).off(&lines(&[(100, 1), (40, 1)])), Some(vec![0, 20]));
        assert_eq!(terms(second_half_price).off(&lines(&[(100, 3), (40, 1)])), Some(vec![50, 20]));
        assert_eq!(off(Effect::NthPiece { n: 3, off_bps: 10_000 }, &[(100, 7)]), Some(200), "buy two, get one");
    }

    #[test]
    fn so_many_for_one_price_takes_the_dearest_and_never_makes_dearer() {
        let any = |price_minor| Effect::AnyFor { pieces: 3, price_minor };
        assert_eq!(terms(any(250)).off(&lines(&[(100, 2), (90, 1), (10, 1)])), Some(vec![28, 12, 0]));
        assert_eq!(off(any(300), &[(100, 2), (90, 1)]), None, "it costs less without");
        assert_eq!(off(any(100), &[(100, 2)]), None);
        let bundle = Effect::Bundle { items: [(sku(1), 1), (sku(2), 2)].into(), price_minor: 150 };
        assert_eq!(off(bundle.clone(), &[(100, 2), (50, 3)]), Some(50), "once, as there are only three of the second");
        assert_eq!(off(bundle.clone(), &[(100, 2), (50, 4)]), Some(100));
        assert_eq!(off(bundle, &[(100, 2), (50, 1)]), None);
        let gift = terms(Effect::Gift { measure: Measure::Amount, from: 200, sku: sku(9), quantity: 1 });
        assert_eq!(gift.gift(&lines(&[(199, 1)])), None);
        assert_eq!(gift.gift(&lines(&[(200, 1)])), Some((sku(9), 1)));
        assert_eq!(gift.off(&lines(&[(200, 1)])), None);
    }

    #[test]
    fn what_makes_no_sense_is_not_kept() {
        let wrong = |effect| terms(effect).checked().is_err();
        assert!(wrong(Effect::Tiers { measure: Measure::Amount, tiers: vec![] }));
        let falling = vec![Tier { from: 5, off: Off::Minor(1) }, Tier { from: 4, off: Off::Minor(2) }];
        assert!(wrong(Effect::Tiers { measure: Measure::Amount, tiers: falling }));
        assert!(wrong(Effect::NthPiece { n: 1, off_bps: 100 }));
        assert!(wrong(Effect::Bundle { items: [(sku(1), 1)].into(), price_minor: 5 }));
        assert!(wrong(Effect::Gift { measure: Measure::Pieces, from: 0, sku: sku(1), quantity: 1 }));
        assert!(terms(Effect::AnyFor { pieces: 2, price_minor: 100 }).checked().is_ok());
    }

    proptest! {
        #[test]
        fn no_line_is_reduced_below_nothing_and_the_order_of_lines_is_irrelevant(
            of in prop::collection::vec((0..100_000_i64, 1..50_i64), 1..12),
            n in 2..6_i64, price in 1..100_000_i64, amount in 1..1_000_000_i64, bps in 1..10_001_i64, turn in 0..12_usize,
        ) {
            let pieces = lines(&of);
            let mut turned = pieces.clone();
            turned.rotate_left(turn % of.len());
            for effect in [
                Effect::NthPiece { n, off_bps: bps },
                Effect::AnyFor { pieces: n, price_minor: price },
                Effect::Bundle { items: [(sku(1), n)].into(), price_minor: price },
                Effect::Every { measure: Measure::Amount, each: amount, off_minor: price, most_times: None },
                Effect::Tiers { measure: Measure::Amount, tiers: vec![Tier { from: 1, off: Off::Minor(amount) }] },
            ] {
                let terms = terms(effect);
                let one = terms.off(&pieces).unwrap_or_else(|| vec![0; pieces.len()]);
                for (off, line) in one.iter().zip(&pieces) {
                    prop_assert!((0..=worth(line)).contains(off));
                }
                prop_assert_eq!(one.iter().sum::<i64>(), terms.saves(&pieces));
                let other = terms.off(&turned).unwrap_or_else(|| vec![0; pieces.len()]);
                prop_assert_eq!(one.iter().sum::<i64>(), other.iter().sum::<i64>());
            }
        }
    }
}
