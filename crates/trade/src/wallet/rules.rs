//! What may go into a wallet.

use kernel::{Currency, Money};

/// The most that is topped up at once, in major units.
pub const MOST_AT_ONCE: i64 = 50_000;

/// The most staff move at once, in major units.
pub const MOST_BY_HAND: i64 = 1_000_000;

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
}
