//! Address books: where a shopper has goods sent to.
//!
//! ```text
//!   pasted text ──▶ parse ──▶ recipient, phone, region, street ──▶ an entry, sealed ──▶ an order keeps a copy
//! ```
//!
//! Invariants
//! - Who and where is sealed at rest; only the region's code is legible, because freight depends on it.
//! - One entry per shopper is the default while there are any; at most [`rules::MOST`] are kept.
//! - An order keeps a copy: changing an entry never changes an order.
//!
//! [`regions`] knows every province, city, district and street of the official list (GB/T 2260 and its extension), packed
//! into a file that `tools/regions/pack.mjs` made. [`parse`] reads what people paste.
//!
//! Lock order: the customer, then the entries.

pub mod error;
pub mod graphql;
pub mod parse;
pub mod regions;
pub mod rules;
pub mod service;
#[cfg(test)]
mod tests;

pub use error::Refused;
pub use service::Entry;
