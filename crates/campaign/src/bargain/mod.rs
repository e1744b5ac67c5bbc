//! Bargain 砍价: friends cut a price down, fairly, and anybody can prove it.
//!
//! A customer begins a record of a SKU at its first price. Every friend may cut it once; the N-th cut reaches the floor
//! price, to the cent. The owner buys it there, or, where the campaign says so, at any price on the way. How much each cut
//! takes is nobody's whim: the shares are planned from a secret seed before the first of them, the seed's hash is shown at
//! once and the seed itself when no cut can follow, and who comes decides which share is drawn ([`rules::fair`],
//! `docs/bargain.md`). What is left to cut is shown to the cent at any time: never rounded up, never hidden.
//!
//! ```text
//!  campaign   DRAFT ─publish─▶ PUBLISHED ⇄ PAUSED ─end early─▶ ENDED        its window says when it runs; rules/campaign.rs
//!
//!  record     RUNNING ─N-th cut─▶ FLOOR_REACHED ─order─▶ ORDERED ─paid─▶ PAID                   rules/record.rs
//!                │  └──order at the current price──────────▲  │
//!                │                  ▲──order cancelled unpaid─┘ (RUNNING, where it came from there)
//!                └─deadline─▶ EXPIRED     FLOOR_REACHED ─pay-by deadline─▶ PAY_EXPIRED
//! ```
//!
//! Invariants
//! - The price is the first price minus the cuts that were made; it only falls, by exactly what each helper is told, and is
//!   never below the floor; exactly N cuts reach it (`bargain_record_price_check`, `…_floor_check`). It is written as a
//!   difference under the record's lock, never as a value somebody computed before.
//! - One cut per record and helper (`bargain_cut_helper_key`), one helper per share (`bargain_cut_share_key`). Helping again
//!   answers the cut that was made: a lost answer is asked for again, not lost.
//! - A record keeps the prices, N, window and options it began with ([`rules::terms::RecordTerms`]); a published campaign
//!   keeps its rules too.
//! - No cut outside the window, during an order, or by the owner beyond the first where that is an option.
//! - An order and the record that says ORDERED are written together or not at all. An order that is cancelled unpaid gives
//!   the record back until its own deadline.
//! - The seed is sealed in the database and shown to nobody, staff included, while a cut can follow.
//! - One unfinished record per customer and campaign (`bargain_record_running_key`).
//!
//! Lock order: record, then the helper's day, then what trade locks for the order, then stock. A transaction holds one
//! record.
//!
//! Events in: `trade.order_paid.v1`, `trade.order_cancelled.v1`. Events out: [`events`].
//! Live topics: `bargain.record:<id>`, `bargain.campaign:<campaign>`; feed: `bargain.cuts:<record>`.
//! Sweep: `bargain.expire_records`. Port answered: [`trade::quote::PlayPrices`], what a record costs its owner now.

pub mod campaigns;
pub mod error;
pub mod events;
mod fate;
pub mod graphql;
pub mod jobs;
mod prices;
pub mod proof;
pub mod query;
pub mod rules;
pub mod service;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use kernel::seconds;
use platform::Registry;

pub use prices::RecordPrices;
pub use store::Campaign;

/// What trade calls orders and quotes of this play.
pub const KIND: &str = "bargain";

/// The sweep of deadlines.
pub(crate) const EXPIRE_RECORDS: &str = "bargain.expire_records";

/// Registers what happens behind the requests.
pub fn register(r: &mut Registry) {
    r.on("bargain.close_record", jobs::paid);
    r.on("bargain.reopen_record", jobs::cancelled);
    r.sweep(EXPIRE_RECORDS, seconds(1), jobs::expire_records);
}
