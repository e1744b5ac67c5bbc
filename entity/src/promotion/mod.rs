//! Coupons, reductions, discounts, member prices, freight.

pub mod coupon;
pub mod coupon_code;
pub mod coupon_template;
pub mod freight_template;
pub mod member;
pub mod member_level;
pub mod member_price;
pub mod pricing_setting;
pub mod reduction;
pub mod time_discount;
pub mod time_discount_customer;
pub mod time_discount_hold;
pub mod time_discount_sku;
