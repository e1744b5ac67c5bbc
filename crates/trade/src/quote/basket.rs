//! Everything a price looks at, brought together: the catalog's prices, a play's, what is offered, what the shopper has.
//!
//! The number of statements does not depend on how much is offered: running offers are in the book, lower prices are
//! looked up by SKU.

use std::collections::{BTreeMap, HashMap};

use catalog::{
    inventory,
    product::{
        facts::{self, Known},
        service::SkuInfo,
    },
    returns::ReturnException,
};
use kernel::{CategoryId, CustomerId, Failure, Fault, SkuId};
use platform::{Op, revision::Revisions};
use promotion::{
    book,
    coupon::query as coupons,
    member_price::service as members,
    pricing::{Basket, BasketLine, Facts, GiftFacts, Offers, PlayPrice},
    reduction::rules::Effect,
    settings::rules::MOST_DONATION,
    time_discount::service as time_discounts,
};

use super::{
    PlayPrices, PlayRefused, QuoteRefused,
    service::{NewQuote, checked},
};

/// The most coupons of one quote.
const MOST_COUPONS: usize = 10;

/// A basket, and what is known of what is in it and of what may be given along.
pub(super) struct Gathered {
    pub(super) basket: Basket,
    pub(super) skus: HashMap<SkuId, SkuInfo>,
    pub(super) exceptions: HashMap<SkuId, ReturnException>,
}

/// Who wants what.
pub(super) type Wish<'a> = (CustomerId, &'a NewQuote);

/// Brings together what the price of these wishes depends on.
pub(super) async fn gather(op: &Op, revisions: &Revisions, (customer, wanted): Wish<'_>) -> Result<Gathered, Failure<QuoteRefused>> {
    checked(&wanted.lines)?;
    let book = book::at(op, revisions).await?;
    wishes(wanted, book.settings.donations)?;
    let ids: Vec<SkuId> = wanted.lines.iter().map(|line| line.sku).collect();
    let (mut known, mut exceptions) = (HashMap::with_capacity(ids.len()), HashMap::new());
    let mut standing: HashMap<SkuId, Vec<CategoryId>> = HashMap::with_capacity(ids.len());
    for (sku, found) in facts::known(op, revisions, &ids).await? {
        let Known { info, shelves, exception } = found.as_ref();
        exceptions.extend(exception.map(|exception| (sku, exception)));
        standing.insert(sku, shelves.clone());
        known.insert(sku, info.clone());
    }
    let mut plays: HashMap<SkuId, PlayPrice> = play_prices(op, wanted).await?.into_iter().map(|price| (price.sku, price)).collect();
    let mut time_discounts = time_discounts::running(op, &book, (Some(customer), &known)).await?;
    let mut member_prices = if book.levels { members::prices_for(op, customer, &known).await? } else { HashMap::new() };
    let mut lines = Vec::with_capacity(ids.len());
    for line in &wanted.lines {
        let info = known.get(&line.sku).filter(|info| info.on_sale).ok_or(QuoteRefused::Unavailable(line.sku))?;
        let facts = Facts {
            product: Some(info.product),
            categories: standing.remove(&line.sku).unwrap_or_default(),
            weight_grams: info.weight_grams,
            volume_cm3: info.volume_cm3,
            freight: info.freight_template,
            tax_bps: info.tax_bps,
            time_discounts: time_discounts.remove(&line.sku).unwrap_or_default(),
            member_price: member_prices.remove(&line.sku),
        };
        let (base_price, play) = (info.price, plays.remove(&line.sku));
        lines.push(BasketLine { sku: line.sku, quantity: line.quantity, base_price, play, facts });
    }
    let currency = lines.first().ok_or(QuoteRefused::Empty)?.base_price.currency;
    let mut reductions = book.reductions(op.now());
    let covers = |line: &BasketLine, scope: &promotion::pricing::Scope| scope.covers(line.facts.product, &line.facts.categories);
    reductions.retain(|reduction| lines.iter().any(|line| covers(line, &reduction.terms.scope)));
    let given: Vec<SkuId> = reductions
        .iter()
        .filter_map(|reduction| match reduction.terms.effect {
            Effect::Gift { sku, .. } => Some(sku),
            _ => None,
        })
        .collect();
    let gifts = gifts(op, (revisions, &given), (&mut known, &mut exceptions)).await?;
    let coupons = coupons::in_hand(op, customer, &wanted.coupons).await.map_err(|failure| match failure {
        Failure::Refused(why) => QuoteRefused::Coupons(why).into(),
        Failure::Fault(fault) => Failure::Fault(fault),
    })?;
    let points_balance = if wanted.points > 0 { crate::points::service::spendable(op, customer).await? } else { 0 };
    let offers = Offers {
        reductions,
        gifts,
        coupons,
        points: wanted.points,
        points_balance,
        delivery: wanted.delivery.clone(),
        freight: std::sync::Arc::clone(&book.freight),
        settings: std::sync::Arc::clone(&book.settings),
        donation_minor: wanted.donation_minor,
    };
    Ok(Gathered { basket: Basket { currency, lines, offers }, skus: known, exceptions })
}

fn wishes(wanted: &NewQuote, donations: bool) -> Result<(), QuoteRefused> {
    if !wanted.delivery.is_sane() {
        return Err(QuoteRefused::Region);
    }
    if wanted.points < 0 {
        return Err(QuoteRefused::Points);
    }
    let most = if donations { MOST_DONATION } else { 0 };
    if !(0..=most).contains(&wanted.donation_minor) {
        return Err(QuoteRefused::Donation);
    }
    if wanted.coupons.len() > MOST_COUPONS {
        return Err(QuoteRefused::TooManyCoupons(MOST_COUPONS as i64));
    }
    Ok(())
}

/// What is known of gifts, when there are any.
async fn gifts(
    op: &Op,
    (revisions, ids): (&Revisions, &[SkuId]),
    (known, exceptions): (&mut HashMap<SkuId, SkuInfo>, &mut HashMap<SkuId, ReturnException>),
) -> Result<BTreeMap<SkuId, GiftFacts>, Fault> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = facts::known(op, revisions, ids).await?;
    exceptions.extend(found.iter().filter_map(|(sku, found)| Some((*sku, found.exception?))));
    let infos: HashMap<SkuId, SkuInfo> = found.iter().map(|(sku, found)| (*sku, found.info.clone())).collect();
    let available = inventory::service::available(op, ids).await?;
    let facts = infos.values().filter(|info| info.on_sale).map(|info| {
        let available = available.get(&info.sku).copied().unwrap_or(0);
        (info.sku, GiftFacts { price: info.price, available })
    });
    let facts = facts.collect();
    known.extend(infos);
    Ok(facts)
}

async fn play_prices(op: &Op, wanted: &NewQuote) -> Result<Vec<PlayPrice>, Failure<QuoteRefused>> {
    match &wanted.play {
        None => Ok(Vec::new()),
        Some(play) => {
            let plays = op.port::<dyn PlayPrices>().map_err(|_| QuoteRefused::Play(PlayRefused::unknown_kind()))?;
            plays.price(op, play, &wanted.lines).await.map_err(Failure::widen)
        }
    }
}
