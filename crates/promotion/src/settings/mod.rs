//! What the merchant sets for all prices: what points are worth, whether tax is added, whether shoppers may donate, and
//! by which template goods without one of their own are carried.
//!
//! Invariant: one row, or none: then prices include tax, points are not taken, nothing is donated and freight is free.

pub mod graphql;
pub mod rules;
pub mod service;
