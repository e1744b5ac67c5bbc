//! The counter: who of a batch of shoppers gets what, in the order they came.

use std::collections::BTreeMap;

use kernel::{CustomerId, FlashSalePassId, SkuId};

use super::sale::Phase;

/// What a shopper asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// With which pass; one pass is one purchase, however often it is shown.
    pub pass: FlashSalePassId,
    /// Who.
    pub customer: CustomerId,
    /// What.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
}

/// What a shopper is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The goods are theirs to pay for.
    Accepted,
    /// So many are left, and they asked for more.
    SoldOut {
        /// How many.
        left: i64,
    },
    /// They have all one customer may have.
    LimitReached {
        /// How many that is.
        most: i64,
    },
    /// The sale has not begun.
    NotStarted,
    /// The sale is stopped for now.
    Paused,
    /// The sale is over.
    Ended,
}

/// What the counter knows of a sale before it serves a batch, and afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Whether it sells.
    pub phase: Phase,
    /// The most pieces of one customer.
    pub most_per_customer: i64,
    /// What can be bought, by SKU.
    pub available: BTreeMap<SkuId, i64>,
    /// What the customers of the batch have, by customer.
    pub bought: BTreeMap<CustomerId, i64>,
    /// The passes of the batch that got their goods before.
    pub known: Vec<FlashSalePassId>,
}

/// A served batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// One answer per ask.
    pub answers: Vec<Answer>,
    /// Which asks take goods now, by place in the batch.
    pub fresh: Vec<usize>,
    /// How many pieces go, by SKU.
    pub taken: BTreeMap<SkuId, i64>,
    /// How many pieces each customer gets.
    pub given: BTreeMap<CustomerId, i64>,
}

impl Counter {
    /// Serves a batch in the order it came. A pass that got its goods before, or earlier in the batch, is told so again and
    /// takes nothing.
    pub fn serve(mut self, asks: &[Ask]) -> Served {
        let mut served = Served::default();
        for (place, ask) in asks.iter().enumerate() {
            let answer = self.answer(ask);
            if answer == Answer::Accepted && !self.known.contains(&ask.pass) {
                *self.available.entry(ask.sku).or_default() -= ask.quantity;
                *self.bought.entry(ask.customer).or_default() += ask.quantity;
                *served.taken.entry(ask.sku).or_default() += ask.quantity;
                *served.given.entry(ask.customer).or_default() += ask.quantity;
                self.known.push(ask.pass);
                served.fresh.push(place);
            }
            served.answers.push(answer);
        }
        served
    }

    fn answer(&self, ask: &Ask) -> Answer {
        if self.known.contains(&ask.pass) {
            return Answer::Accepted;
        }
        match self.phase {
            Phase::Upcoming => return Answer::NotStarted,
            Phase::Paused => return Answer::Paused,
            Phase::Ended => return Answer::Ended,
            Phase::Running => {}
        }
        let left = self.available.get(&ask.sku).copied().unwrap_or_default();
        let has = self.bought.get(&ask.customer).copied().unwrap_or_default();
        if has + ask.quantity > self.most_per_customer {
            Answer::LimitReached { most: self.most_per_customer }
        } else if left < ask.quantity {
            Answer::SoldOut { left }
        } else {
            Answer::Accepted
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn ask(pass: u128, customer: u128, quantity: i64) -> Ask {
        Ask {
            pass: FlashSalePassId(Uuid::from_u128(pass)),
            customer: CustomerId(Uuid::from_u128(customer)),
            sku: SkuId(Uuid::from_u128(pass % 2)),
            quantity,
        }
    }

    fn counter(available: i64, most_per_customer: i64) -> Counter {
        let available = [0, 1].map(|n| (SkuId(Uuid::from_u128(n)), available)).into();
        Counter { phase: Phase::Running, most_per_customer, available, bought: BTreeMap::new(), known: Vec::new() }
    }

    #[test]
    fn first_come_first_served_until_there_is_none() {
        let asks = [ask(2, 1, 1), ask(4, 2, 1), ask(6, 3, 1)];
        let served = counter(2, 1).serve(&asks);
        assert_eq!(served.answers, [Answer::Accepted, Answer::Accepted, Answer::SoldOut { left: 0 }]);
        assert_eq!(served.fresh, [0, 1]);
    }

    #[test]
    fn who_wants_more_than_is_left_leaves_it_to_who_wants_less() {
        let served = counter(2, 3).serve(&[ask(2, 1, 3), ask(4, 2, 2)]);
        assert_eq!(served.answers, [Answer::SoldOut { left: 2 }, Answer::Accepted]);
    }

    #[test]
    fn a_pass_shown_twice_is_one_purchase() {
        let mut known = counter(5, 1);
        known.known.push(FlashSalePassId(Uuid::from_u128(8)));
        let served = known.serve(&[ask(2, 1, 1), ask(2, 1, 1), ask(8, 9, 1)]);
        assert_eq!(served.answers, [Answer::Accepted; 3]);
        assert_eq!((served.fresh, served.taken.values().sum::<i64>()), (vec![0], 1));
    }

    #[test]
    fn outside_its_time_it_sells_nothing_but_remembers_what_it_sold() {
        for (phase, answer) in [(Phase::Upcoming, Answer::NotStarted), (Phase::Paused, Answer::Paused), (Phase::Ended, Answer::Ended)] {
            let mut closed = Counter { phase, ..counter(5, 1) };
            closed.known.push(FlashSalePassId(Uuid::from_u128(4)));
            assert_eq!(closed.serve(&[ask(2, 1, 1), ask(4, 2, 1)]).answers, [answer, Answer::Accepted]);
        }
    }

    proptest! {
        /// However many come in whatever order: never more than there is, nobody above the limit, and nobody is sent away
        /// who could have been served.
        #[test]
        fn never_oversells_never_undersells_and_keeps_the_limit(
            stock in 0..20_i64,
            most in 1..5_i64,
            passes in prop::collection::vec(0..40_u128, 0..60),
        ) {
            // A pass is one customer's, for one thing: its number says whose and what.
            let asks: Vec<Ask> = passes.into_iter().map(|pass| ask(pass, pass % 8, 1 + i64::try_from(pass % 3).unwrap_or(0))).collect();
            let served = counter(stock, most).serve(&asks);
            prop_assert_eq!(served.answers.len(), asks.len());
            for (sku, taken) in &served.taken {
                prop_assert!(*taken <= stock, "{sku} {taken}");
            }
            for given in served.given.values() {
                prop_assert!(*given <= most);
            }
            prop_assert_eq!(served.taken.values().sum::<i64>(), served.given.values().sum::<i64>());
            prop_assert_eq!(served.fresh.iter().map(|n| asks[*n].quantity).sum::<i64>(), served.taken.values().sum::<i64>());
            for (n, answer) in served.answers.iter().enumerate() {
                let before = |earlier: &&usize| **earlier < n && asks[**earlier].sku == asks[n].sku;
                let left = stock - served.fresh.iter().filter(before).map(|earlier| asks[*earlier].quantity).sum::<i64>();
                if let Answer::SoldOut { left: told } = answer {
                    prop_assert!(*told == left && left < asks[n].quantity);
                }
            }
            // Served again, everybody is told the same and nothing more is taken.
            let mut later = counter(stock, most);
            later.known = served.fresh.iter().map(|n| asks[*n].pass).collect();
            later.bought = served.given.clone();
            for (sku, taken) in &served.taken {
                *later.available.entry(*sku).or_default() -= taken;
            }
            let winners: Vec<Ask> = served.fresh.iter().map(|n| asks[*n]).collect();
            let again = later.serve(&winners);
            prop_assert!(again.taken.is_empty() && again.answers.iter().all(|answer| *answer == Answer::Accepted));
        }

        /// While one piece is left, whoever asks for one within the limit gets it: with more shoppers than stock all of it goes.
        #[test]
        fn sells_everything_when_enough_want_it(stock in 0..50_i64, shoppers in 0..120_u128) {
            let asks: Vec<Ask> = (0..shoppers).map(|n| ask(n * 2, n, 1)).collect();
            let served = counter(stock, 1).serve(&asks);
            prop_assert_eq!(served.fresh.len() as i64, Ord::min(stock, i64::try_from(shoppers).unwrap_or(0)));
        }
    }
}
