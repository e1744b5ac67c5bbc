//! Stock as GraphQL sees it.

mod admin;
mod shop;
mod types;

pub use admin::{InventoryAdminMutation, InventoryAdminQuery};
pub use shop::InventoryShopSubscription;
pub(crate) use types::narrow;
pub use types::{SkuStock, SkuStockChange, StockMovement, StockMovementConnection};
