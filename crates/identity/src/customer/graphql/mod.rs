//! Shoppers as GraphQL sees them.

mod admin;
mod loader;
mod shop;
mod types;

pub use admin::AdminQuery;
pub use loader::{CustomerSummaryLoader, loaders, summary};
pub use shop::{ShopMutation, ShopQuery};
pub use types::{Customer, CustomerSummary};
