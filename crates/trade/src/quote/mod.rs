//! Quotes: a price promised to one shopper for a while.
//!
//! ```text
//!  lines, a play ─▶ QUOTE ── named by an order ─▶ used (once)
//!                     └──── 15 minutes ─────────▶ expired, then forgotten
//! ```
//!
//! A quote knows its lines, their prices, how the total came about (the trace), what it was asked for with (coupons,
//! points, delivery and region, a donation) and, when a marketing play sets the price, which play. Trade knows nothing of
//! plays: it asks the port [`PlayPrices`], which a campaign answers; what is on offer it asks [`promotion`].
//!
//! A [`preview`] is the same price without a promise: with every coupon the shopper has, what each would save or why it
//! cannot be used, and the choice that saves most.
//!
//! Invariants: a quote's total is the sum of its trace; one order at most is placed by it (`trade_order.quote` is
//! unique); it promises nothing that the catalog, an offer or the play took back meanwhile: placing an order prices it
//! again · the number of statements does not depend on how much is on offer.
//!
//! Events out: none. Events in: `trade.order_paid.v1` gives the coupons that are given for it, `trade.order_refunded.v1`
//! brings coupons back by their own rule. Sweep: `quote.forget` deletes unused quotes a day after they expired.

mod basket;
mod error;
pub mod graphql;
mod jobs;
mod plays;
pub mod preview;
pub mod service;

use kernel::hours;
use platform::Registry;

pub use error::QuoteRefused;
pub use plays::{PlayPrices, PlayRef, PlayRefused};
pub use promotion::pricing::{PlayPrice, TraceLine};

/// Registers the sweep and the handlers.
pub fn register(r: &mut Registry) {
    r.sweep("quote.forget", hours(1), jobs::forget);
    r.on("quote.give_coupons", jobs::give_coupons);
    r.on("quote.return_coupons", jobs::return_coupons);
}
