//! Crowdfunding 众筹: backers pay for what is made only if enough of them do.
//!
//! A crowdfunding has a goal (an amount, or pieces), a deadline and rewards. A pledge is an order at a reward's price that
//! waits, paid, until the deadline: then every pledge becomes an order to be shipped, or every backer gets their money
//! back. Backers are told news and asked what they want.
//!
//! ```text
//!  crowdfunding  DRAFT ─publish─▶ PUBLISHED ⇄ PAUSED ─deadline, or ended early─▶ SUCCEEDED   goal reached, or keep-it-all
//!                                                                            └─▶ FAILED
//!
//!  pledge        RESERVED ─paid─▶ PLEDGED ─failed, or money back─▶ REFUNDED
//!                   └─cancelled unpaid─▶ RELEASED ─paid late─▶ REFUNDED
//!
//!  order         PENDING_PAYMENT ─paid─▶ AWAITING_TEAM ─succeeded─▶ TO_SHIP …                       (trade's)
//! ```
//!
//! Invariants
//! - No reward is pledged more often than there are pieces (`crowdfunding_tier_stock_check`); a numbered piece has one
//!   owner (`crowdfunding_pledge_edition_key`).
//! - What was raised is the sum of the paid pledges; both move under the crowdfunding's lock.
//! - Whoever holds the lock decides: the deadline and the last payment at the same instant come out one way. Money that
//!   arrives when there is nothing to back any more goes back.
//! - Each refund and each release is a job of its own, with a number that is always the same: one backer who cannot be
//!   served holds up nobody, and nobody is paid back twice.
//! - What is promised is frozen when it is published.
//!
//! Lock order: crowdfunding, then what trade locks for the order.
//!
//! Events in: `trade.order_paid.v1`, `trade.order_cancelled.v1`, `trade.order_refunded.v1`.
//! Events out: [`events`]. Live topic: `crowdfunding:<id>`. Sweep: `crowdfunding.settle` (deadlines).
//! Ports answered: [`trade::quote::PlayPrices`], the price of a reward.

pub mod campaigns;
pub mod error;
pub mod events;
pub mod graphql;
pub mod jobs;
mod prices;
pub mod query;
pub mod rules;
pub mod service;
#[cfg(test)]
pub(crate) mod tests;

use kernel::seconds;
use platform::Registry;

pub use prices::TierPrices;

/// What trade calls orders and quotes of this play.
pub const KIND: &str = "crowdfunding";

/// The sweep of deadlines.
pub(crate) const SETTLE: &str = "crowdfunding.settle";

/// Registers what happens behind the requests.
pub fn register(r: &mut Registry) {
    r.on("crowdfunding.count_pledge", jobs::paid);
    r.on("crowdfunding.free_reward", jobs::cancelled);
    r.on("crowdfunding.refund_pledge", jobs::refunded);
    r.job(jobs::let_ship);
    r.job(jobs::give_back);
    r.sweep(SETTLE, seconds(1), jobs::settle);
}
