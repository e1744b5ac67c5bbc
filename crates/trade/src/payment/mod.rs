//! Payments: one attempt to pay one order through one provider.
//!
//! ```text
//!  begin ─▶ CREATED ── provider knows it ─▶ PENDING ──┬─ the money is here ─▶ SUCCEEDED ─▶ order paid
//!              │ provider says no                     ├─ can no longer be paid ─▶ CLOSED
//!              └─▶ FAILED                             └─ paid after all, however late ─▶ SUCCEEDED ─▶ given back
//! ```
//!
//! A payment begins in one transaction, asks the provider outside any, and ends in one more. The number (`order-attempt`)
//! is ours and written first, so a crash between the two is resumed with the same number: the provider sees one charge.
//!
//! Three ways lead to the end — the provider's notification, the sweep that asks about silent payments, the shopper who
//! returns — and all of them end in [`service::settle_charge`], which applies a success once. Money the order cannot take
//! (cancelled, or paid already) goes back by a refund of its own.
//!
//! Invariants: amounts are sums of payment events, guarded by CHECKs · one open attempt per order · a notification counts
//! once (UNIQUE provider, event) · an amount that is not what was asked is parked for a person, never applied.
//!
//! Event out: `trade.payment_changed.v1`, on the order's live topic. Sweep: `payment.query_pending`. Jobs: `payment.close_charges`,
//! and `payment.report_shipment` on `trade.order_shipped.v1`: some providers keep the money until they are told.

mod error;
pub mod events;
pub mod gateway;
pub mod gateways;
pub mod graphql;
pub(crate) mod jobs;
pub mod service;
pub mod transfer;

use kernel::seconds;
use platform::Registry;

use crate::order::events::OrderShipped;

pub use error::{NotifyRefused, Refused};
pub use service::Payment;

/// Registers the sweep and the job.
pub fn register(r: &mut Registry) {
    r.sweep("payment.query_pending", seconds(5), jobs::query_pending);
    r.job::<jobs::CloseCharges, _, _>(jobs::close_charges);
    r.on::<OrderShipped, _, _>("payment.report_shipment", jobs::report_shipment);
}
