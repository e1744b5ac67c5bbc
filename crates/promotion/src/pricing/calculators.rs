//! The steps, and their order.

mod beside;
mod coupons;
mod prices;
mod reductions;

use super::Calculator;

/// The steps in the order in which they apply.
pub const ORDER: &[&dyn Calculator] = &[
    &prices::BasePrice,
    &prices::PlayPriceStep,
    &prices::LowerPriceStep,
    &reductions::Reductions,
    &reductions::Gifts,
    &coupons::Coupons,
    &coupons::Points,
    &beside::Shipping,
    &coupons::FreightCoupons,
    &beside::Tax,
    &beside::Donation,
];
