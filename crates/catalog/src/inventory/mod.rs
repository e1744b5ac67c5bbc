//! Stock: what lies on the shelf, and how much of it is promised to whom.
//!
//! ```text
//!             reserve                  commit (paid)
//!   (nothing) ───────▶ HELD ─────────────────────────▶ COMMITTED ── restock (refund): `returned` grows
//!                       │  ▲                               ▲
//!       release, expire │  │ reserve again                 │ commit after the hold lapsed:
//!                       ▼  │                               │ taken anew from what is left, or refused
//!                     RELEASED ────────────────────────────┘
//! ```
//!
//! Invariants
//! - `0 <= reserved <= on_hand`, kept by the database too (`stock_reserved_check`): nothing is sold twice.
//! - `reserved` of a SKU is the sum of its HELD reservations and of what lies in allotments.
//! - `on_hand` of a SKU is the sum of its journal (`stock_movement`), which only grows.
//! - An order has one reservation per SKU; reserving again **replaces** it, so a hold never blocks its own owner.
//! - Rows are locked in one order: the order's reservations, then allotments, then `stock` by SKU id. Nobody waits in a
//!   circle.
//!
//! A play may have stock of its own, an **allotment** ([`allotments`]): promised to the play as a whole, handed to its orders
//! without touching the shelf, given back to it when an order is cancelled, returned to the shelf when the play is over.
//!
//! Every command can be repeated: what is there already is a success.
//!
//! Events out: `catalog.stock_changed.v1` (live topic `catalog.stock:<sku>`), `catalog.stock_sold.v1`. Events in: none.
//! Sweep: `inventory.expire` releases what its order forgot.

pub mod allotments;
pub mod error;
pub mod events;
pub mod graphql;
pub mod jobs;
pub mod rules;
pub mod service;
#[cfg(test)]
mod service_test;

use kernel::minutes;
use platform::Registry;

pub use rules::Refused;

/// Registers the sweep.
pub fn register(r: &mut Registry) {
    r.sweep("inventory.expire", minutes(1), jobs::expire);
}
