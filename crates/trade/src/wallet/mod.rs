//! The wallet: money a shopper keeps in the mall.
//!
//! ```text
//!  any provider ── top-up ─▶ wallet ── pays an order, as the gateway "balance" ─▶ order
//!  a provider that pays out ◀── withdrawal ──┤
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
//! **Withdrawals** ([`withdrawal`]) go to the shopper's own account at a provider, large ones after a person's yes or two.
//!
//! Invariants: a wallet is never overdrawn · a number takes, tops up or gives back once · a charge that was closed before
//! it was asked for is never paid · no more goes back of a charge than it took.
//!
//! Lock order: (a transaction of its own) charge, top-up or withdrawal → wallet account → ledger. Sweeps:
//! `wallet.query_top_ups`, `wallet.query_withdrawals`. Job: `wallet.send_withdrawal`.

mod error;
pub mod events;
pub mod gateway;
pub mod graphql;
mod jobs;
pub mod rules;
pub mod service;
pub mod top_up;
pub mod withdrawal;

use kernel::seconds;
use platform::Registry;

pub use error::Refused;
pub use gateway::BALANCE;

/// Registers the sweeps and the job.
pub fn register(r: &mut Registry) {
    r.sweep("wallet.query_top_ups", seconds(5), jobs::query_top_ups);
    r.sweep("wallet.query_withdrawals", seconds(5), jobs::query_withdrawals);
    r.job::<withdrawal::SendWithdrawal, _, _>(withdrawal::send);
}
