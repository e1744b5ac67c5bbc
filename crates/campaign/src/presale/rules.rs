//! What a presale allows, decided without a database, a clock or a network.

use kernel::{Currency, Detail, Money, Refusal, Timestamp, hours};
use serde::{Deserialize, Serialize};

/// What happens to a deposit when the balance does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lapse {
    /// It is lost.
    Forfeit,
    /// It goes back.
    Refund,
}

/// What a reservation was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// In which currency.
    pub currency: Currency,
    /// What one piece costs altogether, in minor units.
    pub price: i64,
    /// What is paid down for one; everything when it is paid in full at once.
    pub deposit: i64,
    /// What the deposit counts against the price.
    pub worth: i64,
    /// Whether everything is paid at once.
    pub in_full: bool,
    /// What happens to the deposit when the balance does not come.
    pub lapse: Lapse,
    /// Whether a lower price at the time of the balance is given to those who paid down.
    pub protects_price: bool,
    /// Shipped by then.
    pub ship_by: Timestamp,
}

/// Why a presale cannot be promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsRefused {
    /// A price, deposit or worth that does not fit the others.
    #[error("a deposit is at least one minor unit and at most its worth, and its worth is below the price")]
    Amounts,
    /// A deposit that can be lost is above a fifth of the price.
    #[error("a deposit that can be lost is at most 20 % of the price")]
    DepositTooHigh,
}

impl Refusal for TermsRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Amounts => "PRESALE_AMOUNTS_INVALID",
            Self::DepositTooHigh => "PRESALE_DEPOSIT_TOO_HIGH",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("skus")
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Amounts => Detail::None,
            Self::DepositTooHigh => Detail::Limit(20),
        }
    }
}

impl Terms {
    /// The terms, if they can be promised. A deposit above a fifth of the price is none where it can be lost (民法典 586);
    /// what always goes back is no deposit of that law, and not bound by it.
    pub fn checked(self) -> Result<Self, TermsRefused> {
        let amounts = if self.in_full {
            self.price >= 1 && self.deposit == self.price
        } else {
            self.deposit >= 1 && self.deposit <= self.worth && self.worth < self.price
        };
        if !amounts {
            return Err(TermsRefused::Amounts);
        }
        let lawful = i128::from(self.deposit) * 5 <= i128::from(self.price);
        if !self.in_full && self.lapse == Lapse::Forfeit && !lawful { Err(TermsRefused::DepositTooHigh) } else { Ok(self) }
    }

    /// What is paid down for one piece.
    pub const fn first(self) -> Money {
        Money::new(self.deposit, self.currency)
    }

    /// What comes in for one piece altogether: the deposit as it is, and what it leaves to pay.
    pub const fn brings(self) -> Money {
        let minor = if self.in_full { self.price } else { self.deposit + self.price - self.worth };
        Money::new(minor, self.currency)
    }

    /// What is left to pay for one piece when everybody pays `today` for it: protected prices follow downwards, and a
    /// balance is never less than one minor unit, because an order is paid.
    pub fn balance(self, today: Money) -> Money {
        let protected = self.protects_price && today.currency == self.currency && today.minor < self.price;
        let price = if protected { today.minor } else { self.price };
        Money::new((price - self.worth).max(1), self.currency)
    }
}

/// What a presale has of a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// How many there are.
    pub stock: i64,
    /// How many are reserved.
    pub taken: i64,
    /// Pieces one customer may have.
    pub most_per_customer: Option<i64>,
}

/// Why nobody reserves, or pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReserveRefused {
    /// It does not sell now.
    #[error("the presale does not sell now")]
    NotSelling,
    /// So many are left.
    #[error("only {0} are left")]
    SoldOut(i64),
    /// One customer has no more than this.
    #[error("one customer has at most {0}")]
    CustomerLimit(i64),
    /// The balance can be paid from then on.
    #[error("the balance cannot be paid yet")]
    BalanceNotYet(Timestamp),
    /// The balance cannot be paid any more, or is paid.
    #[error("no balance is due")]
    NoBalance,
}

impl Refusal for ReserveRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotSelling => "PRESALE_NOT_SELLING",
            Self::SoldOut(_) => "PRESALE_SOLD_OUT",
            Self::CustomerLimit(_) => "PRESALE_CUSTOMER_LIMIT",
            Self::BalanceNotYet(_) => "PRESALE_BALANCE_NOT_YET",
            Self::NoBalance => "PRESALE_NO_BALANCE",
        }
    }

    fn field(&self) -> Option<&'static str> {
        matches!(self, Self::SoldOut(_) | Self::CustomerLimit(_)).then_some("quantity")
    }

    fn detail(&self) -> Detail {
        match self {
            Self::SoldOut(left) => Detail::Available(*left),
            Self::CustomerLimit(most) => Detail::Limit(*most),
            Self::BalanceNotYet(from) => Detail::Until(*from),
            Self::NotSelling | Self::NoBalance => Detail::None,
        }
    }
}

/// Whether a customer who has `own` pieces may have `quantity` more.
pub fn reserve(shelf: Shelf, own: i64, quantity: i64) -> Result<(), ReserveRefused> {
    if let Some(most) = shelf.most_per_customer.filter(|most| own + quantity > *most) {
        return Err(ReserveRefused::CustomerLimit(most));
    }
    if shelf.taken + quantity > shelf.stock { Err(ReserveRefused::SoldOut(shelf.stock - shelf.taken)) } else { Ok(()) }
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for its deposit.
    DepositDue,
    /// Paid down.
    DepositPaid,
    /// The balance can be paid.
    BalanceDue,
    /// Paid in full.
    Paid,
    /// The deposit is lost.
    Forfeited,
    /// The money went back, or is on its way.
    Refunded,
    /// Given up before anything was paid.
    Released,
}

/// From when to when the balance is paid.
pub type BalanceWindow = (Timestamp, Timestamp);

/// Whether the balance can be ordered now.
pub fn balance(state: State, window: BalanceWindow, now: Timestamp) -> Result<(), ReserveRefused> {
    match state {
        State::DepositPaid | State::BalanceDue if now < window.0 => Err(ReserveRefused::BalanceNotYet(window.0)),
        State::DepositPaid | State::BalanceDue if now < window.1 => Ok(()),
        _ => Err(ReserveRefused::NoBalance),
    }
}

/// From when on who has not paid the balance is reminded a last time: a day before the end, and not before half of the
/// window is over.
pub fn last_call((from, until): BalanceWindow) -> Timestamp {
    (until - hours(24)).max(Timestamp(from.0.midpoint(until.0)))
}

/// Where the clock alone leads; the state itself when nothing is due.
pub fn tick(state: State, (window, lapse): (BalanceWindow, Lapse), now: Timestamp) -> State {
    match (state, lapse) {
        (State::DepositPaid | State::BalanceDue, Lapse::Forfeit) if window.1 <= now => State::Forfeited,
        (State::DepositPaid | State::BalanceDue, Lapse::Refund) if window.1 <= now => State::Refunded,
        (State::DepositPaid, _) if window.0 <= now => State::BalanceDue,
        _ => state,
    }
}

/// Which payment arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The deposit, or everything when it is paid in full at once.
    First,
    /// The balance.
    Balance,
}

/// Where a payment leads; none when the reservation cannot take it and the money goes back.
pub fn paid(state: State, part: Part, in_full: bool) -> Option<State> {
    match (part, state) {
        (Part::First, State::DepositDue) => Some(if in_full { State::Paid } else { State::DepositPaid }),
        (Part::Balance, State::DepositPaid | State::BalanceDue) => Some(State::Paid),
        _ => None,
    }
}

/// Money of a reservation that was paid in two parts, and what of it went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The balance's price, without the freight.
    pub balance: i64,
    /// What of it is back.
    pub balance_back: i64,
    /// The deposit.
    pub deposit: i64,
    /// What of it is back, or on its way back.
    pub deposit_back: i64,
}

/// How much of the deposit still follows what is back of the balance: the same share, by cumulative floor, so that the
/// parts sum to the whole however the balance was cut.
pub fn follows(parts: Parts) -> i64 {
    let back = i128::from(parts.balance_back.clamp(0, parts.balance));
    let share = i128::from(parts.deposit) * back / i128::from(parts.balance.max(1));
    (i64::try_from(share).unwrap_or(parts.deposit) - parts.deposit_back).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(price: i64, deposit: i64, worth: i64) -> Terms {
        Terms {
            currency: Currency::Cny,
            price,
            deposit,
            worth,
            in_full: false,
            lapse: Lapse::Forfeit,
            protects_price: true,
            ship_by: Timestamp(0),
        }
    }

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    #[test]
    fn a_deposit_that_can_be_lost_is_at_most_a_fifth() {
        assert!(terms(10_000, 2_000, 3_000).checked().is_ok());
        assert_eq!(terms(10_000, 2_001, 3_000).checked(), Err(TermsRefused::DepositTooHigh));
        assert!(Terms { lapse: Lapse::Refund, ..terms(10_000, 5_000, 6_000) }.checked().is_ok(), "what goes back is not lost");
        assert!(Terms { in_full: true, deposit: 10_000, ..terms(10_000, 0, 0) }.checked().is_ok());
    }

    #[test]
    fn amounts_fit_each_other() {
        for bad in [terms(10_000, 0, 100), terms(10_000, 200, 100), terms(10_000, 100, 10_000), terms(0, 1, 1)] {
            assert_eq!(bad.checked(), Err(TermsRefused::Amounts), "{bad:?}");
        }
    }

    #[test]
    fn a_deposit_counts_for_its_worth_and_protected_prices_follow_down() {
        let promised = terms(10_000, 2_000, 3_000);
        assert_eq!(promised.balance(cny(12_000)), cny(7_000));
        assert_eq!(promised.balance(cny(9_000)), cny(6_000), "others pay 90.00 now, so does who paid down");
        assert_eq!(Terms { protects_price: false, ..promised }.balance(cny(9_000)), cny(7_000));
        assert_eq!(promised.balance(cny(1_000)), cny(1), "an order is paid");
    }

    #[test]
    fn every_state_and_what_becomes_of_it() {
        use State::{BalanceDue, DepositDue, DepositPaid, Forfeited, Paid, Refunded, Released};
        let window = (Timestamp(100), Timestamp(200));
        for (state, lapse, now, leads) in [
            (DepositDue, Lapse::Forfeit, 300, DepositDue),
            (DepositPaid, Lapse::Forfeit, 99, DepositPaid),
            (DepositPaid, Lapse::Forfeit, 100, BalanceDue),
            (BalanceDue, Lapse::Forfeit, 199, BalanceDue),
            (BalanceDue, Lapse::Forfeit, 200, Forfeited),
            (BalanceDue, Lapse::Refund, 200, Refunded),
            (DepositPaid, Lapse::Refund, 200, Refunded),
            (Paid, Lapse::Forfeit, 300, Paid),
            (Released, Lapse::Forfeit, 300, Released),
        ] {
            assert_eq!(tick(state, (window, lapse), Timestamp(now)), leads, "{state:?} {lapse:?} at {now}");
        }
        for state in [DepositDue, DepositPaid, BalanceDue, Paid, Forfeited, Refunded, Released] {
            assert_eq!(paid(state, Part::First, false).is_some(), state == DepositDue, "{state:?}");
            assert_eq!(paid(state, Part::Balance, false).is_some(), matches!(state, DepositPaid | BalanceDue), "{state:?}");
        }
        assert_eq!(paid(DepositDue, Part::First, true), Some(Paid));
        assert_eq!(balance(DepositPaid, window, Timestamp(99)), Err(ReserveRefused::BalanceNotYet(Timestamp(100))));
        assert_eq!(balance(BalanceDue, window, Timestamp(200)), Err(ReserveRefused::NoBalance));
        assert_eq!(balance(BalanceDue, window, Timestamp(199)), Ok(()));
    }

    #[test]
    fn the_last_call_is_a_day_before_the_end_of_a_long_window_and_in_the_middle_of_a_short_one() {
        let hour = |n: i64| Timestamp(n * 3_600_000);
        assert_eq!(last_call((hour(0), hour(72))), hour(48));
        assert_eq!(last_call((hour(0), hour(24))), hour(12));
    }

    proptest! {
        /// However the balance goes back, told in whatever order and twice: the deposit follows, and with the last of the
        /// balance goes the last of the deposit.
        #[test]
        fn shares_of_a_deposit_sum_to_the_whole(
            balance in 1..1_000_000i64, deposit in 1..200_000i64, cuts in prop::collection::vec(1..400_000i64, 0..12),
        ) {
            let mut parts = Parts { balance, balance_back: 0, deposit, deposit_back: 0 };
            for cut in cuts.into_iter().chain([i64::MAX]) {
                parts.balance_back += cut.min(balance - parts.balance_back);
                parts.deposit_back += follows(parts);
                prop_assert_eq!(follows(parts), 0, "told twice is told once");
                let exact = i128::from(deposit) * i128::from(parts.balance_back);
                prop_assert!(i128::from(parts.deposit_back) * i128::from(balance) <= exact);
                prop_assert!(exact < (i128::from(parts.deposit_back) + 1) * i128::from(balance));
            }
            prop_assert_eq!(parts.deposit_back, deposit);
        }

        #[test]
        fn who_pays_down_never_pays_more_than_the_price(price in 2..100_000i64, deposit in 1..50_000i64, extra in 0..50_000i64, today in 1..200_000i64) {
            if let Ok(promised) = terms(price, deposit, deposit + extra).checked() {
                let balance = promised.balance(cny(today)).minor;
                prop_assert!(balance >= 1);
                prop_assert!(promised.deposit + balance <= price.max(promised.deposit + 1));
                prop_assert!(promised.deposit * 5 <= price);
            }
        }

        #[test]
        fn no_more_is_reserved_than_there_is(stock in 0..20i64, wishes in prop::collection::vec(1..6i64, 0..30)) {
            let mut shelf = Shelf { stock, taken: 0, most_per_customer: None };
            for wish in wishes {
                if reserve(shelf, 0, wish).is_ok() {
                    shelf.taken += wish;
                }
                prop_assert!(shelf.taken <= stock);
            }
        }
    }
}
