//! Exclusive plays 活动互斥: a SKU is sold by one play at a time.
//!
//! A shopper who finds one article in a flash sale, a presale and a group buy at once sees three prices and trusts none,
//! and three plays that each count on the same goods promise them three times. So a play **claims** its SKUs for its
//! window in the transaction that publishes it, and is refused, with the names of both, when another holds one of them
//! for an overlapping window. Ended early, it **releases** them in the same way.
//!
//! - A claim replaces the earlier one of the same play: a published play that is edited claims again.
//! - Windows that touch do not overlap: a play may begin at the very moment another ends.
//! - Two claims at once for one SKU come one after the other (`play_sku_fence`, taken in the order of the SKUs' ids); the
//!   later one sees the earlier.
//!
//! Lock order: the play's own row, then the fences. Nothing is locked behind them in a transaction that publishes.

pub mod error;
pub mod rules;
pub mod service;
#[cfg(test)]
mod tests;

pub use error::Conflict;
