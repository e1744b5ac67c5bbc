//! How many pieces go at a discount's prices, of one customer over its life and in all: a line goes as a whole or not at all.

/// The most pieces at a discount's prices; no limit where it does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Most {
    /// Of one customer, over the discount's life.
    pub per_customer: Option<i64>,
    /// In all.
    pub in_all: Option<i64>,
}

/// What was taken of a discount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// By the customer who asks.
    pub by_customer: i64,
    /// By everybody.
    pub in_all: i64,
}

impl Most {
    /// Whether there is any limit.
    pub fn is_any(self) -> bool {
        self.per_customer.is_some() || self.in_all.is_some()
    }

    /// What is left when so much was taken.
    pub fn left(self, used: Used) -> Limits {
        let limit = |most: Option<i64>, used| most.map(|most| Limit::of(most, used));
        Limits { customer: limit(self.per_customer, used.by_customer), in_all: limit(self.in_all, used.in_all) }
    }
}

/// A limit, and what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many pieces.
    pub most: i64,
    /// So many of them are to be had.
    pub left: i64,
}

impl Limit {
    /// The limit, when so many pieces are taken.
    pub fn of(most: i64, used: i64) -> Self {
        Self { most, left: most.saturating_sub(used).max(0) }
    }
}

/// What is left at a discount's prices for one shopper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of what one customer gets.
    pub customer: Option<Limit>,
    /// Of what there is in all.
    pub in_all: Option<Limit>,
}

/// Which limit is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The customer's.
    Customer(Limit),
    /// Everybody's.
    InAll(Limit),
}

impl Limits {
    /// Whether there is any.
    pub fn are_any(self) -> bool {
        self.customer.is_some() || self.in_all.is_some()
    }

    /// Whether a piece is left.
    pub fn is_open(mut self) -> bool {
        self.take(1).is_ok()
    }

    /// Takes so many pieces, all of them or none.
    pub fn take(&mut self, pieces: i64) -> Result<(), Full> {
        if let Some(limit) = self.customer.filter(|limit| limit.left < pieces) {
            return Err(Full::Customer(limit));
        }
        if let Some(limit) = self.in_all.filter(|limit| limit.left < pieces) {
            return Err(Full::InAll(limit));
        }
        for limit in [&mut self.customer, &mut self.in_all].into_iter().flatten() {
            limit.left -= pieces;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_go_together_or_not_at_all() {
        let most = Most { per_customer: Some(3), in_all: Some(10) };
        let left = |by_customer, in_all| most.left(Used { by_customer, in_all });
        assert_eq!(left(1, 4).take(2), Ok(()));
        assert_eq!(left(1, 4).take(3), Err(Full::Customer(Limit { most: 3, left: 2 })));
        assert_eq!(left(0, 9).take(2), Err(Full::InAll(Limit { most: 10, left: 1 })));
        assert!(left(2, 9).is_open() && !left(3, 9).is_open() && !left(2, 10).is_open());
        assert_eq!(Most::default().left(Used { by_customer: 9, in_all: 9 }).take(i64::MAX), Ok(()));
        assert!(most.is_any() && left(0, 0).are_any() && !Most::default().is_any() && !Limits::default().are_any());
    }

    proptest! {
        #[test]
        fn no_more_goes_than_there_is(
            (each, all) in (prop::option::of(1..50_i64), prop::option::of(1..50_i64)),
            (by_customer, in_all) in (0..60_i64, 0..60_i64),
            wanted in prop::collection::vec(1..20_i64, 0..20),
        ) {
            let mut limits = Most { per_customer: each, in_all: all }.left(Used { by_customer, in_all });
            let mut taken = 0;
            for pieces in wanted {
                let fits = each.is_none_or(|most| by_customer + taken + pieces <= most)
                    && all.is_none_or(|most| in_all + taken + pieces <= most);
                prop_assert_eq!(limits.take(pieces).is_ok(), fits);
                taken += if fits { pieces } else { 0 };
            }
        }
    }
}
