//! Pricing: from a basket to a total that explains itself.
//!
//! ```text
//!  basket ─▶ base price ─▶ play price ─▶ (more calculators) ─▶ shipping ─▶ priced
//!                └──────────────┴───────── a trace line each ─────┴─────▶ trace
//! ```
//!
//! Invariants, each held by a property test:
//! - the lines' payable amounts and the shipping sum to the total, and so do the trace's amounts;
//! - nothing is ever negative: a discount larger than what is left is capped, not refused;
//! - the order in which lines are given changes no amount, and pricing twice changes nothing;
//! - a discount on the whole is split over lines by largest remainder: shares always sum to the whole.
//!
//! A new discount is one [`Calculator`] put in its place in [`ORDER`].

mod calculators;
mod rules;

pub use calculators::ORDER;
pub use rules::{Basket, BasketLine, Calculator, PlayPrice, Priced, PricedLine, PricingRefused, Tally, TraceLine, price, price_with};

#[cfg(test)]
mod properties;
