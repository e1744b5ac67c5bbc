//! Reductions of the whole basket: 满减 steps, for every so much, the n-th piece, so many for one price, bundles, gifts.
//!
//! ```text
//!   DRAFT ──▶ ACTIVE ◀──▶ STOPPED        it counts while ACTIVE and within its window
//! ```
//!
//! A line takes part in one reduction: of those with the highest priority the one that takes off most. Gifts come beside
//! them, while there are some.
//!
//! Invariants: what was offered is fixed but for its name, its priority and its window · every change counts the book's
//! revision up in its own transaction ([`crate::book`]).

pub mod graphql;
pub mod rules;
pub mod service;
