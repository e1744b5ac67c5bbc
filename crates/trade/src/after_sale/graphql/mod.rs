//! After-sale cases as GraphQL sees them.

mod admin;
mod loaders;
mod shop;
mod types;

pub use admin::{AfterSaleAdminMutation, AfterSaleAdminQuery, AfterSaleAdminSubscription};
pub(crate) use loaders::{ComplaintToldOf, load, loaders};
pub use shop::{AfterSaleShopMutation, AfterSaleShopQuery, AfterSaleShopSubscription};
pub use types::{AfterSaleCase, AfterSaleMoment, cases_of};
