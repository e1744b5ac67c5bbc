//! Refunds: money on its way back to where it came from.
//!
//! ```text
//!  request (a transaction) ─▶ REQUESTED ── job asks the provider ─▶ PROCESSING ─▶ SUCCEEDED ─▶ ledger, order, stock
//!                                 └──────────────────────────────────────────┴─▶ FAILED (a person must look)
//! ```
//!
//! The number is deterministic (`order number-reason`) and written before the provider hears of it: a crash between the
//! provider's answer and our commit asks again with the same number, and money goes back once. What is on its way back is
//! counted on the payment under a CHECK, so refunds never exceed what was paid, however many are asked for at once.
//!
//! A refund is broken down to the lines of its order ([`rules`]): pieces are worth their share by cumulative floor, so the
//! parts of a line always sum to the line, and the parts of an order to what was paid. Money given for goods that are
//! kept is a part without pieces. What has not left the house when it is refunded returns to the shelf with the money.
//!
//! The provider's answer, its notification and the sweep that asks about silent refunds end in [`service::settle_refund`].
//!
//! Job: `refund.send`. Sweep: `refund.query_pending`. Events out: `trade.refund_changed.v1`, on
//! the order's live topic, and `trade.order_refunded.v1`.

mod error;
pub mod events;
pub mod graphql;
mod jobs;
pub mod rules;
pub mod service;

use kernel::seconds;
use platform::Registry;

pub use error::Refused;
pub use service::Refund;

/// Registers the job and the sweep.
pub fn register(r: &mut Registry) {
    r.job::<jobs::SendRefund, _, _>(jobs::send);
    r.sweep("refund.query_pending", seconds(5), jobs::query_pending);
}
