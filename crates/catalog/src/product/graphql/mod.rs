//! Products as GraphQL sees them.

mod admin;
mod inputs;
mod shop;
mod types;

pub use admin::{CatalogProduct, CatalogSku, ProductAdminMutation, ProductAdminQuery};
pub use shop::{Product, ProductShopQuery, Sku};
pub use types::{PriceRange, ProductSort};
