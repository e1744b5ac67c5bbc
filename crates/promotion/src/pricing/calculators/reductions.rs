//! Reductions of the whole basket, and what is given along.

use std::cmp::Reverse;

use crate::{
    pricing::{Calculator, Param, PricingRefused, Tally, Why},
    reduction::rules::{Piece, Reduction},
};

/// So much off from so much on, the n-th piece, so many for one price, bundles. A line takes part in one of them.
pub(super) struct Reductions;

impl Calculator for Reductions {
    fn step(&self) -> &'static str {
        "reduction"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        let mut candidates: Vec<(&Reduction, i64)> = Vec::new();
        for reduction in &price.input().offers.reductions {
            let (_, pieces) = covered(price, reduction);
            let saves = reduction.terms.saves(&pieces);
            if saves > 0 {
                candidates.push((reduction, saves));
            }
        }
        candidates.sort_by_key(|(reduction, off)| (Reverse(reduction.priority), Reverse(*off), reduction.id));
        for (reduction, _) in candidates {
            if (0..price.basket().len()).all(|index| price.is_reduced(index)) {
                break;
            }
            let (lines, pieces) = covered(price, reduction);
            let Some(off) = reduction.terms.off(&pieces) else { continue };
            let hit: Vec<usize> = lines.iter().zip(&off).filter(|(_, off)| **off > 0).map(|(line, _)| *line).collect();
            price.take(self.step(), (&lines, off), why(reduction))?;
            price.mark_reduced(hit);
        }
        Ok(())
    }
}

/// What is given along, while there is some. Gifts take no part in reductions.
pub(super) struct Gifts;

impl Calculator for Gifts {
    fn step(&self) -> &'static str {
        "gift"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        let mut reductions: Vec<&Reduction> = price.input().offers.reductions.iter().map(AsRef::as_ref).collect();
        reductions.sort_by_key(|reduction| (Reverse(reduction.priority), reduction.id));
        for reduction in reductions {
            let all = |_: usize| true;
            let (_, pieces) = select(price, reduction, all);
            let Some((sku, quantity)) = reduction.terms.gift(&pieces) else { continue };
            let Some(facts) = price.input().offers.gifts.get(&sku) else { continue };
            let taken: i64 = price.lines().iter().filter(|line| line.sku == sku).map(|line| line.quantity).sum();
            let quantity = quantity.min(facts.available - taken);
            if quantity > 0 && facts.price.currency == price.input().currency {
                price.give(self.step(), (sku, quantity, facts.price), why(reduction).with("quantity", Param::Number(quantity)))?;
            }
        }
        Ok(())
    }
}

fn why(reduction: &Reduction) -> Why {
    Why::of(reduction.terms.effect.code()).with("title", Param::Text(reduction.title.clone()))
}

/// The lines it covers that no other reduction has.
fn covered(price: &Tally<'_>, reduction: &Reduction) -> (Vec<usize>, Vec<Piece>) {
    select(price, reduction, |index| !price.is_reduced(index))
}

fn select(price: &Tally<'_>, reduction: &Reduction, free: impl Fn(usize) -> bool) -> (Vec<usize>, Vec<Piece>) {
    let terms = &reduction.terms;
    if terms.currency != price.input().currency {
        return Default::default();
    }
    let lines = price.basket().iter().zip(price.lines()).enumerate();
    let covered = lines.filter(|(index, (line, _))| {
        free(*index) && (terms.with_plays || line.play.is_none()) && terms.scope.covers(line.facts.product, &line.facts.categories)
    });
    covered
        .map(|(index, (line, priced))| (index, Piece { sku: line.sku, quantity: line.quantity, unit_minor: priced.unit_price.minor }))
        .unzip()
}
