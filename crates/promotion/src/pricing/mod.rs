//! Pricing: from a basket to a total that explains itself.
//!
//! ```text
//!  base price ─▶ play price, else the better of time discount and member price ─▶ reductions and gifts ─▶ coupons
//!     ─▶ points ─▶ freight (and coupons for it) ─▶ tax and duty ─▶ donation ─▶ priced
//!  each step writes trace lines: which, why (a code and what its sentence names), on which line, how much
//! ```
//!
//! Invariants, each held by a property test:
//! - the lines' payable amounts, shipping, tax and donation sum to the total, and so do the trace's amounts;
//! - nothing is ever negative: a discount larger than what is left is capped, not refused, and goods that cost anything
//!   still cost one minor unit when everything is taken off, because providers take no payment of nothing;
//! - the order in which lines are given changes no amount, and pricing twice changes nothing;
//! - a discount on several lines is split over them by largest remainder: shares always sum to the whole.
//!
//! What holds beside what: the price of a play stands alone unless an offer says otherwise; a line takes part in one
//! reduction, the one of the highest priority, then the one that takes off most; of one group, one coupon. A coupon's
//! threshold looks at what its goods cost after reductions and before other coupons.
//!
//! A new discount is one [`Calculator`] put in its place in [`ORDER`].

mod calculators;
pub mod rules;
pub mod words;

pub use calculators::ORDER;
pub use rules::{
    basket::{Basket, BasketLine, Facts, GiftFacts, LowerPrice, Offers, PlayPrice, Timed},
    scope::Scope,
    tally::{Calculator, LEAST, Param, Params, Priced, PricedLine, PricingRefused, Tally, TraceLine, Why, price_with},
};

/// Prices a basket with the mall's calculators in their order.
pub fn price(basket: Basket) -> Result<Priced, PricingRefused> {
    price_with(basket, ORDER)
}

#[cfg(test)]
mod offers_test;
#[cfg(test)]
mod properties;
