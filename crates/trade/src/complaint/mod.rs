//! Complaints (投诉): a shopper's word against the merchant's, which staff decide.
//!
//! ```text
//!  FILED ─ merchant answers ─▶ ANSWERED ───┬─ decided ─▶ UPHELD (the case goes on; a compensation, if any) | DISMISSED
//!    │  └─ does not in time ─▶ UNANSWERED ─┘
//!    └──────────────── withdrawn by the shopper ─▶ WITHDRAWN
//! ```
//!
//! A complaint is about a paid order; about a rejected after-sale case of it, it opens the case again: the case is
//! ESCALATED until the decision, then goes on as if accepted, or is rejected for good. What both sides say, with their
//! pictures, stands on one timeline.
//!
//! Invariants: one open complaint per order (`complaint_open_key`) · every transition is guarded by [`rules::step`] under
//! the row's lock · a compensation is a refund of the order under the number `…-complaint<n>`, so it is given once and
//! never exceeds what was paid.
//!
//! Lock order: order → case → complaint → payment → refund. Event out: `trade.complaint_changed.v1`. Sweep:
//! `complaint.overdue`. Live topics: `trade.complaint:<id>`, the order's, and the staff's feed of after-sales.

mod error;
pub mod events;
pub mod graphql;
mod jobs;
pub mod query;
pub mod rules;
pub mod service;

use kernel::minutes;
use platform::Registry;

pub use error::Refused;
pub use service::Complaint;

/// Registers the sweep.
pub fn register(r: &mut Registry) {
    r.sweep("complaint.overdue", minutes(1), jobs::overdue);
}
