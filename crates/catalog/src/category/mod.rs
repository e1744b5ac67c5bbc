//! Shelves: a tree the merchant arranges products on.
//!
//! Invariants: no shelf stands on itself, at whatever distance (moves are serialised by locking the tree, so two moves at
//! once cannot make a circle); at most four deep; a shelf with anything on it is not deleted.
//!
//! Events out: `catalog.category_renamed.v1` (the search words of its products change). Events in, sweeps: none.

pub mod events;
pub mod graphql;
pub mod rules;
pub mod service;

pub use rules::Refused;
