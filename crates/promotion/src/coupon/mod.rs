//! Coupons: what is given out, to whom, and what became of it.
//!
//! ```text
//!  template   DRAFT ──▶ ACTIVE ◀──▶ STOPPED          taken ≤ quota, per customer ≤ their limit: one guarded statement
//!
//!  coupon     (taken) ─▶ AVAILABLE ──hold──▶ HELD ──spend──▶ SPENT
//!                          │   ▲              │                │
//!                          │   └──give_back───┘  (order not paid: always)
//!                          │   └──────────refunded─────────────┘  (by the template's own rule)
//!                          └── its time is over ──▶ EXPIRED (also what comes back too late)
//! ```
//!
//! A customer comes by a coupon by taking it, by a code (one word for all, or single-use ones), by staff, or by a
//! happening: signing in for the first time, a birthday, a paid order, a check-in. Happenings and codes are told as a
//! **source**; one source gives one coupon, however often it is told.
//!
//! Invariants
//! - `taken` never exceeds the quota (`coupon_template_taken_check`) and nobody has more than their limit
//!   (`coupon_nth_key`): both limits are conditions of the one statement that counts.
//! - A coupon belongs to one order at most while it is held or spent (`coupon_order_check`); an order that fails, is
//!   cancelled or closed gives it back in the same transaction.
//! - The terms of a template are fixed once it was offered: what people hold never changes.
//!
//! Lock order: stock → coupon → points and wallet accounts. Within: template, then coupons by id.
//!
//! Events out: none; a customer's coupons are their own state, read when looked at. Events in:
//! `identity.customer_registered.v1`; trade tells of paid orders through [`service::grant`]. Sweep: `coupon.expire`.

mod error;
pub mod graphql;
mod jobs;
pub mod query;
pub mod rules;
pub mod service;
pub mod templates;
#[cfg(test)]
mod tests;

use kernel::minutes;
use platform::Registry;

pub use error::Refused;

/// Registers the handler and the sweep.
pub fn register(r: &mut Registry) {
    r.on("coupon.give_on_registration", jobs::registered);
    r.sweep("coupon.expire", minutes(5), jobs::expire);
}
