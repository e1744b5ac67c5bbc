//! What something would cost, without a promise: with every coupon the shopper has, usable or not, and the best choice.

use catalog::product::service::SkuInfo;
use kernel::{CouponId, CustomerId, Failure, Money, SkuId};
use platform::{Op, revision};
use promotion::{
    coupon::{
        query as coupons,
        rules::{InHand, WhyNot},
    },
    pricing::{Basket, Priced, PricingRefused, price},
};
use std::collections::{BTreeMap, HashMap};

use super::{
    QuoteRefused, basket,
    service::{self, NewQuote},
};

/// A price without a promise.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The price with the coupons that were asked for, or with the best ones.
    pub priced: Priced,
    /// What is known of what is in it.
    pub skus: HashMap<SkuId, SkuInfo>,
    /// The shopper's coupons, and what each would do alone.
    pub coupons: Vec<CouponView>,
    /// The coupons that save most together.
    pub best: Vec<CouponId>,
}

/// One of the shopper's coupons beside a basket.
#[derive(Clone, Debug)]
pub struct CouponView {
    /// The coupon.
    pub coupon: InHand,
    /// What it would save alone, or why it cannot be used.
    pub saves: Result<Money, WhyNot>,
}

/// Which coupons a preview uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Those that are named.
    Named,
    /// Those that save most.
    Best,
}

/// What these wishes would cost the asker.
pub async fn preview(op: &Op, (wanted, choice): (&NewQuote, Choice)) -> Result<Preview, Failure<QuoteRefused>> {
    let customer = op.customer()?;
    let gathered = basket::gather(op, &revision::current(op).await?, (customer, wanted)).await?;
    let in_hand = coupons::usable(op, customer).await?;
    let (views, best) = weigh(&gathered.basket, in_hand);
    let mut chosen = gathered.basket;
    if choice == Choice::Best {
        let best = views.iter().filter(|view| best.contains(&view.coupon.id)).map(|view| view.coupon.clone());
        chosen.offers.coupons = best.collect();
    }
    let priced = price(chosen).map_err(QuoteRefused::from)?;
    Ok(Preview { priced, skus: gathered.skus, coupons: views, best })
}

/// The coupons of the asker that save most on these wishes.
pub async fn best(op: &Op, (customer, wanted): (CustomerId, &NewQuote)) -> Result<Vec<CouponId>, Failure<QuoteRefused>> {
    let in_hand = coupons::usable(op, customer).await?;
    if in_hand.is_empty() {
        return Ok(Vec::new());
    }
    let plain = NewQuote { coupons: Vec::new(), ..wanted.clone() };
    let gathered = basket::gather(op, &revision::current(op).await?, (customer, &plain)).await?;
    Ok(weigh(&gathered.basket, in_hand).1)
}

/// What is in the asker's cart, as wishes.
pub async fn of_cart(op: &Op, wanted: NewQuote) -> Result<NewQuote, Failure<QuoteRefused>> {
    Ok(NewQuote { lines: service::in_cart(op).await?, ..wanted })
}

/// Tries every coupon alone, then the best of each group together, and answers what each does and which save most.
fn weigh(basket: &Basket, in_hand: Vec<InHand>) -> (Vec<CouponView>, Vec<CouponId>) {
    let with = |coupons: Vec<InHand>| {
        let mut basket = basket.clone();
        basket.offers.coupons = coupons;
        price(basket)
    };
    let Ok(plain) = with(Vec::new()) else { return (Vec::new(), Vec::new()) };
    let views: Vec<CouponView> = in_hand
        .into_iter()
        .map(|coupon| {
            let saves = match with(vec![coupon.clone()]) {
                Ok(priced) => Ok(Money { minor: plain.total.minor - priced.total.minor, ..plain.total }),
                Err(PricingRefused::Coupon(_, why)) => Err(why),
                Err(_) => Err(WhyNot::NothingCovered),
            };
            CouponView { coupon, saves }
        })
        .collect();
    let saved = |view: &CouponView| view.saves.as_ref().map_or(0, |money| money.minor);
    // Of each group the one that saves most alone; of equal ones, the one that ends first.
    let mut groups: BTreeMap<&str, &CouponView> = BTreeMap::new();
    for view in views.iter().filter(|view| saved(view) > 0 && !view.coupon.terms.alone) {
        let known = groups.entry(&view.coupon.terms.group).or_insert(view);
        if saved(view) > saved(known) {
            *known = view;
        }
    }
    let together: Vec<InHand> = groups.into_values().map(|view| view.coupon.clone()).collect();
    let alone = views.iter().filter(|view| saved(view) > 0).max_by_key(|view| saved(view));
    let total = |coupons: &[InHand]| with(coupons.to_vec()).ok().map(|priced| priced.total.minor);
    let choices = [together, alone.map(|view| vec![view.coupon.clone()]).unwrap_or_default()];
    let best = choices.into_iter().filter_map(|coupons| Some((total(&coupons)?, coupons))).min_by_key(|(total, _)| *total);
    let best = best.map(|(_, coupons)| coupons.into_iter().map(|coupon| coupon.id).collect()).unwrap_or_default();
    (views, best)
}
