//! The context's roots and the loaders its lists share.

#[cfg(test)]
mod graphql_test;
pub mod loaders;

use async_graphql::{MergedObject, MergedSubscription};

use crate::{category, inventory, media, prices, product, returns};

pub use loaders::{CatalogLoader, load, loader};

/// What shoppers ask the catalog.
#[derive(MergedObject, Default)]
pub struct CatalogShopQuery(category::graphql::CategoryShopQuery, product::graphql::ProductShopQuery);

/// What shoppers watch in the catalog.
#[derive(MergedSubscription, Default)]
pub struct CatalogShopSubscription(inventory::graphql::InventoryShopSubscription, prices::graphql::PricesShopSubscription);

/// What staff ask the catalog.
#[derive(MergedObject, Default)]
pub struct CatalogAdminQuery(
    category::graphql::CategoryAdminQuery,
    inventory::graphql::InventoryAdminQuery,
    media::graphql::MediaAdminQuery,
    prices::graphql::PricesAdminQuery,
    product::graphql::ProductAdminQuery,
);

/// What staff change in the catalog.
#[derive(MergedObject, Default)]
pub struct CatalogAdminMutation(
    category::graphql::CategoryAdminMutation,
    inventory::graphql::InventoryAdminMutation,
    media::graphql::MediaAdminMutation,
    product::graphql::ProductAdminMutation,
    returns::graphql::ReturnsAdminMutation,
);
