//! The books: double entry, append-only, provable.
//!
//! Every movement of money is one **posting**: entries that sum to zero in each currency, booked in the transaction of
//! the fact they record. `(business type, business id)` is unique, so a fact is booked once however often it is told.
//! Nobody waits for a hash while paying: a sweep seals what was booked into **blocks**, each over the hash of the one
//! before. [`service::verify`] walks the chain and proves that not a cent was lost, invented or changed afterwards.
//!
//! ```text
//! charge succeeded  ──▶ posting { gateway_clearing:sandbox +59.00, order_held −59.00 } ─┐
//! refund succeeded  ──▶ posting { gateway_clearing:sandbox −59.00, order_held +59.00 } ─┤
//!                                                                                        ▼  sweep ledger.seal
//!                 block 1 ◀── previous ── block 2 ◀── previous ── block 3 (hash over previous + postings)
//! ```
//!
//! Signs: positive is into the account. What the mall owes stands negative on its side (`order_held`), what it owns
//! positive (`gateway_clearing`); the sum over all accounts is always zero.
//!
//! Invariants: a posting sums to zero per currency · a business fact has one posting · a sealed posting never changes.

pub mod graphql;
pub mod rules;
pub mod service;

pub use rules::{Account, Entry, Posting};

/// Seals what was booked every few seconds.
pub fn register(r: &mut platform::Registry) {
    r.sweep("ledger.seal", kernel::seconds(5), |op| async move { service::seal(&op).await });
}
