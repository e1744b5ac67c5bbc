//! What may go into a wallet and out of it, and who has to say yes.

use kernel::{Currency, Money, StaffId};

/// The most that is topped up at once, in major units.
pub const MOST_AT_ONCE: i64 = 50_000;

/// The most staff move at once, in major units.
pub const MOST_BY_HAND: i64 = 1_000_000;

/// The least that is paid out at once, in major units.
pub const LEAST_OUT: i64 = 1;

/// The most that is paid out at once, in major units.
pub const MOST_OUT: i64 = 20_000;

/// From this on a person looks at a withdrawal, in major units.
pub const REVIEWED_FROM: i64 = 200;

/// From this on two persons do, in major units.
pub const FOUR_EYES_FROM: i64 = 5_000;

/// Why an amount is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountRefused {
    /// Nothing, or less.
    Nothing,
    /// More than this.
    TooMuch(i64),
}

fn minor(major: i64, currency: Currency) -> i64 {
    major * 10_i64.pow(currency.exponent())
}

/// Whether so much can be topped up at once.
pub fn top_up(amount: Money) -> Result<(), AmountRefused> {
    within(amount.minor, minor(MOST_AT_ONCE, amount.currency))
}

/// Whether staff may move so much, in either direction.
pub fn by_hand(amount: Money) -> Result<(), AmountRefused> {
    within(amount.minor.checked_abs().unwrap_or(i64::MAX), minor(MOST_BY_HAND, amount.currency))
}

/// Whether so much can be paid out at once, and how many people must say yes.
pub fn withdraw(amount: Money) -> Result<i64, AmountRefused> {
    let from = |major| amount.minor >= minor(major, amount.currency);
    if !from(LEAST_OUT) {
        return Err(AmountRefused::Nothing);
    }
    within(amount.minor, minor(MOST_OUT, amount.currency))?;
    Ok(i64::from(from(REVIEWED_FROM)) + i64::from(from(FOUR_EYES_FROM)))
}

/// What a yes comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yes {
    /// Another person must say it too.
    First,
    /// That was all.
    Last,
}

/// The same person wants to say yes twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SameEyes;

/// What it comes to when `by` says yes to a withdrawal that needs so many and has `first`.
pub fn approve(needed: i64, first: Option<StaffId>, by: StaffId) -> Result<Yes, SameEyes> {
    match first {
        Some(first) if first == by => Err(SameEyes),
        None if needed > 1 => Ok(Yes::First),
        _ => Ok(Yes::Last),
    }
}

fn within(minor: i64, most: i64) -> Result<(), AmountRefused> {
    match minor {
        ..=0 => Err(AmountRefused::Nothing),
        minor if minor > most => Err(AmountRefused::TooMuch(most)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_above_nothing_and_within_the_limit_of_its_currency() {
        let cny = |minor| Money::new(minor, Currency::Cny);
        assert_eq!(top_up(cny(1)), Ok(()));
        assert_eq!(top_up(cny(5_000_000)), Ok(()));
        assert_eq!(top_up(cny(5_000_001)), Err(AmountRefused::TooMuch(5_000_000)));
        assert_eq!([top_up(cny(0)), top_up(cny(-1)), by_hand(cny(0))], [Err(AmountRefused::Nothing); 3]);
        assert_eq!(top_up(Money::new(50_000, Currency::Jpy)), Ok(()));
        assert_eq!(by_hand(cny(-5)), Ok(()));
        assert_eq!(by_hand(cny(i64::MIN)), Err(AmountRefused::TooMuch(100_000_000)));
    }

    #[test]
    fn the_more_goes_out_the_more_people_say_yes() {
        let needs = |major: i64, more: i64| withdraw(Money::new(major * 100 + more, Currency::Cny));
        assert_eq!([needs(1, 0), needs(199, 99), needs(200, 0), needs(4_999, 99), needs(5_000, 0)], [Ok(0), Ok(0), Ok(1), Ok(1), Ok(2)]);
        assert_eq!([needs(0, 99), needs(-1, 0), needs(i64::MIN / 200, 0)], [Err(AmountRefused::Nothing); 3]);
        assert_eq!((needs(20_000, 0), needs(20_000, 1)), (Ok(2), Err(AmountRefused::TooMuch(2_000_000))));
    }

    #[test]
    fn four_eyes_are_of_two_people() {
        let (ann, bob) = (StaffId(uuid::Uuid::from_u128(1)), StaffId(uuid::Uuid::from_u128(2)));
        assert_eq!(approve(1, None, ann), Ok(Yes::Last));
        assert_eq!(approve(2, None, ann), Ok(Yes::First));
        assert_eq!((approve(2, Some(ann), ann), approve(2, Some(ann), bob)), (Err(SameEyes), Ok(Yes::Last)));
    }
}
