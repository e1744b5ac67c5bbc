//! What may be booked, and what a block's hash covers.

use std::collections::BTreeMap;

use kernel::{Currency, Money, PostingId, Timestamp};

/// An account of the books.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Money a payment provider holds for us, by its code.
    GatewayClearing(String),
    /// Money shoppers paid for orders that are not theirs yet.
    OrderHeld,
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::GatewayClearing(gateway) => write!(f, "gateway_clearing:{gateway}"),
            Self::OrderHeld => f.write_str("order_held"),
        }
    }
}

/// One leg: positive into the account, negative out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where.
    pub account: Account,
    /// How much; never zero.
    pub money: Money,
}

/// One business fact, booked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What kind: `charge`, `refund`.
    pub business_type: &'static str,
    /// Which one.
    pub business_id: String,
    /// Its legs.
    pub entries: Vec<Entry>,
}

impl Posting {
    /// Moves `money` from one account to another.
    pub fn transfer(business_type: &'static str, business_id: impl Into<String>, from: Account, to: Account, money: Money) -> Self {
        let out = Entry { account: from, money: Money { minor: -money.minor, ..money } };
        Self { business_type, business_id: business_id.into(), entries: vec![Entry { account: to, money }, out] }
    }
}

/// A posting that is not bookable: a bug of the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// Fewer than two legs.
    #[error("a posting has two legs at least")]
    TooFewLegs,
    /// A leg of nothing.
    #[error("a leg moves nothing")]
    ZeroLeg,
    /// The legs of a currency do not sum to zero.
    #[error("the {0:?} legs sum to {1}")]
    NotZero(Currency, i128),
}

/// Whether the legs sum to zero in each currency.
pub fn balanced<'a>(legs: impl IntoIterator<Item = &'a Money>) -> Result<(), Unbalanced> {
    let (mut sums, mut count) = (BTreeMap::<Currency, i128>::new(), 0);
    for money in legs {
        if money.minor == 0 {
            return Err(Unbalanced::ZeroLeg);
        }
        *sums.entry(money.currency).or_default() += i128::from(money.minor);
        count += 1;
    }
    if count < 2 {
        return Err(Unbalanced::TooFewLegs);
    }
    match sums.into_iter().find(|(_, sum)| *sum != 0) {
        Some((currency, sum)) => Err(Unbalanced::NotZero(currency, sum)),
        None => Ok(()),
    }
}

/// What stands before the first block.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A booked posting as its block sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Its id; a block's postings are hashed in the order of their ids.
    pub id: PostingId,
    /// What kind.
    pub business_type: String,
    /// Which one.
    pub business_id: String,
    /// When.
    pub posted_at: Timestamp,
    /// Account and money, in the order of the legs.
    pub legs: Vec<(String, Money)>,
}

/// The text a block's hash is taken over: the previous hash, the height, then a line for each leg. Fields are JSON, so
/// no value can be read as another.
pub fn block_text(previous: &str, height: i64, postings: &[Booked]) -> String {
    let mut text = serde_json::json!([previous, height, postings.len()]).to_string();
    for posting in postings {
        for (leg, (account, money)) in posting.legs.iter().enumerate() {
            text.push('\n');
            let line = serde_json::json!([
                posting.id,
                posting.business_type,
                posting.business_id,
                posting.posted_at,
                leg,
                account,
                money.minor,
                money.currency
            ]);
            text.push_str(&line.to_string());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    #[test]
    fn only_balanced_postings_are_bookable() {
        assert_eq!(balanced(&[cny(5), cny(-5)]), Ok(()));
        assert_eq!(balanced(&[cny(5), cny(-4)]), Err(Unbalanced::NotZero(Currency::Cny, 1)));
        assert_eq!(balanced(&[cny(0), cny(0)]), Err(Unbalanced::ZeroLeg));
        assert_eq!(balanced(&[]), Err(Unbalanced::TooFewLegs));
        assert_eq!(balanced(&[cny(5), Money::new(-5, Currency::Usd)]), Err(Unbalanced::NotZero(Currency::Cny, 5)));
    }

    proptest! {
        #[test]
        fn a_transfer_is_always_balanced(minor in 1..i64::MAX) {
            let posting = Posting::transfer("charge", "p1", Account::OrderHeld, Account::GatewayClearing("sandbox".into()), cny(minor));
            prop_assert_eq!(balanced(posting.entries.iter().map(|entry| &entry.money)), Ok(()));
        }

        #[test]
        fn a_changed_amount_changes_the_text(minor in 1..1_000_000_i64, other in 1..1_000_000_i64) {
            let booked = |minor| Booked {
                id: PostingId(Default::default()), business_type: "charge".into(), business_id: "p1".into(),
                posted_at: Timestamp(0), legs: vec![("a".into(), cny(minor)), ("b".into(), cny(-minor))],
            };
            let same = block_text(GENESIS, 1, &[booked(minor)]) == block_text(GENESIS, 1, &[booked(other)]);
            prop_assert_eq!(same, minor == other);
        }
    }
}
