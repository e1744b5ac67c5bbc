//! What SKUs cost whoever asks, before anything lies in the cart: the list price, or the lower of time discount and
//! member price, as [`crate::pricing`] will charge it.

use std::collections::HashMap;

use catalog::{
    prices::{Activity, SkuOffer},
    product::service::{SkuInfo, skus},
};
use kernel::{Fault, SkuId};
use platform::Op;

use crate::{
    member_price::service as members,
    pricing::Timed,
    time_discount::service::{self as time_discounts, Applied, KIND},
};

/// What these SKUs cost whoever asks, plays aside. Nobody in particular pays no member price.
pub async fn current(op: &Op, ids: &[SkuId]) -> Result<HashMap<SkuId, SkuOffer>, Fault> {
    let known = skus(op, ids).await?;
    let mut discounts = time_discounts::applied(op, (op.actor.customer(), &known)).await?;
    let mut member_prices = match op.actor.customer() {
        Some(customer) => members::prices_for(op, customer, &known).await?,
        None => HashMap::new(),
    };
    let offer = |info: &SkuInfo| {
        let plain = SkuOffer { sku: info.sku, list: info.price, price: info.price, applied: None, ends_at: None, since: None, play: None };
        let open = |discount: &Applied| discount.timed.lower.unit_price.minor < info.price.minor && discount.timed.limits.is_open();
        let discount = discounts.remove(&info.sku).into_iter().flatten().find(open);
        let member = member_prices.remove(&info.sku).filter(|member| member.unit_price.minor < info.price.minor);
        match (discount, member) {
            (discount, Some(member))
                if discount.as_ref().is_none_or(|discount| member.unit_price.minor < discount.timed.lower.unit_price.minor) =>
            {
                let applied = Activity { kind: "member_price".to_owned(), id: String::new(), title: member.title };
                SkuOffer { price: member.unit_price, applied: Some(applied), ..plain }
            }
            (Some(Applied { timed: Timed { discount: id, lower, .. }, starts_at, ends_at }), _) => {
                let applied = Activity { kind: KIND.to_owned(), id: id.to_string(), title: lower.title };
                SkuOffer { price: lower.unit_price, applied: Some(applied), ends_at: Some(ends_at), since: Some(starts_at), ..plain }
            }
            (None, _) => plain,
        }
    };
    Ok(known.values().map(offer).map(|offer| (offer.sku, offer)).collect())
}
