//! The life of an order's money, leg by leg. One set of rules for every order:
//!
//! ```text
//! charged      gateway_clearing + paid                      order_held − paid
//! order paid   coupon_cost + c   points_cost + p            order_held − (c + p)      the mall pays this part itself
//! completed    order_held + what is left                    sales, freight, tax, donation − their parts
//! forfeited    order_held + what is left                    forfeits − all of it             nothing was sold for it
//! refunded     order_held (or refunds, once earned) + r     gateway_clearing − r      and c, p shrink pro rata
//! ```
//!
//! What goes back is taken from the goods first, then from freight, tax and donation. Shares of the mall's own part are
//! cumulative floors, so that they sum to the whole however the refund was cut.

use kernel::Money;

use super::{Account, Amount};

/// A step of how an order's total came about, as the journal reads it.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    /// The calculator.
    pub step: &'a str,
    /// By how much it changed the total.
    pub minor: i64,
}

/// What an order's price consists of. `paid = goods + freight + tax + donation − coupon − points`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What the shopper pays; its currency is everybody's.
    pub paid: Money,
    /// What bringing it costs.
    pub freight: i64,
    /// Tax and duty.
    pub tax: i64,
    /// For a good cause.
    pub donation: i64,
    /// What coupons pay of it.
    pub coupon: i64,
    /// What points pay of it.
    pub points: i64,
}

impl Parts {
    /// Reads the parts off the trace of the price. Steps that are not named here belong to the goods.
    pub fn of(paid: Money, freight: Money, trace: &[Trace<'_>]) -> Self {
        let sum = |names: &[&str]| trace.iter().filter(|line| names.contains(&line.step)).map(|line| line.minor).sum::<i64>();
        let fits = |part: i64, most: i64| part.clamp(0, most.max(0));
        let (coupon, points) = ((-sum(&["coupon"])).max(0), (-sum(&["points"])).max(0));
        let gross = paid.minor + coupon + points;
        // A coupon may pay the freight: what was asked for it stands in the trace.
        let freight = fits(freight.minor.max(sum(&["shipping"])), gross);
        let tax = fits(sum(&["tax"]), gross - freight);
        let donation = fits(sum(&["donation"]), gross - freight - tax);
        Self { paid, freight, tax, donation, coupon, points }
    }

    /// What the order is worth in the books: what the shopper pays, and what the mall adds.
    fn gross(self) -> i64 {
        self.paid.minor + self.coupon + self.points
    }

    fn amount(self, minor: i64) -> Amount {
        Money { minor, ..self.paid }.into()
    }

    /// What is left of it in the books when so much of the paid money went back.
    fn left(self, refunded: i64) -> i64 {
        let (coupon, points) = self.shares(refunded);
        self.gross() - refunded - coupon - points
    }

    /// The mall's own part of so much of the paid money, counted from its first cent.
    fn shares(self, paid: i64) -> (i64, i64) {
        let part = |whole: i64| {
            let share = i128::from(whole) * i128::from(paid) / i128::from(self.paid.minor.max(1));
            i64::try_from(share).unwrap_or(whole)
        };
        (part(self.coupon), part(self.points))
    }
}

/// Legs of the mall's own part when an order was paid; none when it pays nothing.
pub fn charged(parts: Parts) -> Vec<(Account, Amount)> {
    vec![
        (Account::CouponCost, parts.amount(parts.coupon)),
        (Account::PointsCost, parts.amount(parts.points)),
        (Account::OrderHeld, parts.amount(-(parts.coupon + parts.points))),
    ]
}

/// Legs of an order whose time for complaints is over: what is left of it is earned. `refunded` is what went back before.
pub fn completed(parts: Parts, refunded: i64) -> Vec<(Account, Amount)> {
    let held = parts.left(refunded);
    let mut left = held;
    let mut take = |wanted: i64| {
        let taken = wanted.clamp(0, left);
        left -= taken;
        taken
    };
    let (donation, tax, freight) = (take(parts.donation), take(parts.tax), take(parts.freight));
    vec![
        (Account::OrderHeld, parts.amount(held)),
        (Account::Sales, parts.amount(-left)),
        (Account::Freight, parts.amount(-freight)),
        (Account::TaxCollected, parts.amount(-tax)),
        (Account::Donation, parts.amount(-donation)),
    ]
}

/// Legs of a deposit that is lost: what is left of it is earned, though nothing was sold. `refunded` is what went back
/// before.
pub fn forfeited(parts: Parts, refunded: i64) -> Vec<(Account, Amount)> {
    let left = parts.left(refunded);
    vec![(Account::OrderHeld, parts.amount(left)), (Account::Forfeits, parts.amount(-left))]
}

/// Money of an order that goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// Where it goes to.
    pub to: Account,
    /// How much.
    pub amount: i64,
    /// How much went back before it.
    pub before: i64,
    /// Whether it was earned before: the order was completed, or its deposit lost.
    pub earned: bool,
}

/// Legs of money that goes back.
pub fn refunded(parts: Parts, back: Refunded) -> Vec<(Account, Amount)> {
    let (earlier, now) = (parts.shares(back.before), parts.shares(back.before + back.amount));
    let (coupon, points) = (now.0 - earlier.0, now.1 - earlier.1);
    let from = if back.earned { Account::Refunds } else { Account::OrderHeld };
    vec![
        (from, parts.amount(back.amount + coupon + points)),
        (back.to, parts.amount(-back.amount)),
        (Account::CouponCost, parts.amount(-coupon)),
        (Account::PointsCost, parts.amount(-points)),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::Currency;
    use proptest::prelude::*;

    use super::{
        super::{Posting, bookable},
        *,
    };

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    #[derive(Default)]
    struct Books(BTreeMap<String, i64>);

    impl Books {
        fn book(&mut self, legs: Vec<(Account, Amount)>) {
            let posting = Posting::of("test", "1", legs);
            if posting.is_empty() {
                return;
            }
            assert_eq!(bookable(&posting), Ok(()));
            for entry in posting.entries {
                *self.0.entry(entry.account.to_string()).or_default() += entry.amount.minor;
            }
        }

        fn at(&self, account: &Account) -> i64 {
            self.0.get(&account.to_string()).copied().unwrap_or_default()
        }
    }

    #[test]
    fn a_price_is_read_off_its_trace() {
        let trace = [
            Trace { step: "base_price", minor: 10_000 },
            Trace { step: "coupon", minor: -1_000 },
            Trace { step: "points", minor: -500 },
            Trace { step: "shipping", minor: 800 },
            Trace { step: "tax", minor: 90 },
            Trace { step: "donation", minor: 100 },
        ];
        let parts = Parts::of(cny(9_490), cny(800), &trace);
        assert_eq!(parts, Parts { paid: cny(9_490), freight: 800, tax: 90, donation: 100, coupon: 1_000, points: 500 });
        let mut books = Books::default();
        books.book(vec![(Account::clearing("bank"), cny(9_490).into()), (Account::OrderHeld, cny(-9_490).into())]);
        books.book(charged(parts));
        books.book(completed(parts, 0));
        let earned = [Account::Sales, Account::Freight, Account::TaxCollected, Account::Donation].map(|account| books.at(&account));
        assert_eq!(earned, [-10_000, -800, -90, -100]);
        assert_eq!([Account::CouponCost, Account::PointsCost, Account::OrderHeld].map(|account| books.at(&account)), [1_000, 500, 0]);
    }

    #[test]
    fn freight_a_coupon_pays_is_freight() {
        let trace =
            [Trace { step: "base_price", minor: 5_000 }, Trace { step: "shipping", minor: 800 }, Trace { step: "coupon", minor: -800 }];
        let parts = Parts::of(cny(5_000), cny(0), &trace);
        assert_eq!((parts.freight, parts.coupon, parts.gross()), (800, 800, 5_800));
    }

    proptest! {
        #[test]
        fn whatever_happens_the_books_balance_and_exactly_what_was_paid_goes_back(
            goods in 1..1_000_000_i64, freight in 0..10_000_i64, tax in 0..10_000_i64, donation in 0..1_000_i64,
            coupon_share in 0..100_i64, points_share in 0..100_i64,
            cuts in prop::collection::vec(1..400_000_i64, 0..8), complete_at in 0..10_usize, lost in any::<bool>(),
        ) {
            let (coupon, points) = (goods * coupon_share / 250, goods * points_share / 250);
            let paid = goods + freight + tax + donation - coupon - points;
            let parts = Parts { paid: cny(paid), freight, tax, donation, coupon, points };
            let bank = Account::clearing("bank");
            let mut books = Books::default();
            books.book(vec![(bank.clone(), cny(paid).into()), (Account::OrderHeld, cny(-paid).into())]);
            books.book(charged(parts));
            let (mut back, mut is_complete) = (0, false);
            for (step, cut) in cuts.into_iter().chain([i64::MAX]).enumerate() {
                if step == complete_at {
                    books.book(if lost { forfeited(parts, back) } else { completed(parts, back) });
                    is_complete = true;
                    prop_assert_eq!(books.at(&Account::OrderHeld), 0);
                }
                let amount = cut.min(paid - back);
                if amount > 0 {
                    books.book(refunded(parts, Refunded { to: bank.clone(), amount, before: back, earned: is_complete }));
                    back += amount;
                }
                prop_assert!(books.at(&Account::OrderHeld) <= 0);
                prop_assert!(books.at(&Account::CouponCost) >= 0 && books.at(&Account::PointsCost) >= 0);
            }
            prop_assert_eq!(back, paid);
            prop_assert_eq!(books.at(&bank), 0);
            prop_assert_eq!(books.at(&Account::OrderHeld), 0);
            prop_assert_eq!((books.at(&Account::CouponCost), books.at(&Account::PointsCost)), (0, 0));
            let earned: i64 = [Account::Sales, Account::Freight, Account::TaxCollected, Account::Donation, Account::Forfeits]
                .iter().map(|a| books.at(a)).sum();
            prop_assert_eq!(earned + books.at(&Account::Refunds), 0);
            prop_assert_eq!(books.0.values().sum::<i64>(), 0);
        }
    }
}
