//! What is sold: shelves, products, SKUs, stock, pictures, and finding them.

#![recursion_limit = "256"]

pub mod category;
pub mod demo;
#[cfg(test)]
mod fixtures;
pub mod graphql;
pub mod inventory;
pub mod media;
pub mod prices;
pub mod product;
pub mod returns;
pub mod search;

pub use async_graphql::{EmptyMutation as ShopMutation, EmptySubscription as AdminSubscription};
pub use graphql::{
    CatalogAdminMutation as AdminMutation, CatalogAdminQuery as AdminQuery, CatalogShopQuery as ShopQuery,
    CatalogShopSubscription as ShopSubscription,
};

use std::sync::Arc;

use platform::{Op, Registry, ports::Ports};

/// Plugs in where a process keeps what is known of what is sold.
pub fn plug(ports: &mut Ports) {
    ports.plug(Arc::new(product::facts::Facts::default()));
}

/// Registers what runs behind the requests.
pub fn register(r: &mut Registry) {
    inventory::register(r);
    product::register(r);
}

/// Gives a request its loaders.
pub fn loaders(op: &Op, request: async_graphql::Request) -> async_graphql::Request {
    graphql::loader(op, request)
}
