//! Products and their SKUs: what is shown, and what is priced and bought.
//!
//! ```text
//!   productCreate      productPublish       productUnpublish
//!  ────────────▶ DRAFT ─────────────▶ ON_SALE ──────────────▶ OFF_SALE
//!                                       ▲                        │
//!                                       └──── productPublish ────┘
//! ```
//!
//! A product has up to three options ("colour", "size"), and a SKU per combination it offers; a product without options
//! has one SKU. A SKU that a change no longer names is **retired**, never deleted: orders name it for ever.
//!
//! Invariants
//! - No two active SKUs of a product choose the same values; codes are unique in the mall (`sku_code_key`), external
//!   references too (`product_external_reference_key`).
//! - Prices are at least one minor unit, and all SKUs of a product have one currency.
//! - `min_price_minor`, `max_price_minor` are those of the active SKUs; the search terms are those of the last texts.
//! - `sold_count` is the sum of the stock's counters, recounted when goods leave or come back.
//! - A list never asks the database per row: children come through loaders.
//! - What prices look at is kept in memory ([`facts`]): every change of it revises the catalog.
//!
//! Events out: `catalog.product_saved.v1`, `catalog.product_published.v1`, `catalog.product_unpublished.v1` (live topic
//! `catalog.product:<id>`). Events in: `catalog.stock_sold.v1` (recounts), `catalog.category_renamed.v1` (reindexes).
//! Sweeps: none.

pub mod error;
pub mod events;
pub mod facts;
pub mod graphql;
pub mod jobs;
pub mod query;
pub mod rules;
pub mod service;
#[cfg(test)]
mod service_test;

use platform::Registry;

pub use rules::Refused;

/// Registers the handlers.
pub fn register(r: &mut Registry) {
    r.on("product.count_sold", jobs::count_sold);
    r.on("product.reindex", jobs::reindex);
}
