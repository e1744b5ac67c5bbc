//! The wallet: money a shopper keeps in the mall.
//!
//! ```text
//!  any provider ── top-up ─▶ wallet ── pays an order, as the gateway "balance" ─▶ order
//!                              ▲ │                                                  │
//!                 staff, by hand └────────────────── refund ◀──────────────────────┘
//! ```
//!
//! What stands in a wallet stands in the books, on the account `wallet:<customer>`; there is no other number. Whatever
//! leaves it leaves by one guarded statement, so two orders never spend the same money.
//!
//! **Top-ups** are charges at a provider like those of an order, with numbers of their own (`TU…`): begun in one
//! transaction, asked for outside any, ended in one more by notification, question or return. Money that comes late is
//! welcome: the wallet takes it whenever it comes, once.
//!
//! **Paying** goes over the port every provider stands behind ([`gateway`]): the money is taken when the charge is created
//! and is then where a provider's money is, on `gateway_clearing:balance`, until the order's payment is settled. A crash in
//! between is found by the same sweep that asks silent providers.
//!
//! Invariants: a wallet is never overdrawn · a number takes, tops up or gives back once · a charge that was closed before
//! it was asked for is never paid · no more goes back of a charge than it took.
//!
//! Lock order: (a transaction of its own) charge → wallet account → ledger. Sweep: `wallet.query_top_ups`.

mod error;
pub mod events;
pub mod gateway;
pub mod graphql;
mod jobs;
pub mod rules;
pub mod service;
pub mod top_up;

use kernel::seconds;
use platform::Registry;

pub use error::Refused;
pub use gateway::BALANCE;

/// Registers the sweep.
pub fn register(r: &mut Registry) {
    r.sweep("wallet.query_top_ups", seconds(5), jobs::query_top_ups);
}
