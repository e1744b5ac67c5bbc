//! The steps, and their order.

use kernel::Money;

use super::rules::{Calculator, PricingRefused, Tally};

/// The steps in the order in which they apply. Time discounts and member prices, full reductions, coupons, points, tax
/// and donations take their places between the play price and the shipping, or behind it.
pub const ORDER: &[&dyn Calculator] = &[&BasePrice, &PlayPriceStep, &Shipping];

/// What the catalog asks.
struct BasePrice;

impl Calculator for BasePrice {
    fn step(&self) -> &'static str {
        "base_price"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        for index in 0..price.basket().len() {
            let base = price.basket()[index].base_price;
            price.set_unit_price(self.step(), index, base, "BASE_PRICE".into())?;
        }
        Ok(())
    }
}

/// What a marketing play asks instead, dearer or cheaper.
struct PlayPriceStep;

impl Calculator for PlayPriceStep {
    fn step(&self) -> &'static str {
        "play_price"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        for index in 0..price.basket().len() {
            if let Some(play) = price.basket()[index].play.clone() {
                price.set_unit_price(self.step(), index, play.unit_price, play.code)?;
            }
        }
        Ok(())
    }
}

/// What bringing it costs: nothing yet, and it says so.
struct Shipping;

impl Calculator for Shipping {
    fn step(&self) -> &'static str {
        "shipping"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        let free = Money::zero(price.goods()?.currency);
        price.add_shipping(self.step(), free, "FREE_SHIPPING".into())
    }
}
