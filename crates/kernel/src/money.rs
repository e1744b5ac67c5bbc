//! Money: integer minor units and a currency. No float ever touches it; every operation is checked.

use sea_orm::{DeriveActiveEnum, EnumIter, prelude::StringLen};
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency the mall can sell in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[serde(rename_all = "UPPERCASE")]
#[graphql(rename_items = "UPPERCASE")]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(3))")]
pub enum Currency {
    /// Chinese yuan, two decimals.
    #[sea_orm(string_value = "CNY")]
    Cny,
    /// US dollar, two decimals.
    #[sea_orm(string_value = "USD")]
    Usd,
    /// Euro, two decimals.
    #[sea_orm(string_value = "EUR")]
    Eur,
    /// Pound sterling, two decimals.
    #[sea_orm(string_value = "GBP")]
    Gbp,
    /// Hong Kong dollar, two decimals.
    #[sea_orm(string_value = "HKD")]
    Hkd,
    /// Japanese yen, no decimals.
    #[sea_orm(string_value = "JPY")]
    Jpy,
    /// Kuwaiti dinar, three decimals.
    #[sea_orm(string_value = "KWD")]
    Kwd,
}

impl Currency {
    /// How many decimals the minor unit is away from the major one.
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Kwd => 3,
            Self::Cny | Self::Usd | Self::Eur | Self::Gbp | Self::Hkd => 2,
        }
    }
}

/// Why an amount could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// Two currencies met in one sum.
    #[error("amounts of different currencies do not add up")]
    CurrencyMismatch,
}

/// An amount in minor units (cents, fen) of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; may be negative in differences and ledger entries.
    pub minor: i64,
    /// The currency of `minor`.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The sum; refuses to mix currencies and to overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.minor.checked_add(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// The difference, which may be negative.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.minor.checked_sub(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// `n` times the amount.
    pub fn times(self, n: i64) -> Result<Self, MoneyError> {
        self.minor.checked_mul(n).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// Splits by `weights` with the largest remainder: the shares sum to the whole, always.
    ///
    /// Weights must not be negative; when all are zero the first share takes everything.
    pub fn allocate(self, weights: &[i64]) -> Vec<Self> {
        let total: i128 = weights.iter().map(|&w| i128::from(w)).sum();
        if total == 0 {
            return weights.iter().enumerate().map(|(i, _)| Self { minor: if i == 0 { self.minor } else { 0 }, ..self }).collect();
        }
        let whole = i128::from(self.minor);
        let mut shares: Vec<i128> = weights.iter().map(|&w| (whole * i128::from(w)).div_euclid(total)).collect();
        let rest = whole - shares.iter().sum::<i128>();
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|&i| std::cmp::Reverse(((whole * i128::from(weights[i])).rem_euclid(total), std::cmp::Reverse(i))));
        for &i in by_remainder.iter().take(usize::try_from(rest).unwrap_or(0)) {
            shares[i] += 1;
        }
        shares.into_iter().map(|share| Self { minor: i64::try_from(share).expect("a share is no larger than the whole"), ..self }).collect()
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::CurrencyMismatch) }
    }
}

impl std::fmt::Display for Money {
    /// `CNY 21.47`, for logs and commands; screens format for their own locale.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = usize::try_from(self.currency.exponent()).unwrap_or(0);
        let unit = 10_u64.pow(self.currency.exponent());
        let (sign, absolute) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        write!(f, "{} {sign}{}", format!("{:?}", self.currency).to_uppercase(), absolute / unit)?;
        if digits > 0 { write!(f, ".{:0digits$}", absolute % unit) } else { Ok(()) }
    }
}

/// A rate in basis points: 10 000 is the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bps(pub i64);

impl Bps {
    /// The share of `amount`, rounded towards zero: the giver keeps the fraction of a cent.
    pub fn of(self, amount: Money) -> Result<Money, MoneyError> {
        let share = i128::from(amount.minor) * i128::from(self.0) / 10_000;
        i64::try_from(share).map(|minor| Money { minor, ..amount }).map_err(|_| MoneyError::Overflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_print_with_the_decimals_of_their_currency() {
        assert_eq!(Money::new(2147, Currency::Cny).to_string(), "CNY 21.47");
        assert_eq!(Money::new(-5, Currency::Usd).to_string(), "USD -0.05");
        assert_eq!(Money::new(300, Currency::Jpy).to_string(), "JPY 300");
        assert_eq!(Money::new(1234, Currency::Kwd).to_string(), "KWD 1.234");
    }

    #[test]
    fn currencies_do_not_mix_and_nothing_wraps_around() {
        let (cny, usd) = (Money::new(1, Currency::Cny), Money::new(1, Currency::Usd));
        assert_eq!(cny.plus(usd), Err(MoneyError::CurrencyMismatch));
        assert_eq!(Money::new(i64::MAX, Currency::Cny).plus(cny), Err(MoneyError::Overflow));
        assert_eq!(Money::new(i64::MAX, Currency::Cny).times(2), Err(MoneyError::Overflow));
        assert_eq!(Bps(20_000).of(Money::new(i64::MAX, Currency::Cny)), Err(MoneyError::Overflow));
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_whole(whole in 0..i64::MAX, weights in prop::collection::vec(0..1_000_000_000_i64, 1..50)) {
            let shares = Money::new(whole, Currency::Cny).allocate(&weights);
            prop_assert_eq!(shares.iter().map(|s| i128::from(s.minor)).sum::<i128>(), i128::from(whole));
            prop_assert!(shares.iter().all(|s| s.minor >= 0));
        }

        #[test]
        fn equal_weights_differ_by_one_cent_at_most(whole in 0..1_000_000_i64, n in 1..50_usize) {
            let shares = Money::new(whole, Currency::Cny).allocate(&vec![1; n]);
            let (low, high) = (shares.iter().map(|s| s.minor).min(), shares.iter().map(|s| s.minor).max());
            prop_assert!(high.zip(low).is_some_and(|(high, low)| high - low <= 1));
        }
    }
}
