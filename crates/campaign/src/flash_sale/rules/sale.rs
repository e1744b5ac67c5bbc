//! What a session promises, and when it sells.
//!
//! ```text
//!           publish: stock is put aside                ends_at, end: what is left returns
//!  DRAFT ───────────────────────────────▶ PUBLISHED ─────────────────────────────────────▶ ENDED
//!                                          │     ▲                                           ▲
//!                                    pause ▼     │ resume                                    │
//!                                         PAUSED ─────────── ends_at, end ───────────────────┘
//! ```
//!
//! Whether a published session has begun is the clock's, not a state: nothing has to run for the first buyer to be served at
//! the very start, and nothing can be late.

use std::collections::BTreeSet;

use kernel::{Currency, Detail, Refusal, SkuId, Timestamp};

use crate::console::rules::StepRefused;
pub use crate::console::rules::{Stand as State, Step, Window};

/// The most items of one session.
pub const MOST_ITEMS: usize = 50;

/// The most pieces of one item.
pub const MOST_STOCK: i64 = 1_000_000;

/// The most pieces one customer may have of a session.
pub const MOST_EACH: i64 = 999;

/// The longest an order may wait for its money, in minutes.
pub const MOST_PAY_MINUTES: i64 = 1_440;

/// One thing a session sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub sku: SkuId,
    /// What one costs, in minor units.
    pub minor: i64,
    /// How many the sale has of its own.
    pub stock: i64,
}

/// What a session promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Of every price.
    pub currency: Currency,
    /// What it sells.
    pub items: Vec<Item>,
    /// At most so many pieces in one order.
    pub most_per_order: i64,
    /// At most so many pieces for one customer, across the session.
    pub most_per_customer: i64,
    /// How long an order waits for its money.
    pub pay_minutes: i64,
}

/// Why a session is not written or does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaleRefused {
    /// There is no way from where it stands.
    #[error("the sale is not in a state that allows this")]
    WrongState,
    /// Its time is over before it began.
    #[error("the sale's window lies in the past or is empty")]
    Window,
    /// Nothing, too much, or a SKU twice.
    #[error("a sale has 1 to {MOST_ITEMS} items, each SKU once")]
    Items,
    /// A price below one minor unit.
    #[error("a price is at least one minor unit")]
    Price,
    /// No stock, or beyond reason.
    #[error("an item has 1 to {MOST_STOCK} pieces")]
    Stock,
    /// Limits nobody can keep.
    #[error("limits are 1 to {MOST_EACH}, and one order takes no more than one customer may have")]
    Limits,
    /// Too short or too long to pay.
    #[error("an order waits 1 to {MOST_PAY_MINUTES} minutes for its money")]
    PayMinutes,
}

impl Refusal for SaleRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongState => "FLASH_SALE_STATE_INVALID",
            Self::Window => "FLASH_SALE_WINDOW_INVALID",
            Self::Items => "FLASH_SALE_ITEMS_INVALID",
            Self::Price => "FLASH_SALE_PRICE_TOO_LOW",
            Self::Stock => "FLASH_SALE_STOCK_INVALID",
            Self::Limits => "FLASH_SALE_LIMITS_INVALID",
            Self::PayMinutes => "FLASH_SALE_PAY_MINUTES_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::WrongState => None,
            Self::Window => Some("endsAt"),
            Self::Items | Self::Price | Self::Stock => Some("items"),
            Self::Limits => Some("perCustomerLimit"),
            Self::PayMinutes => Some("payMinutes"),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Items => Detail::Limit(MOST_ITEMS as i64),
            Self::Stock => Detail::Limit(MOST_STOCK),
            Self::Limits => Detail::Limit(MOST_EACH),
            Self::PayMinutes => Detail::Limit(MOST_PAY_MINUTES),
            _ => Detail::None,
        }
    }
}

impl From<StepRefused> for SaleRefused {
    fn from(refused: StepRefused) -> Self {
        match refused {
            StepRefused::WrongState => Self::WrongState,
            StepRefused::Window => Self::Window,
        }
    }
}

impl Terms {
    /// The same terms, if they can be promised.
    pub fn checked(self) -> Result<Self, SaleRefused> {
        let skus: BTreeSet<SkuId> = self.items.iter().map(|item| item.sku).collect();
        if self.items.is_empty() || self.items.len() > MOST_ITEMS || skus.len() != self.items.len() {
            return Err(SaleRefused::Items);
        }
        if self.items.iter().any(|item| item.minor < 1) {
            return Err(SaleRefused::Price);
        }
        if self.items.iter().any(|item| !(1..=MOST_STOCK).contains(&item.stock)) {
            return Err(SaleRefused::Stock);
        }
        let limits = [self.most_per_order, self.most_per_customer];
        if limits.iter().any(|limit| !(1..=MOST_EACH).contains(limit)) || self.most_per_order > self.most_per_customer {
            return Err(SaleRefused::Limits);
        }
        if !(1..=MOST_PAY_MINUTES).contains(&self.pay_minutes) {
            return Err(SaleRefused::PayMinutes);
        }
        Ok(self)
    }
}

/// What a shopper sees of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has not begun.
    Upcoming,
    /// It sells.
    Running,
    /// It is stopped for now.
    Paused,
    /// Over.
    Ended,
}

/// Where a session stands for a shopper at `now`, even if no sweep has come by yet.
pub fn phase(state: State, window: Window, now: Timestamp) -> Phase {
    match state {
        State::Ended => Phase::Ended,
        _ if now >= window.ends_at => Phase::Ended,
        State::Paused => Phase::Paused,
        _ if now < window.starts_at => Phase::Upcoming,
        State::Draft | State::Published => Phase::Running,
    }
}

/// The next moment its phase changes by the clock alone.
pub fn next_moment(state: State, window: Window, now: Timestamp) -> Option<Timestamp> {
    match phase(state, window, now) {
        Phase::Upcoming => Some(window.starts_at),
        Phase::Running | Phase::Paused => Some(window.ends_at),
        Phase::Ended => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use State::{Ended, Paused, Published};

    const WINDOW: Window = Window { starts_at: Timestamp(100), ends_at: Timestamp(200) };

    #[test]
    fn the_clock_alone_begins_and_ends_it() {
        for (now, seen) in [(99, Phase::Upcoming), (100, Phase::Running), (199, Phase::Running), (200, Phase::Ended)] {
            assert_eq!(phase(Published, WINDOW, Timestamp(now)), seen, "{now}");
        }
        assert_eq!(phase(Paused, WINDOW, Timestamp(150)), Phase::Paused);
        assert_eq!(phase(Paused, WINDOW, Timestamp(200)), Phase::Ended);
        assert_eq!(phase(Ended, WINDOW, Timestamp(150)), Phase::Ended);
        assert_eq!(next_moment(Published, WINDOW, Timestamp(0)), Some(Timestamp(100)));
        assert_eq!(next_moment(Published, WINDOW, Timestamp(100)), Some(Timestamp(200)));
        assert_eq!(next_moment(Published, WINDOW, Timestamp(200)), None);
    }

    #[test]
    fn terms_that_cannot_be_promised_are_refused() {
        let item = |n: u128, minor, stock| Item { sku: SkuId(uuid::Uuid::from_u128(n)), minor, stock };
        let terms = |items, most_per_order, most_per_customer, pay_minutes| Terms {
            currency: Currency::Cny,
            items,
            most_per_order,
            most_per_customer,
            pay_minutes,
        };
        let good = vec![item(1, 100, 10), item(2, 1, 1)];
        assert!(terms(good.clone(), 1, 1, 5).checked().is_ok());
        for (bad, why) in [
            (terms(vec![], 1, 1, 5), SaleRefused::Items),
            (terms(vec![item(1, 1, 1), item(1, 2, 2)], 1, 1, 5), SaleRefused::Items),
            (terms(vec![item(1, 0, 1)], 1, 1, 5), SaleRefused::Price),
            (terms(vec![item(1, 1, 0)], 1, 1, 5), SaleRefused::Stock),
            (terms(vec![item(1, 1, MOST_STOCK + 1)], 1, 1, 5), SaleRefused::Stock),
            (terms(good.clone(), 0, 1, 5), SaleRefused::Limits),
            (terms(good.clone(), 2, 1, 5), SaleRefused::Limits),
            (terms(good.clone(), 1, 1, 0), SaleRefused::PayMinutes),
            (terms(good, 1, 1, MOST_PAY_MINUTES + 1), SaleRefused::PayMinutes),
        ] {
            assert_eq!(bad.checked(), Err(why));
        }
    }
}
