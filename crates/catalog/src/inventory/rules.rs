//! What a reservation may do to the stock, decided without a database.

use std::collections::BTreeMap;

use kernel::{AllotmentId, Detail, Refusal, SkuId, Timestamp};

/// The most of one SKU that one order may hold; keeps every sum far from 64 bits.
pub const MOST: i64 = 1_000_000;

/// The most that can lie on the shelf of one SKU.
pub const MOST_ON_HAND: i64 = 1_000_000_000_000;

/// Why stock is not moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Fewer are left than wanted.
    #[error("only {available} of {sku} are left")]
    InsufficientStock {
        /// Of what.
        sku: SkuId,
        /// How many the order could have, what it holds already included.
        available: i64,
    },
    /// A quantity below one or beyond reason.
    #[error("a quantity must be between 1 and {MOST}")]
    Quantity,
    /// Nothing to reserve.
    #[error("there is nothing to reserve")]
    Nothing,
    /// The order is paid for: its stock has left.
    #[error("the order's stock has been taken already")]
    Settled,
    /// More would come back than left.
    #[error("more would come back than was sold")]
    ReturnTooLarge,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::InsufficientStock { .. } => "INVENTORY_INSUFFICIENT_STOCK",
            Self::Quantity => "INVENTORY_QUANTITY_INVALID",
            Self::Nothing => "INVENTORY_NOTHING_TO_RESERVE",
            Self::Settled => "INVENTORY_ALREADY_SETTLED",
            Self::ReturnTooLarge => "INVENTORY_RETURN_TOO_LARGE",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::InsufficientStock { .. } | Self::Quantity => Some("quantity"),
            Self::Nothing | Self::Settled | Self::ReturnTooLarge => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::InsufficientStock { available, .. } => Detail::Available(*available),
            Self::Quantity => Detail::Limit(MOST),
            _ => Detail::None,
        }
    }
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Promised, not paid.
    Held,
    /// Paid: the goods have left the stock.
    Committed,
    /// Given back.
    Released,
}

/// What an order holds of a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Of what.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// How many of them came back.
    pub returned: i64,
    /// Where it stands.
    pub state: State,
    /// Held no longer than this.
    pub expires_at: Timestamp,
    /// Out of which allotment it was taken; none: off the shelf.
    pub allotment: Option<AllotmentId>,
}

impl Reservation {
    /// What it keeps from others.
    fn held(&self) -> i64 {
        if self.state == State::Held { self.quantity } else { 0 }
    }
}

/// One step of a plan: what to move, and what the order holds afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Of what.
    pub sku: SkuId,
    /// So many more are promised (fewer, when negative).
    pub delta: i64,
    /// What the order holds afterwards; nothing when zero.
    pub quantity: i64,
    /// What the order held before.
    pub held: i64,
    /// Whether the order has a row for this SKU.
    pub known: bool,
}

/// How to get from what an order holds to what it wants: one step per SKU in the order of their ids, which is the order
/// locks are taken in. What it wants replaces what it holds, so a repeated wish changes nothing.
pub fn plan(existing: &[Reservation], wanted: &[(SkuId, i64)]) -> Result<Vec<Step>, Refused> {
    if existing.iter().any(|held| held.state == State::Committed) {
        return Err(Refused::Settled);
    }
    let mut steps: BTreeMap<SkuId, Step> =
        existing.iter().map(|row| (row.sku, Step { sku: row.sku, delta: 0, quantity: 0, held: row.held(), known: true })).collect();
    for &(sku, quantity) in wanted {
        if !(1..=MOST).contains(&quantity) {
            return Err(Refused::Quantity);
        }
        let step = steps.entry(sku).or_insert(Step { sku, delta: 0, quantity: 0, held: 0, known: false });
        step.quantity += quantity;
        if step.quantity > MOST {
            return Err(Refused::Quantity);
        }
    }
    if wanted.is_empty() {
        return Err(Refused::Nothing);
    }
    Ok(steps.into_values().map(|step| Step { delta: step.quantity - step.held, ..step }).collect())
}

/// What is on the shelf of a SKU, and how much of it is promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Lies there.
    pub on_hand: i64,
    /// Is promised to orders.
    pub reserved: i64,
}

impl Stock {
    /// What can still be bought.
    pub fn available(self) -> i64 {
        self.on_hand - self.reserved
    }
}

/// The change of the shelf staff ask for, checked against what lies there.
pub fn adjusted(stock: Stock, delta: i64) -> Result<Stock, i64> {
    let on_hand = stock.on_hand.saturating_add(delta);
    if on_hand < stock.reserved || on_hand > MOST_ON_HAND { Err(stock.available()) } else { Ok(Stock { on_hand, ..stock }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sku(n: u8) -> SkuId {
        SkuId(uuid::Uuid::from_u128(u128::from(n)))
    }

    fn held(n: u8, quantity: i64, state: State) -> Reservation {
        Reservation { sku: sku(n), quantity, returned: 0, state, expires_at: Timestamp(0), allotment: None }
    }

    #[test]
    fn a_repeated_wish_changes_nothing_and_another_replaces_it() {
        let existing = [held(1, 2, State::Held), held(2, 1, State::Held), held(3, 5, State::Released)];
        let same = plan(&existing, &[(sku(2), 1), (sku(1), 2)]).expect("plans");
        assert!(same.iter().all(|step| step.delta == 0), "{same:?}");
        let other = plan(&existing, &[(sku(3), 4)]).expect("plans");
        assert_eq!(other.iter().map(|step| step.delta).collect::<Vec<_>>(), [-2, -1, 4]);
    }

    #[test]
    fn bad_quantities_and_settled_orders_are_refused() {
        for quantity in [0, -1, i64::MIN, i64::MAX, MOST + 1] {
            assert_eq!(plan(&[], &[(sku(1), quantity)]), Err(Refused::Quantity), "{quantity}");
        }
        assert_eq!(plan(&[], &[(sku(1), MOST), (sku(1), 1)]), Err(Refused::Quantity));
        assert_eq!(plan(&[], &[]), Err(Refused::Nothing));
        assert_eq!(plan(&[held(1, 1, State::Committed)], &[(sku(1), 1)]), Err(Refused::Settled));
    }

    #[test]
    fn the_shelf_never_holds_less_than_is_promised() {
        let stock = Stock { on_hand: 10, reserved: 4 };
        assert_eq!(adjusted(stock, -6), Ok(Stock { on_hand: 4, reserved: 4 }));
        assert_eq!(adjusted(stock, -7), Err(6));
        assert_eq!(adjusted(stock, i64::MIN), Err(6));
        assert_eq!(adjusted(stock, i64::MAX), Err(6));
    }

    proptest! {
        #[test]
        fn steps_are_in_lock_order_and_end_at_what_is_wanted(
            existing in prop::collection::btree_map(0..6_u8, (1..9_i64, any::<bool>()), 0..6),
            wanted in prop::collection::vec((0..6_u8, 1..9_i64), 1..8),
        ) {
            let rows: Vec<_> = existing
                .iter()
                .map(|(&n, &(q, live))| held(n, q, if live { State::Held } else { State::Released }))
                .collect();
            let wishes: Vec<_> = wanted.iter().map(|&(n, q)| (sku(n), q)).collect();
            let steps = plan(&rows, &wishes).expect("plans");
            prop_assert!(steps.is_sorted_by_key(|step| step.sku));
            for step in &steps {
                let wish: i64 = wishes.iter().filter(|(s, _)| *s == step.sku).map(|(_, q)| q).sum();
                let before: i64 = rows.iter().filter(|row| row.sku == step.sku).map(Reservation::held).sum();
                prop_assert_eq!(step.quantity, wish);
                prop_assert_eq!(before + step.delta, wish);
            }
        }
    }
}
