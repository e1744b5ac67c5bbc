//! Points: earned, frozen for a while, spent at checkout, expired.
//!
//! ```text
//!  earn ─▶ FROZEN ── the time to send goods back is over ─▶ AVAILABLE ──┬─ hold ─▶ HELD ── paid ─▶ SPENT ── refund ─┐
//!            │ refund: taken back                            ▲   │      │            │ came to nothing              │
//!            ▼                                               └───┼──────┼────────────┴──────────────────────────────┘
//!          gone        refund: taken back, or owed (DEBT) ◀──────┘      └─ nobody spent it in time ─▶ EXPIRED
//! ```
//!
//! Points that came together are a **lot**: they are released together and expire together. Spending takes of the lots
//! that expire first; what comes back goes back to the lots it was taken of, or, should those be over, into a new lot that
//! lives a little longer. The books say the same in four accounts of a customer (`points`, `points_frozen`, `points_held`,
//! `points_debt`): the sum of the lots, the balance kept and the sum of the entries are one number, and a person's account
//! is never below nothing, so two orders cannot spend the same points.
//!
//! A refund takes back what its goods had earned: of the lot they came in, then of any other, and what is not there is
//! owed. Points that come later pay the debt first.
//!
//! Lock order: order → … → the customer's `points` account → lots → ledger. Whoever moves a customer's points locks that
//! account first, so lots need no locks of their own.
//!
//! Invariants: available = what is left of released lots = the books' balance · frozen likewise · every command once per
//! order or refund (`points_hold` by order, postings by number, lots by source).
//!
//! An order earns when its goods arrive, for what was paid for them and stays; a refund gives back and takes back in
//! proportion, as cumulative floors. Both react to the order's events, so they run once per fact.
//!
//! Events in: `trade.order_received.v1`, `trade.order_refunded.v1`. Sweeps: `points.release`, `points.expire`.

mod error;
pub mod graphql;
mod jobs;
pub mod rules;
pub mod service;
mod store;

use kernel::{minutes, seconds};
use platform::Registry;

pub use error::Refused;

use crate::order::events::{OrderReceived, OrderRefunded};

/// Registers the handlers and the sweeps.
pub fn register(r: &mut Registry) {
    r.on::<OrderReceived, _, _>("points.earn", jobs::earn);
    r.on::<OrderRefunded, _, _>("points.reverse", jobs::reverse);
    r.sweep("points.release", seconds(60), jobs::release);
    r.sweep("points.expire", minutes(10), jobs::expire);
}
