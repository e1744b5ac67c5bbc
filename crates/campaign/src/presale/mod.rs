//! Presale 预售: goods are sold before they are there, for a deposit now and the balance later, or for everything now.
//!
//! A customer reserves pieces by paying a deposit (定金), which may count for more than it is (定金膨胀), and pays the
//! balance (尾款) within a window of its own. Who does not loses the deposit or gets it back, by the presale's rule. A
//! deposit that can be lost is at most a fifth of the price: what is above has no effect as a deposit (民法典 art. 586).
//!
//! ```text
//!  presale      DRAFT ─publish─▶ PUBLISHED ⇄ PAUSED ─end of its window, or ended early─▶ ENDED
//!
//!  reservation  DEPOSIT_DUE ─paid─▶ DEPOSIT_PAID ─balance window opens─▶ BALANCE_DUE ─paid─▶ PAID
//!                  └─cancelled unpaid─▶ RELEASED                            └─window closes─▶ FORFEITED | REFUNDED
//!               (paid in full at once: DEPOSIT_DUE ─paid─▶ PAID)
//!
//!  deposit's order  PENDING_PAYMENT ─paid─▶ AWAITING_TEAM ─balance paid, or forfeited─▶ RECEIVED      nothing is carried
//!  balance's order  PENDING_PAYMENT ─paid─▶ TO_SHIP …                                                  carries the goods
//! ```
//!
//! **Two linked orders.** Deposit and balance are orders of trade, so both are paid, refunded, reconciled and booked like
//! any other. The deposit's order carries nothing (`Delivery::Later`) and costs no freight, but its goods are taken from
//! the stock: who has paid down has their pieces. When the balance's order is placed they return to the shelf and are put
//! aside for it in the same transaction. When that order is cancelled they are put aside under the reservation's own id;
//! should somebody have been faster, the reservation is refunded, never left without goods.
//!
//! **Where the money is.** A deposit lies on `order_held` until its order is received: then the balance was paid and the
//! deposit is a part of what was earned, by the posting `order_completed` of its order. A deposit that is forfeited is
//! earned at once by a posting of its own, `deposit_forfeited`, into `forfeits`: nothing was sold for it. Money that goes
//! back goes back as a refund of the order it paid; when a part of the balance does, the same share of the deposit
//! follows it ([`rules::follows`]).
//!
//! **Reminders.** When the balance window opens and again shortly before it closes, the customer is reminded: once each
//! (`presale_reminder_pkey`), written down with the reservation, told on their live topic, and sent as a text message where
//! there is a phone and a messenger ([`reminders`]).
//!
//! Invariants
//! - No more pieces are reserved than there are (`presale_sku_stock_check`), no deposit above the law can be lost
//!   (`presale_sku_deposit_check`), and nothing is PAID that was not paid down (`presale_reservation_paid_check`).
//! - A reservation keeps the price, worth and rules it was made with ([`rules::Terms`]).
//! - Whoever holds the reservation's lock decides: the end of the window and the last payment at the same instant come out
//!   one way. Money that arrives for a reservation that is over goes back.
//! - Each refund and each release is a job of its own with a number that is always the same.
//!
//! Lock order: presale, reservation, then what trade locks for the order.
//!
//! Events in: `trade.order_paid.v1`, `trade.order_cancelled.v1`, `trade.order_refunded.v1`.
//! Events out: [`events`]. Live topics: `presale:<id>`, `presale.reservation:<id>`, `presale.balances:<customer>`.
//! Sweep: `presale.tick` (windows that open and close, reminders).
//! Ports answered: [`trade::quote::PlayPrices`], deposit and balance of a quote.

pub mod campaigns;
pub mod error;
pub mod events;
pub mod graphql;
pub mod jobs;
mod prices;
pub mod query;
pub mod reminders;
pub mod rules;
pub mod service;
#[cfg(test)]
pub(crate) mod tests;

use kernel::seconds;
use platform::Registry;

pub use prices::PresalePrices;

/// What trade calls orders and quotes of this play.
pub const KIND: &str = "presale";

/// The sweep of windows.
pub(crate) const TICK: &str = "presale.tick";

/// Registers what happens behind the requests.
pub fn register(r: &mut Registry) {
    r.on("presale.count_payment", jobs::paid);
    r.on("presale.free_pieces", jobs::cancelled);
    r.on("presale.refund_reservation", jobs::refunded);
    r.on("presale.text_reminder", reminders::text);
    r.job(jobs::let_go);
    r.job(jobs::forfeit);
    r.job(jobs::give_back);
    r.sweep(TICK, seconds(1), jobs::tick);
}
