//! Carts: what a customer means to buy.
//!
//! A cart promises nothing: prices and stock are read when it is looked at, and a line that cannot be bought says so. A
//! quote makes the promise.
//!
//! Invariants: one line per SKU · 1 to 999 pieces · at most as many lines as a quote takes. An order at a
//! quote of the cart takes its lines out.

mod error;
pub mod graphql;
pub mod service;

pub use error::Refused;
pub use service::Cart;
