//! Coupons as shoppers and staff see them.

mod admin;
mod loaders;
mod shop;
mod types;

pub(crate) use loaders::loader;

pub use admin::{CouponAdminMutation, CouponAdminQuery};
pub use shop::{CouponShopMutation, CouponShopQuery};
pub use types::{CouponBenefit, CouponKind, CouponTerms};
