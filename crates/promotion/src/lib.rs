//! Promotion: what something costs, and why; coupons, reductions, lower prices, freight.
//!
//! Pricing itself is pure: no database, no clock. The capabilities beside it keep what is offered, and trade brings both
//! together in a quote.

#![recursion_limit = "256"]

pub mod coupon;
pub mod error;
pub mod freight;
pub mod pricing;
pub mod reduction;
pub mod settings;

use platform::Registry;

pub use error::EditRefused;

/// Registers what runs behind the requests.
pub fn register(r: &mut Registry) {
    coupon::register(r);
}
