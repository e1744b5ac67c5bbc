//! Promotion: what something costs, and why; coupons, reductions, lower prices, freight.
//!
//! Pricing itself is pure: no database, no clock. The capabilities beside it keep what is offered, and trade brings both
//! together in a quote.

#![recursion_limit = "256"]

pub mod book;
pub mod console;
pub mod coupon;
pub mod error;
pub mod freight;
pub mod graphql;
pub mod member_price;
pub mod offer;
pub mod offers;
pub mod pricing;
pub mod reduction;
pub mod settings;
#[cfg(test)]
mod tests;
pub mod time_discount;

pub use graphql::{AdminMutation, AdminQuery, ShopMutation, ShopQuery};

use std::sync::Arc;

use platform::{Registry, ports::Ports};

pub use error::EditRefused;

/// Plugs in where a process keeps what is offered and what is sold.
pub fn plug(ports: &mut Ports) {
    catalog::plug(ports);
    ports.plug(Arc::new(book::Shelf::default()));
}

/// Gives a request its loaders.
pub fn loaders(op: &platform::Op, request: async_graphql::Request) -> async_graphql::Request {
    coupon::graphql::loader(op, request)
}

/// Registers what runs behind the requests.
pub fn register(r: &mut Registry) {
    coupon::register(r);
}
