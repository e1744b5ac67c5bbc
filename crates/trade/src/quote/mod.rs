//! Quotes: a price promised to one shopper for a while.
//!
//! ```text
//!  lines, a play ─▶ QUOTE ── named by an order ─▶ used (once)
//!                     └──── 15 minutes ─────────▶ expired, then forgotten
//! ```
//!
//! A quote knows its lines, their prices, how the total came about (the trace) and, when a marketing play sets the
//! price, which play. Trade knows nothing of plays: it asks the port [`PlayPrices`], which a campaign answers.
//!
//! Invariants: a quote's total is the sum of its trace; one order at most is placed by it (`trade_order.quote` is
//! unique); it promises nothing that the catalog or the play took back meanwhile — placing an order prices it again.
//!
//! Events: none. Sweep: `quote.forget` deletes unused quotes a day after they expired.

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

/// Registers the sweep.
pub fn register(r: &mut Registry) {
    r.sweep("quote.forget", hours(1), jobs::forget);
}
