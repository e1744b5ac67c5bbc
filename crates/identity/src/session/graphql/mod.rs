//! Sessions as GraphQL sees them; the same for shoppers and staff, each at their own door.

mod admin;
mod shop;
mod types;

pub use admin::{AdminMutation, AdminQuery};
pub use shop::{ShopMutation, ShopQuery};
pub use types::{Session, SignedIn};
