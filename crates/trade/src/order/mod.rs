//! Orders: a promise of goods for money, from the quote to the parcel.
//!
//! ```text
//!                      ┌────────── paid, hold ─▶ AWAITING_TEAM ──┐ play lets go
//!  place ─▶ PENDING_PAYMENT ── paid ──────────────────────────▶ TO_SHIP ── last parcel ─▶ SHIPPED ─▶ RECEIVED ─▶ COMPLETED
//!                      │                                         │   └─ at its store ─▶ READY_FOR_PICKUP ─ code ─▲
//!                      │                                         └─ nothing to carry ────────────────────────────┘
//!                      └─ unpaid in time, or given up ─▶ CANCELLED       all money back, from anywhere paid ─▶ REFUNDED
//! ```
//!
//! How the goods reach the shopper is [`crate::fulfilment`]'s; it tells the order what left the house. While an order is
//! unpaid staff may change its price ([`service::reprice`]): the open charge is closed, and money that still arrives for
//! the old price goes back by itself.
//!
//! Placing has three phases. **Prepare** ([`service::prepare`]): the quote is checked and priced again, outside any
//! transaction. **Place** ([`placing`]): one short transaction redeems the quote (unique), inserts the order, puts
//! the stock aside, tells [`events::OrderPlaced`]; a play may run it inside a transaction of its own, for many at once. **Pay** happens
//! outside (see [`crate::payment`]); its end calls [`service::paid`], which is idempotent.
//!
//! Invariants: one order per quote · an order is paid by one payment · every transition is guarded by
//! [`rules::step`] under the row's lock · what is unpaid holds stock no longer than `pay_by`.
//!
//! Events out: [`events`]. Sweeps: `order.expire` cancels what was not paid in time, `order.receive` takes a parcel as
//! received at `receive_by`, `order.complete` ends the time for complaints a week later.

mod error;
pub mod events;
pub mod graphql;
mod jobs;
pub mod placing;
pub mod query;
pub mod rules;
pub mod service;

use kernel::{minutes, seconds};
use platform::Registry;

pub use error::Refused;
pub use service::Order;

/// Registers the sweeps.
pub fn register(r: &mut Registry) {
    r.sweep("order.expire", seconds(5), jobs::expire);
    r.sweep("order.receive", minutes(10), jobs::receive);
    r.sweep("order.complete", minutes(10), jobs::complete);
}
