//! Making and reading quotes.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog::{product::service::SkuInfo, returns::ReturnException};
use entity::trade::quote as table;
use kernel::{CouponId, CustomerId, Failure, Fault, Money, OrderId, QuoteId, SkuId, Timestamp};
use platform::{
    Op, Tx,
    revision::{self, Revisions},
};
use promotion::{
    freight::rules::Delivery,
    pricing::{PricedLine, TraceLine, price},
    time_discount::holds::Pieces,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};

use super::{PlayRef, QuoteRefused, basket};
use crate::{MOST_LINES, MOST_OF_ONE, TradeSettings, cart};

/// One SKU and how many of it are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedLine {
    /// What.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
}

/// What a shopper wants a price for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewQuote {
    /// Each SKU once.
    pub lines: Vec<WantedLine>,
    /// Which play sets the price.
    pub play: Option<PlayRef>,
    /// Which of their coupons they use.
    pub coupons: Vec<CouponId>,
    /// How many points they would spend, at most.
    pub points: i64,
    /// How the goods come, and where to.
    pub delivery: Delivery,
    /// What they give to others, in minor units.
    pub donation_minor: i64,
}

/// A price promised for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Which.
    pub id: QuoteId,
    /// To whom it is promised.
    pub customer: CustomerId,
    /// The priced lines.
    pub lines: Vec<PricedLine>,
    /// What the lines cost together.
    pub goods: Money,
    /// What bringing them costs.
    pub shipping: Money,
    /// Tax and duty that are added.
    pub tax: Money,
    /// What the shopper gives to others.
    pub donation: Money,
    /// What is paid.
    pub total: Money,
    /// The customer's coupons it is priced with; the order holds them.
    pub coupons: Vec<CouponId>,
    /// How many points are spent; the order holds them.
    pub points: i64,
    /// What they take off.
    pub points_worth: Money,
    /// How the goods come, and where to.
    pub delivery: Delivery,
    /// How it came about; its amounts sum to the total.
    pub trace: Vec<TraceLine>,
    /// Which play set the price.
    pub play: Option<PlayRef>,
    /// Whether the order takes its lines out of the cart.
    pub from_cart: bool,
    /// The order it became.
    pub used_by: Option<OrderId>,
    /// When it was promised.
    pub created_at: Timestamp,
    /// The promise ends.
    pub expires_at: Timestamp,
}

impl Quote {
    /// The pieces an order at it has at limited prices.
    pub(crate) fn limited_pieces(&self, order: OrderId) -> Pieces {
        let mut of = BTreeMap::new();
        for (discount, line) in self.lines.iter().filter_map(|line| Some((line.limited?, line))) {
            *of.entry(discount).or_default() += line.quantity - line.gifts;
        }
        Pieces { order, customer: self.customer, of }
    }

    /// What was wanted.
    pub fn wanted(&self) -> NewQuote {
        // Gifts are not wanted, they are given.
        let bought = self.lines.iter().filter(|line| line.quantity > line.gifts);
        NewQuote {
            lines: bought.map(|line| WantedLine { sku: line.sku, quantity: line.quantity - line.gifts }).collect(),
            play: self.play.clone(),
            coupons: self.coupons.clone(),
            points: self.points,
            delivery: self.delivery.clone(),
            donation_minor: self.donation.minor,
        }
    }
}

/// A basket priced now, and what is in it.
pub(crate) struct PricedNow {
    pub(crate) priced: promotion::pricing::Priced,
    pub(crate) skus: HashMap<SkuId, SkuInfo>,
    pub(crate) exceptions: HashMap<SkuId, ReturnException>,
}

/// Promises the shopper a price.
pub async fn create(op: &Op, wanted: NewQuote) -> Result<Quote, Failure<QuoteRefused>> {
    let customer = op.customer()?;
    let now = price_now(op, (customer, &wanted)).await?;
    store(op, Promise { customer, wanted, priced: now.priced, from_cart: false }).await.map_err(Failure::Fault)
}

/// Promises a price for what can be bought of the shopper's cart; an order at it takes those lines out of the cart.
pub async fn create_from_cart(op: &Op, wanted: NewQuote) -> Result<Quote, Failure<QuoteRefused>> {
    let customer = op.customer()?;
    let revisions = revision::current(op).await?;
    let wanted = NewQuote { lines: cart::service::wanted(op, &revisions).await?, ..wanted };
    let now = price_at(op, &revisions, (customer, &wanted)).await?;
    store(op, Promise { customer, wanted, priced: now.priced, from_cart: true }).await.map_err(Failure::Fault)
}

/// The shopper's own quote; none when it is somebody else's, for the system everybody's.
pub async fn get(op: &Op, id: QuoteId) -> Result<Option<Quote>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?;
    let visible = |row: &table::Model| match &op.actor {
        kernel::Actor::Customer { id, .. } => *id == row.customer,
        kernel::Actor::System(_) => true,
        _ => false,
    };
    row.filter(visible).map(quote).transpose()
}

/// Prices what a customer wants with today's prices.
pub(crate) async fn price_now(op: &Op, (customer, wanted): (CustomerId, &NewQuote)) -> Result<PricedNow, Failure<QuoteRefused>> {
    price_at(op, &revision::current(op).await?, (customer, wanted)).await
}

async fn price_at(op: &Op, revisions: &Revisions, wish: basket::Wish<'_>) -> Result<PricedNow, Failure<QuoteRefused>> {
    let gathered = basket::gather(op, revisions, wish).await?;
    let priced = price(gathered.basket).map_err(QuoteRefused::from)?;
    if priced.total.minor == 0 {
        return Err(QuoteRefused::NothingToPay.into());
    }
    Ok(PricedNow { priced, skus: gathered.skus, exceptions: gathered.exceptions })
}

/// What of the asker's cart can be bought.
pub(super) async fn in_cart(op: &Op) -> Result<Vec<WantedLine>, Fault> {
    cart::service::wanted(op, &revision::current(op).await?).await
}

/// What is promised to whom.
pub(crate) struct Promise {
    pub(crate) customer: CustomerId,
    pub(crate) wanted: NewQuote,
    pub(crate) priced: promotion::pricing::Priced,
    pub(crate) from_cart: bool,
}

/// Writes a promise down.
pub(crate) async fn store(op: &Op, promise: Promise) -> Result<Quote, Fault> {
    let (priced, play, now) = (promise.priced, promise.wanted.play, op.now());
    let made = Quote {
        id: op.new_id(),
        customer: promise.customer,
        lines: priced.lines,
        goods: priced.goods,
        shipping: priced.shipping,
        tax: priced.tax,
        donation: priced.donation,
        total: priced.total,
        coupons: priced.coupons.iter().map(|(coupon, _)| *coupon).collect(),
        points: priced.points,
        points_worth: priced.points_worth,
        delivery: promise.wanted.delivery,
        trace: priced.trace,
        play,
        from_cart: promise.from_cart,
        used_by: None,
        created_at: now,
        expires_at: now + op.port::<TradeSettings>()?.quote_lifetime,
    };
    let row = table::ActiveModel {
        id: Set(made.id),
        customer: Set(made.customer),
        lines: Set(serde_json::to_value(&made.lines)?),
        trace: Set(serde_json::to_value(&made.trace)?),
        goods_minor: Set(made.goods.minor),
        beside_goods_minor: Set(made.total.minor - made.goods.minor),
        shipping_minor: Set(made.shipping.minor),
        tax_minor: Set(made.tax.minor),
        donation_minor: Set(made.donation.minor),
        total_minor: Set(made.total.minor),
        currency: Set(made.total.currency),
        play_kind: Set(made.play.as_ref().map(|play| play.kind.clone())),
        play_id: Set(made.play.as_ref().map(|play| play.id.clone())),
        play_team: Set(made.play.as_ref().and_then(|play| play.team)),
        play_team_size: Set(made.play.as_ref().and_then(|play| play.team_size).map(i64::from)),
        from_cart: Set(made.from_cart),
        coupons: Set(serde_json::to_value(&made.coupons)?),
        points: Set(made.points),
        points_worth_minor: Set(made.points_worth.minor),
        delivery_mode: Set(mode(&made.delivery).to_owned()),
        region: Set(made.delivery.region().map(str::to_owned)),
        used_by: Set(None),
        created_at: Set(made.created_at),
        expires_at: Set(made.expires_at),
    };
    table::Entity::insert(row).exec_without_returning(op.platform.db.writer()).await?;
    Ok(made)
}

/// Marks the quote as used by an order; `false` when another order used it.
pub(crate) async fn redeem(tx: &Tx, quote: QuoteId, order: OrderId) -> Result<bool, Fault> {
    let update = table::Entity::update_many()
        .col_expr(table::Column::UsedBy, Expr::value(order))
        .filter(table::Column::Id.eq(quote))
        .filter(table::Column::UsedBy.is_null());
    Ok(update.exec(&**tx).await?.rows_affected == 1)
}

fn mode(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Ship { .. } => "SHIP",
        Delivery::PickUp => "PICK_UP",
        Delivery::Virtual => "VIRTUAL",
    }
}

pub(super) fn checked(lines: &[WantedLine]) -> Result<(), QuoteRefused> {
    if lines.is_empty() {
        return Err(QuoteRefused::Empty);
    }
    if lines.len() > MOST_LINES {
        return Err(QuoteRefused::TooManyLines(MOST_LINES as i64));
    }
    let mut seen = HashSet::new();
    for line in lines {
        if !(1..=MOST_OF_ONE).contains(&line.quantity) {
            return Err(QuoteRefused::Quantity(MOST_OF_ONE));
        }
        if !seen.insert(line.sku) {
            return Err(QuoteRefused::Duplicate(line.sku));
        }
    }
    Ok(())
}

fn quote(row: table::Model) -> Result<Quote, Fault> {
    let money = |minor| Money::new(minor, row.currency);
    let play = row.play_kind.zip(row.play_id).map(|(kind, id)| PlayRef {
        kind,
        id,
        team: row.play_team,
        team_size: row.play_team_size.and_then(|size| u32::try_from(size).ok()),
    });
    Ok(Quote {
        id: row.id,
        customer: row.customer,
        goods: money(row.goods_minor),
        shipping: money(row.shipping_minor),
        tax: money(row.tax_minor),
        donation: money(row.donation_minor),
        total: money(row.total_minor),
        coupons: serde_json::from_value(row.coupons)?,
        points: row.points,
        points_worth: money(row.points_worth_minor),
        delivery: match row.delivery_mode.as_str() {
            "PICK_UP" => Delivery::PickUp,
            "VIRTUAL" => Delivery::Virtual,
            _ => Delivery::Ship { region: row.region },
        },
        lines: serde_json::from_value(row.lines)?,
        trace: serde_json::from_value(row.trace)?,
        play,
        from_cart: row.from_cart,
        used_by: row.used_by,
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}
