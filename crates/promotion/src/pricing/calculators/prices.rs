//! What one piece costs.

use crate::pricing::{Calculator, Param, PricingRefused, Tally, Why};

/// What the catalog asks.
pub(super) struct BasePrice;

impl Calculator for BasePrice {
    fn step(&self) -> &'static str {
        "base_price"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        for index in 0..price.basket().len() {
            let base = price.basket()[index].base_price;
            price.set_unit_price(self.step(), (index, base), Why::of("BASE_PRICE"))?;
        }
        Ok(())
    }
}

/// What a marketing play asks instead, dearer or cheaper.
pub(super) struct PlayPriceStep;

impl Calculator for PlayPriceStep {
    fn step(&self) -> &'static str {
        "play_price"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        for index in 0..price.basket().len() {
            if let Some(play) = &price.basket()[index].play {
                price.set_unit_price(self.step(), (index, play.unit_price), Why::of(play.code.clone()))?;
            }
        }
        Ok(())
    }
}

/// The better one of a discount for a while and a member's price, where no play sets the price. Never dearer.
pub(super) struct LowerPriceStep;

impl Calculator for LowerPriceStep {
    fn step(&self) -> &'static str {
        "lower_price"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        for (index, line) in price.basket().iter().enumerate() {
            if line.play.is_some() {
                continue;
            }
            let offered = [("TIME_DISCOUNT", &line.facts.time_discount), ("MEMBER_PRICE", &line.facts.member_price)];
            let offered = offered.into_iter().filter_map(|(code, lower)| lower.as_ref().map(|lower| (code, lower)));
            let better = offered.filter(|(_, lower)| lower.unit_price.currency == line.base_price.currency);
            // Equal ones are the discount's: it ends, membership stays.
            let Some((code, lower)) = better.min_by_key(|(_, lower)| lower.unit_price.minor) else { continue };
            if (0..line.base_price.minor).contains(&lower.unit_price.minor) {
                let why = Why::of(code).with("title", Param::Text(lower.title.clone())).with("price", Param::Money(lower.unit_price));
                price.set_unit_price(self.step(), (index, lower.unit_price), why)?;
            }
        }
        Ok(())
    }
}
