//! Group buy 拼团: buyers gather for a price that only a full team gets.
//!
//! A customer opens a team by ordering at the team price, or joins one that gathers. The seat is held while the order
//! waits for its payment; the payment confirms it. When the last seat is paid the team forms and its orders ship; when
//! the deadline comes first the team fails and everybody gets their money back.
//!
//! ```text
//!  campaign   DRAFT ─publish─▶ SCHEDULED ─starts─▶ RUNNING ⇄ PAUSED ─ends─▶ ENDED          rules/campaign.rs
//!
//!  team       PENDING ─leader paid─▶ OPEN ─last seat paid, or enough at the deadline─▶ FORMED   rules/team.rs
//!                │                    └─deadline, or the last member left──────────▶ FAILED
//!                └─leader's order cancelled──────────────────────────────────────▶ FAILED
//!
//!  seat       RESERVED ─paid─▶ CONFIRMED ─money back─▶ REFUNDED
//!                └─hold ran out, cancelled, team over─▶ RELEASED ─paid late─▶ CONFIRMED, or moved, or REFUNDED
//!
//!  order      PENDING_PAYMENT ─paid─▶ AWAITING_TEAM ─team formed─▶ TO_SHIP …                   (trade's)
//! ```
//!
//! PENDING is a state of its own, not "open without a deadline": until the leader has paid nobody else sees the team, no
//! clock runs, and no query can forget to ask.
//!
//! Invariants
//! - A team never outgrows its size; it is formed if and only if enough seats are paid (`group_buy_team_seats_check`,
//!   `group_buy_team_formed_check`). A formed team is never unformed.
//! - One person on a seat, one seat per person and team, one unfinished team per customer and campaign
//!   (`group_buy_seat_no_key`, `…_customer_key`, `…_running_key`).
//! - A team keeps the size, prices and rules it opened with ([`rules::terms::TeamTerms`]); editing the campaign never
//!   changes it.
//! - A seat and its order are written together or not at all.
//! - Never "paid and nothing": every paid order ends on a confirmed seat of a formed team, or its money goes back. Who
//!   finds no seat any more gets what they chose with the order ([`rules::team::WhenFull`]).
//! - Whoever holds a team's lock decides: the deadline and the last payment at the same instant come out one way, and
//!   both ends agree.
//! - Each refund and each release is a job of its own: one member who cannot be served holds up nobody.
//!
//! Lock order: team, then what trade locks for the order, then stock. A transaction holds one team; only moving a buyer
//! from a full team to another holds two, in the order of their ids.
//!
//! Events in: `trade.order_paid.v1`, `trade.order_cancelled.v1`, `trade.order_refunded.v1`.
//! Events out: [`events`]; `group_buy.team_formed.v1` and `group_buy.team_failed.v1` are the ones others wait for.
//! Live topics: `group_buy.team:<id>`, `group_buy.open_teams:<campaign>`, `group_buy.campaign:<campaign>`.
//! Sweeps: `group_buy.expire_teams` (deadlines), `group_buy.lapse_holds` (unpaid seats), `group_buy.tick_campaigns`
//! (starts and ends).
//! Ports answered: [`trade::quote::PlayPrices`], the team price of a quote.

pub mod campaigns;
pub mod error;
pub mod events;
pub mod graphql;
pub mod jobs;
mod prices;
pub mod query;
pub mod rules;
pub mod service;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use kernel::seconds;
use platform::Registry;

pub use prices::TeamPrices;
pub use store::Campaign;

/// What trade calls orders and quotes of this play.
pub const KIND: &str = "group_buy";

/// The sweep of deadlines.
pub(crate) const EXPIRE_TEAMS: &str = "group_buy.expire_teams";

/// Registers what happens behind the requests.
pub fn register(r: &mut Registry) {
    r.on("group_buy.confirm_seat", jobs::paid);
    r.on("group_buy.free_seat", jobs::cancelled);
    r.on("group_buy.refund_seat", jobs::refunded);
    r.on("group_buy.release_orders", jobs::formed);
    r.job(jobs::let_ship);
    r.job(jobs::give_back);
    r.sweep(EXPIRE_TEAMS, seconds(1), jobs::expire_teams);
    r.sweep("group_buy.lapse_holds", seconds(2), jobs::lapse_holds);
    r.sweep("group_buy.tick_campaigns", seconds(2), jobs::tick_campaigns);
}
