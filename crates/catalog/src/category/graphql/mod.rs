//! Shelves as GraphQL sees them.

mod admin;
mod shop;

pub(crate) use admin::given;
pub use admin::{CatalogCategory, CategoryAdminMutation, CategoryAdminQuery};
pub use shop::{Category, CategoryShopQuery};
