//! After-sale cases (售后): money back, goods back, or other goods.
//!
//! ```text
//!  REQUESTED ─ accepted ┬ refund only ─────────────────────────────────────────────▶ REFUNDING ─ money is back ─▶ DONE
//!     │   │             └ return, exchange ─▶ AWAITING_RETURN ─▶ RETURNING ─▶ INSPECTING ─ fine ─┬─▶ REFUNDING
//!     │   │ rejected            │ silent, given up          (sent back)  (is here)  │         └─▶ RESHIPPING ─▶ RESHIPPED ─▶ DONE
//!     │   └─▶ REJECTED ◀────────│───────────────────────────────────────────────────┘ not fine
//!     │          │ shopper complains                                            no replacement: REFUNDING
//!     ▼          ▼              ▼
//!  CANCELLED   ESCALATED ─ decided ─▶ as accepted, or REJECTED        (CANCELLED)
//! ```
//!
//! Nobody waits for ever: every state in which somebody has to act has a deadline (`due_at`), and [`rules::Policy::due`]
//! says what happens then. A silent merchant has agreed; a silent shopper has given up.
//!
//! Invariants: a piece is in one open case, and goes back once (the order's lock; [`crate::refund::rules`]) · no money
//! for goods to be sent back before they are, or their time to be looked at is over · every transition is guarded by
//! [`rules::step`] under the row's lock · a case's refund has the case's number, so a crash anywhere gives back once · the
//! replacement of an exchange is put aside from the moment it is promised, under the case's own id.
//!
//! No after-sale while a group-buy team gathers. Without a reason goods can be given back for seven days, unless the
//! shopper confirmed an exception when they bought ([`catalog::returns`]).
//!
//! Lock order: order → case → complaint → payment → refund → stock.
//!
//! Events out: [`events`]. Events in: `trade.order_refunded.v1`, `trade.refund_changed.v1`. Sweep: `after_sale.lapse`.
//! Live topics: `trade.after_sale:<id>`, the order's, and the staff's feed `trade.after_sales:all`.

mod error;
pub mod events;
pub mod graphql;
mod jobs;
pub mod policy;
pub mod query;
pub mod rules;
pub mod service;
mod store;

use kernel::seconds;
use platform::Registry;

pub use error::Refused;
pub use store::{Case, CaseLine};

/// Registers the handlers and the sweep.
pub fn register(r: &mut Registry) {
    r.on("after_sale.refunded", jobs::refunded);
    r.on("after_sale.refund_changed", jobs::refund_changed);
    r.sweep("after_sale.lapse", seconds(30), jobs::lapse);
}
