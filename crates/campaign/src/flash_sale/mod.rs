//! Flash sale 秒杀: a session of bargains with stock of its own, sold to whoever comes first, however many come at once.
//!
//! A shopper prepares a **pass** before the start: the price is quoted, the address sealed, the freight known, the order's
//! id fixed. At the start they show the pass. One request, one answer:
//! `ACCEPTED(order) | SOLD_OUT | LIMIT_REACHED | NOT_STARTED | PAUSED | ENDED | QUEUED(position)`. What is accepted is a real
//! order, durable when it is told.
//!
//! ```text
//!  session    DRAFT ─publish─▶ PUBLISHED ⇄ PAUSED ─ends─▶ ENDED                                  rules/sale.rs
//!
//!  purchase   pass ─shown─▶ in line ─batch─▶ RESERVED ─paid─▶ SOLD                               rules/counter.rs
//!                              │                └─order cancelled─▶ RETURNED: others can have it
//!                              └─ told no, and why
//!
//!  stock      SKU ─publish─▶ available ─batch─▶ reserved ─paid─▶ sold
//!              ▲               │   ▲               │
//!              └── returned ◀──┘   └── cancelled ──┘ (after the end: returned)
//! ```
//!
//! **One writer per sale and node** ([`desk`]). Whoever shows a pass stands in line; the line is served in batches, and a
//! batch is what arrived while the last commit ran, so nobody waits for a timer and a lonely buyer waits for one commit.
//! A batch is one short transaction: the session's row is locked (several nodes take turns, batch by batch), the rules
//! decide everybody in the order they came ([`rules::counter`]), counters move once per item, orders and all that belongs to
//! them are written with a fixed number of statements ([`trade::order::placing`]). Callers are answered after the commit. A
//! batch that fails is tried again by halves, so one request that cannot be served does not fail the others.
//!
//! **A pass is the idempotency key**: shown twice, here or on another node, it is one order. It keeps what it was promised
//! until the session ends: price, freight and total, as the quote said when it was made. Coupons and points are not used in
//! a sale.
//!
//! **Admission** stands in front of the line ([`admission`]): a rate and a number of requests in line per customer, a
//! bounded line per sale and node, a flag that says "sold out" without asking the database. With Redis the rate counts
//! on all nodes; without it, or when it is lost, each node counts for itself. Nothing in front of the line is ever asked
//! whether a sale happened.
//!
//! Invariants
//! - `available + reserved + sold + returned = stock` (`flash_sale_item_whole_check`): never oversold, never undersold.
//! - Nobody has more of a session than its limit (`flash_sale_customer_limit_check`).
//! - A pass is an order at most once (`flash_sale_purchase_pkey`); a purchase and its order are written together or not at all.
//! - The sale's stock is off the shelf from publishing to the end (`catalog`'s allotments).
//! - A session's terms never change once it is published.
//!
//! A purchase that is refunded stays SOLD: its goods go back to the shelf by trade's own way, not into the sale.
//!
//! Lock order: session, items by SKU, customers by id, then what trade locks for the order, then allotments, then stock. Who
//! settles one purchase (paid, cancelled) locks it, its item, its customer, and never the session.
//!
//! Events in: `trade.order_paid.v1`, `trade.order_cancelled.v1`. Events out: [`events`]; a batch tells one.
//! Live topics: `flash_sale.stock:<sale>` and, when pieces come back, `flash_sale.restock:<sale>`.
//! Sweep: `flash_sale.end`, at the very end of each session. Ports answered: the price of a quote.

pub mod admission;
pub mod desk;
pub mod error;
pub mod events;
pub mod graphql;
pub mod jobs;
pub mod passes;
mod prices;
pub mod query;
pub mod rules;
pub mod sales;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use kernel::seconds;
use platform::Registry;

pub use prices::SalePrices;
pub use store::Sale;

/// What trade calls orders and quotes of this play.
pub const KIND: &str = "flash_sale";

/// The sweep of sessions that are over.
pub(crate) const END: &str = "flash_sale.end";

/// Registers what happens behind the requests.
pub fn register(r: &mut Registry) {
    r.on("flash_sale.sell", jobs::paid);
    r.on("flash_sale.take_back", jobs::cancelled);
    r.sweep(END, seconds(1), jobs::end);
}
