//! What one piece costs.

use std::collections::BTreeMap;

use kernel::TimeDiscountId;

use crate::{
    pricing::{BasketLine, Calculator, LowerPrice, Param, PricingRefused, Tally, Timed, Why},
    time_discount::rules::limits::{Full, Limits},
};

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

/// The better one of a discount for a while and a member's price, where no play sets the price. Never dearer. A line of more
/// pieces than a discount has left costs what it does without it.
pub(super) struct LowerPriceStep;

impl Calculator for LowerPriceStep {
    fn step(&self) -> &'static str {
        "lower_price"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        let mut left: BTreeMap<TimeDiscountId, Limits> = BTreeMap::new();
        for (index, line) in price.basket().iter().enumerate().filter(|(_, line)| line.play.is_none()) {
            let member = line.facts.member_price.as_ref().filter(|lower| is_lower(line, lower));
            // Equal ones are the discount's: it ends, membership stays.
            let better = |timed: &&Timed| member.is_none_or(|member| timed.lower.unit_price.minor <= member.unit_price.minor);
            let mut offered = member.map(|member| ("MEMBER_PRICE", member));
            for timed in line.facts.time_discounts.iter().filter(|timed| is_lower(line, &timed.lower)).filter(better) {
                match left.entry(timed.discount).or_insert(timed.limits).take(line.quantity) {
                    Ok(()) => {
                        offered = Some(("TIME_DISCOUNT", &timed.lower));
                        if timed.limits.are_any() {
                            price.note_limited(index, timed.discount);
                        }
                        break;
                    }
                    Err(full) => price.explain(self.step(), index, too_many(&timed.lower, full)),
                }
            }
            if let Some((code, lower)) = offered {
                let why = Why::of(code).with("title", Param::Text(lower.title.clone())).with("price", Param::Money(lower.unit_price));
                price.set_unit_price(self.step(), (index, lower.unit_price), why)?;
            }
        }
        Ok(())
    }
}

fn is_lower(line: &BasketLine, lower: &LowerPrice) -> bool {
    lower.unit_price.currency == line.base_price.currency && (0..line.base_price.minor).contains(&lower.unit_price.minor)
}

fn too_many(lower: &LowerPrice, full: Full) -> Why {
    let (code, limit) = match full {
        Full::Customer(limit) => ("TIME_DISCOUNT_LIMIT", limit),
        Full::InAll(limit) => ("TIME_DISCOUNT_TAKEN", limit),
    };
    let named = Why::of(code).with("title", Param::Text(lower.title.clone()));
    named.with("limit", Param::Number(limit.most)).with("left", Param::Number(limit.left))
}
