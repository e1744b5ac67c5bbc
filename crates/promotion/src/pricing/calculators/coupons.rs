//! Coupons and points.

use crate::{
    coupon::rules::{Benefit, InHand, Terms, WhyNot},
    pricing::{Calculator, Param, PricingRefused, Tally, Why},
};

/// Coupons on the goods: vouchers, then shares, then amounts. One that cannot be used is refused, never ignored; one that
/// is worth more than its goods is capped.
pub(super) struct Coupons;

impl Calculator for Coupons {
    fn step(&self) -> &'static str {
        "coupon"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        let coupons = in_turn(price);
        let usable: Vec<Vec<usize>> = coupons.iter().map(|coupon| covered(price, (coupon, &coupons))).collect::<Result<_, _>>()?;
        for (coupon, lines) in coupons.iter().zip(usable) {
            let there: i64 = lines.iter().map(|&index| price.lines()[index].payable.minor).sum();
            let (taken, shares) = match coupon.terms.benefit {
                Benefit::Cash { minor } => price.discount_on(self.step(), (&lines, price.money(minor.min(there))), why(coupon))?,
                Benefit::Percent { off_bps, cap_minor } => {
                    let off = price.money(Terms::share(off_bps, cap_minor, there));
                    price.discount_on(self.step(), (&lines, off), why(coupon).with("off", Param::Bps(off_bps)))?
                }
                Benefit::Exchange { pieces } => {
                    let off = exchanged(price, (&lines, pieces));
                    price.take(self.step(), (&lines, off), why(coupon).with("pieces", Param::Number(pieces)))?
                }
                Benefit::FreeShipping { .. } => continue,
            };
            price.note_coupon(coupon.id, taken, lines.into_iter().zip(shares));
        }
        Ok(())
    }
}

/// Coupons on what bringing the goods costs.
pub(super) struct FreightCoupons;

impl Calculator for FreightCoupons {
    fn step(&self) -> &'static str {
        "coupon"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        for coupon in in_turn(price) {
            let Benefit::FreeShipping { cap_minor } = coupon.terms.benefit else { continue };
            if price.shipping().minor == 0 {
                return Err(PricingRefused::Coupon(coupon.id, WhyNot::NoFreight));
            }
            let off = price.money(cap_minor.unwrap_or(price.shipping().minor));
            let taken = price.discount_shipping(self.step(), off, why(coupon))?;
            price.note_coupon(coupon.id, taken, []);
        }
        Ok(())
    }
}

/// Points, as many as help.
pub(super) struct Points;

impl Calculator for Points {
    fn step(&self) -> &'static str {
        "points"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        let offers = &price.input().offers;
        let Some(terms) = offers.settings.points.filter(|_| offers.points > 0) else { return Ok(()) };
        let goods = price.goods()?.minor;
        // What is left to pay at least is not the points' to take: asked for less, they give less points.
        let wanted = offers.points.min(offers.points_balance);
        let (mut points, mut minor) = terms.spend(wanted, goods);
        if minor >= goods {
            let fewer = i128::from(goods.saturating_sub(crate::pricing::LEAST)) * i128::from(terms.points) / i128::from(terms.minor);
            (points, minor) = terms.spend(i64::try_from(fewer).unwrap_or(0), goods);
        }
        if minor > 0 {
            let lines: Vec<usize> = (0..price.lines().len()).collect();
            let why = Why::of("POINTS").with("points", Param::Number(points));
            let (taken, shares) = price.discount_on(self.step(), (&lines, price.money(minor)), why)?;
            price.note_points(points, (taken, &shares));
        }
        Ok(())
    }
}

fn why(coupon: &InHand) -> Why {
    let code = match coupon.terms.benefit {
        Benefit::Cash { .. } => "COUPON_CASH",
        Benefit::Percent { .. } => "COUPON_PERCENT",
        Benefit::FreeShipping { .. } => "COUPON_FREE_SHIPPING",
        Benefit::Exchange { .. } => "COUPON_EXCHANGE",
    };
    Why::of(code).with("title", Param::Text(coupon.title.clone()))
}

fn in_turn<'a>(price: &Tally<'a>) -> Vec<&'a InHand> {
    let mut coupons: Vec<&InHand> = price.input().offers.coupons.iter().collect();
    coupons.sort_by_key(|coupon| (coupon.terms.benefit.turn(), coupon.id));
    coupons.dedup_by_key(|coupon| coupon.id);
    coupons
}

/// The lines a coupon holds on, if it can be used beside these.
fn covered(price: &Tally<'_>, (coupon, all): (&InHand, &[&InHand])) -> Result<Vec<usize>, PricingRefused> {
    let refused = |why| Err(PricingRefused::Coupon(coupon.id, why));
    let terms = &coupon.terms;
    if let Some(problem) = coupon.problem.or_else(|| coupon.beside(all)) {
        return refused(problem);
    }
    if terms.currency != price.input().currency {
        return refused(WhyNot::Currency);
    }
    let named = |index: &usize| {
        let facts = &price.basket()[*index].facts;
        terms.scope.covers(facts.product, &facts.categories)
    };
    let lines: Vec<usize> = (0..price.basket().len()).filter(named).collect();
    let without_plays: Vec<usize> =
        lines.iter().copied().filter(|&index| terms.with_plays || price.basket()[index].play.is_none()).collect();
    let covered: Vec<usize> = without_plays.iter().copied().filter(|&index| terms.with_reductions || !price.is_reduced(index)).collect();
    if covered.is_empty() {
        return refused(match (lines.is_empty(), without_plays.is_empty()) {
            (true, _) => WhyNot::NothingCovered,
            (false, true) => WhyNot::WithPlay,
            (false, false) => WhyNot::WithReduction,
        });
    }
    let spent: i64 = covered.iter().map(|&index| price.lines()[index].payable.minor).sum();
    if spent < terms.min_spend_minor {
        return refused(WhyNot::TooLittle(terms.min_spend_minor - spent));
    }
    Ok(covered)
}

/// What the dearest pieces of these lines still cost, by line.
fn exchanged(price: &Tally<'_>, (lines, pieces): (&[usize], i64)) -> Vec<i64> {
    // Gifts cost nothing already: what a piece still costs is shared by those that are bought.
    let bought = |index: usize| (price.lines()[index].quantity - price.lines()[index].gifts).max(1);
    let each = |index: usize| price.lines()[index].payable.minor / bought(index);
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(each(lines[i])), lines[i]));
    let mut off = vec![0; lines.len()];
    let mut left = pieces;
    for i in order {
        let taken = bought(lines[i]).min(left);
        // All of a line's pieces are all of its price, odd cents included.
        off[i] = if taken == bought(lines[i]) { price.lines()[lines[i]].payable.minor } else { each(lines[i]) * taken };
        left -= taken;
    }
    off
}
