//! Points, tax, donations and the usual freight, as the merchant sets them.

use kernel::FreightTemplateId;
use serde::{Deserialize, Serialize};

/// The largest donation with one order, in minor units.
pub const MOST_DONATION: i64 = 10_000_000;

/// What points are worth at checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsTerms {
    /// So many points …
    pub points: i64,
    /// … take off so much, in minor units.
    pub minor: i64,
    /// The most of the goods' price that points pay, in basis points.
    pub most_bps: i64,
}

/// How tax and duty come about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaxMode {
    /// Prices include it.
    #[default]
    Included,
    /// It is added to what the goods cost, by each SKU's rate.
    Added,
}

/// What the merchant sets for all prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What points are worth; none are taken when not said.
    pub points: Option<PointsTerms>,
    /// How tax comes about.
    pub tax: TaxMode,
    /// Whether the shopper may give to others with an order.
    pub donations: bool,
    /// What bringing a SKU without a template of its own costs; nothing when not said.
    pub freight: Option<FreightTemplateId>,
}

/// Why settings are not kept: the field that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong(pub &'static str);

impl Settings {
    /// The settings, if they make sense.
    pub fn checked(self) -> Result<Self, Wrong> {
        let sane = |terms: &PointsTerms| {
            (1..=1_000_000).contains(&terms.points) && (1..=1_000_000).contains(&terms.minor) && (1..=10_000).contains(&terms.most_bps)
        };
        if self.points.as_ref().is_some_and(|terms| !sane(terms)) {
            return Err(Wrong("points"));
        }
        Ok(self)
    }
}

impl PointsTerms {
    /// How many points of `wanted` are spent on goods of this price, and what they take off: never more points than
    /// the amount needs.
    pub fn spend(&self, wanted: i64, goods_minor: i64) -> (i64, i64) {
        let (points, minor) = (i128::from(self.points), i128::from(self.minor));
        let worth = i128::from(wanted.max(0)) * minor / points;
        let most = i128::from(goods_minor.max(0)) * i128::from(self.most_bps) / 10_000;
        let taken = worth.min(most);
        let needed = (taken * points + minor - 1) / minor;
        (i64::try_from(needed).unwrap_or(0), i64::try_from(taken).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn points_pay_no_more_than_their_part() {
        let terms = PointsTerms { points: 100, minor: 100, most_bps: 5_000 };
        assert_eq!(terms.spend(1_000, 10_000), (1_000, 1_000));
        assert_eq!(terms.spend(9_999, 10_000), (5_000, 5_000));
        let coarse = PointsTerms { points: 3, minor: 2, most_bps: 10_000 };
        assert_eq!(coarse.spend(10, 1_000), (9, 6), "the tenth point would buy nothing");
        assert_eq!(coarse.spend(-5, 1_000), (0, 0));
    }

    proptest! {
        #[test]
        fn never_more_points_than_wanted_and_spending_those_again_is_the_same(
            points in 1..5_000_i64, minor in 1..5_000_i64, most_bps in 1..10_001_i64, wanted in 0..1_000_000_000_i64, goods in 0..1_000_000_000_i64,
        ) {
            let terms = PointsTerms { points, minor, most_bps };
            let (used, off) = terms.spend(wanted, goods);
            prop_assert!(used <= wanted && off <= goods && off >= 0);
            prop_assert_eq!(terms.spend(used, goods), (used, off));
        }
    }
}
