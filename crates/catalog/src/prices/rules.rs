//! Which price may be struck through.

use std::time::Duration;

use kernel::{Timestamp, days};

/// How far back a reduction is compared.
pub const LOOKS_BACK: Duration = days(7);

/// A price that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// How much, in minor units.
    pub minor: i64,
    /// From then on.
    pub starts_at: Timestamp,
    /// Until then; none while nobody knows.
    pub ends_at: Option<Timestamp>,
}

impl Asked {
    /// Whether it was asked at some moment of the window.
    fn within(&self, (from, until): (Timestamp, Timestamp)) -> bool {
        self.starts_at < until
            && self.ends_at.is_none_or(|ends_at| ends_at > from)
            && self.ends_at.is_none_or(|ends_at| ends_at > self.starts_at)
    }
}

/// The lowest price asked in the seven days before a reduction began; where nothing was asked in them, the last before.
pub fn lowest_before(asked: &[Asked], began: Timestamp) -> Option<i64> {
    let week = (began - LOOKS_BACK, began);
    let lowest = asked.iter().filter(|price| price.within(week)).map(|price| price.minor).min();
    lowest.or_else(|| {
        let before = asked.iter().filter(|price| price.ends_at.is_some_and(|ends_at| ends_at <= week.0));
        before.max_by_key(|price| (price.ends_at, std::cmp::Reverse(price.minor))).map(|price| price.minor)
    })
}

/// What may be shown struck through beside `price`, which is asked since `began`: the lowest of the seven days before, if
/// it was more.
pub fn compare_at(asked: &[Asked], (price, began): (i64, Timestamp)) -> Option<i64> {
    lowest_before(asked, began).filter(|lowest| *lowest > price)
}

/// Whose price another price is compared with, when that is said beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Named {
    /// What its maker recommends to ask (厂商建议零售价).
    RecommendedRetail,
    /// What this mall asked first (首发价).
    FirstPrice,
    /// What it costs elsewhere (其他渠道价).
    OtherChannel,
}

/// What a price that is struck through is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The lowest of the seven days before the reduction began: what nobody has to be told.
    LowestOfSevenDays,
    /// Another one, told beside it.
    Named(Named),
}

/// What is struck through beside `price`, and what it is: the price whose base is named where it is above what is asked,
/// else the lowest of the seven days before the reduction, if there is one.
pub fn struck(asked: &[Asked], (price, began): (i64, Option<Timestamp>), named: Option<(i64, Named)>) -> Option<(i64, Base)> {
    let named = named.filter(|(minor, _)| *minor > price).map(|(minor, base)| (minor, Base::Named(base)));
    named.or_else(|| Some((compare_at(asked, (price, began?))?, Base::LowestOfSevenDays)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(minor: i64, from: u64, until: Option<u64>) -> Asked {
        Asked { minor, starts_at: Timestamp(0) + days(from), ends_at: until.map(|until| Timestamp(0) + days(until)) }
    }

    fn on(day: u64) -> Timestamp {
        Timestamp(0) + days(day)
    }

    #[test]
    fn the_lowest_of_the_week_before_is_the_base() {
        let history = [asked(100, 0, None), asked(80, 20, Some(22))];
        assert_eq!(compare_at(&history, (60, on(30))), Some(100), "the sale was longer ago");
        assert_eq!(compare_at(&history, (60, on(28))), Some(80), "the sale was within the week");
        assert_eq!(compare_at(&history, (80, on(28))), None, "what is not lower is not struck through");
    }

    /// Raised the day before to look cheaper: the law's own example.
    #[test]
    fn a_price_raised_for_the_purpose_is_no_base() {
        let history = [asked(100, 0, Some(29)), asked(200, 29, None)];
        assert_eq!(compare_at(&history, (90, on(30))), Some(100));
        assert_eq!(compare_at(&history, (120, on(30))), None);
    }

    #[test]
    fn without_a_price_in_the_week_the_last_one_before_counts() {
        let history = [asked(100, 0, Some(5)), asked(90, 5, Some(10))];
        assert_eq!(lowest_before(&history, on(30)), Some(90));
        assert_eq!(lowest_before(&[], on(30)), None, "what is new has no past");
        assert_eq!(lowest_before(&[asked(70, 30, None)], on(30)), None, "what begins now is not before");
    }

    #[test]
    fn a_price_above_the_weeks_lowest_is_struck_through_with_its_base_only() {
        let history = [asked(100, 0, None)];
        let (now, recommended) = (Some(on(30)), Named::RecommendedRetail);
        assert_eq!(struck(&history, (60, now), Some((150, recommended))), Some((150, Base::Named(recommended))));
        assert_eq!(struck(&history, (60, now), None), Some((100, Base::LowestOfSevenDays)));
        assert_eq!(
            struck(&history, (100, None), Some((150, recommended))),
            Some((150, Base::Named(recommended))),
            "without a reduction too"
        );
        assert_eq!(struck(&history, (100, None), None), None);
        assert_eq!(struck(&history, (100, None), Some((100, recommended))), None, "what is not lower is not struck through");
        assert_eq!(struck(&history, (60, now), Some((50, recommended))), Some((100, Base::LowestOfSevenDays)));
    }

    proptest! {
        #[test]
        fn nothing_above_the_weeks_lowest_is_shown_without_its_base(
            spans in prop::collection::vec((1..1_000i64, 0..40u64, 0..20u64), 0..12),
            (price, market) in (1..1_000i64, prop::option::of(1..1_000i64)),
            began in prop::option::of(8..50u64),
        ) {
            let history: Vec<Asked> = spans.iter().map(|&(minor, from, length)| asked(minor, from, Some(from + length))).collect();
            let named = market.map(|market| (market, Named::OtherChannel));
            match struck(&history, (price, began.map(on)), named) {
                Some((shown, Base::LowestOfSevenDays)) => {
                    prop_assert!(shown > price);
                    prop_assert_eq!(Some(shown), began.and_then(|began| lowest_before(&history, on(began))));
                }
                Some((shown, Base::Named(base))) => {
                    prop_assert!(shown > price);
                    prop_assert_eq!(named, Some((shown, base)));
                }
                None => prop_assert!(market.is_none_or(|market| market <= price)),
            }
        }

        #[test]
        fn what_is_struck_through_was_never_undercut_in_the_week(
            spans in prop::collection::vec((1..1_000i64, 0..40u64, 0..20u64), 0..12),
            price in 1..1_000i64,
            began in 8..50u64,
        ) {
            let history: Vec<Asked> = spans.iter().map(|&(minor, from, length)| asked(minor, from, Some(from + length))).collect();
            if let Some(shown) = compare_at(&history, (price, on(began))) {
                prop_assert!(shown > price);
                // At no moment of the seven days was less asked than what is struck through.
                for quarter in 0..28 {
                    let at = on(began - 7) + kernel::hours(6 * quarter);
                    let then = history.iter().filter(|a| a.starts_at <= at && a.ends_at.is_some_and(|end| at < end)).map(|a| a.minor).min();
                    prop_assert!(then.is_none_or(|then| then >= shown));
                }
            }
        }
    }
}
