//! Coupons as shoppers and staff see them.

mod admin;
mod shop;
mod types;

pub use admin::{CouponAdminMutation, CouponAdminQuery};
pub use shop::{CouponShopMutation, CouponShopQuery};
pub use types::{CouponBenefit, CouponKind, CouponTerms};
