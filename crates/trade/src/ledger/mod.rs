//! The books: double entry, append-only, provable.
//!
//! Every movement of money or points is one **posting**: entries that sum to zero in each unit, booked in the transaction
//! of the fact they record. `(business type, business id)` is unique, so a fact is booked once however often it is told.
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
//! Signs: positive is into the account. What the mall owes or earned stands negative (`order_held`, `wallet:…`, `sales`),
//! what it owns or spent positive (`gateway_clearing`, `coupon_cost`); the sum over all accounts is always zero. How an
//! order's money moves is one set of rules ([`rules`], the journal), told to the books by [`orders`].
//!
//! Balances are kept beside the entries in two ways. **Persons' accounts** (wallets, points, commissions, deposits) are
//! kept at every posting by one guarded statement: never below nothing, each entry numbered, a statement for its owner.
//! **The mall's own accounts** are on everybody's way, so nobody waits for their row: sealing adds a block's sums to them,
//! and what is not sealed yet is summed when somebody asks.
//!
//! Once a day a sweep compares balances with entries, orders and payments with postings, clearing accounts with what
//! providers hold, and keeps what it found for staff.
//!
//! Invariants: a posting sums to zero per unit · a business fact has one posting · a sealed posting never changes · a
//! balance is the sum of its entries · a person's account is never overdrawn.

mod chain;
pub mod graphql;
pub(crate) mod orders;
pub mod reconcile;
pub mod rules;
pub mod service;

pub use rules::{Account, Amount, Entry, Posting, Unit};

/// Seals what was booked every few seconds, and proves the books once a day.
pub fn register(r: &mut platform::Registry) {
    r.sweep("ledger.seal", kernel::seconds(5), |op| async move { service::seal(&op).await });
    r.sweep("ledger.reconcile", kernel::minutes(10), reconcile::daily);
}
