//! Mechanisms without business: everything a capability needs to be short.
//!
//! ```text
//!  service ── Op::begin ──▶ Tx ── emit / enqueue ──▶ commit ─┐            (one transaction)
//!                                                            ▼
//!              relay: outbox ──▶ job per handler, seq per live topic ──▶ bus ──▶ live::watch
//!                                   │
//!                                   ▼
//!              worker: jobs (retry, back-off, dead letter) and sweeps (what is due by the clock)
//! ```
//!
//! No work lives only in memory, nobody but [`clock::SystemClock`] asks the machine for the time, and Redis is never
//! the truth: without it the same changes arrive, a little later.

#![recursion_limit = "256"]

pub mod aggregate;
pub mod bus;
pub mod clock;
pub mod crypto;
pub mod db;
pub mod deadlines;
#[cfg(test)]
mod deadlines_test;
#[cfg(test)]
mod follow_test;
pub mod graphql;
pub mod idempotency;
pub mod limiter;
pub mod live;
#[cfg(test)]
mod mechanisms_test;
pub mod messages;
mod op;
mod open;
pub mod parts;
pub mod ports;
pub mod registry;
pub mod relay;
pub mod revision;
pub mod rows;
#[cfg(test)]
mod rows_test;
pub mod storage;
pub mod testing;
mod tx;
pub mod worker;

pub use idempotency::{IdempotencyKey, KeyRefused};
pub use op::{Op, Platform, RequestInfo};
pub use open::{Settings, StorageSettings, pending_migrations};
pub use registry::{Job, Registry};
pub use tx::Tx;
