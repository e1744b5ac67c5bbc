//! What staff do with time discounts, and what they make of prices.

use std::collections::{BTreeSet, HashMap};

use catalog::{
    prices::service::{self as history, Offered},
    product::{
        events::ProductSaved,
        service::{SkuInfo, skus},
    },
};
use entity::promotion::{coupon_template::OfferState, time_discount as table, time_discount_sku as prices};
use kernel::{Bps, CursorError, CustomerId, Failure, Fault, LocalizedText, Money, Page, PageRequest, SkuId, TimeDiscountId, Timestamp};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    holds,
    rules::{
        self, Stand,
        limits::{Most, Used},
    },
};
use crate::{
    EditRefused,
    book::{self, Book},
    console::{
        preview::PreviewLine,
        service::{Brings, up_to},
    },
    error::titled,
    offer::{Step, Window},
    pricing::{LowerPrice, Timed},
};

/// What the history of prices calls discounts.
pub const KIND: &str = "time_discount";

/// The most SKUs of one discount.
const MOST_SKUS: usize = 500;

/// A stored discount.
pub type Row = table::Model;

/// What one SKU costs for a while.
pub type PriceRow = prices::Model;

/// How a price is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lower {
    /// To this, in minor units of the SKU's currency.
    To(i64),
    /// By this share, in basis points.
    By(i64),
}

impl From<&PriceRow> for Lower {
    fn from(row: &PriceRow) -> Self {
        row.price_minor.map_or(Self::By(row.off_bps.unwrap_or(0)), Self::To)
    }
}

/// A discount as staff write it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it is called.
    pub title: LocalizedText,
    /// When it holds.
    pub window: Window,
    /// On what, and how much.
    pub prices: Vec<(SkuId, Lower)>,
    /// How many pieces go at that.
    pub most: Most,
}

/// Writes a discount nobody sees yet.
pub async fn create(op: &Op, draft: Draft) -> Result<Row, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let id: TimeDiscountId = op.new_id();
    let tx = op.begin().await?;
    let row = table::ActiveModel {
        id: Set(id),
        title: Set(draft.title),
        state: Set(OfferState::Draft),
        starts_at: Set(draft.window.starts_at),
        ends_at: Set(draft.window.ends_at),
        ended_at: Set(None),
        most_per_customer: Set(draft.most.per_customer),
        most_in_all: Set(draft.most.in_all),
        used: Set(0),
        created_at: Set(op.now()),
        updated_at: Set(op.now()),
    };
    table::Entity::insert(row).exec_without_returning(&*tx).await?;
    rows::insert(&*tx, price_rows(id, &draft.prices)).await?;
    done(op, tx, id).await
}

/// Changes a draft. From its publishing on, everything a discount says is a promise.
pub async fn update(op: &Op, id: TimeDiscountId, draft: Draft) -> Result<Row, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let tx = op.begin().await?;
    let before = locked(&tx, id).await?;
    if before.state != OfferState::Draft {
        return Err(EditRefused::Fixed.into());
    }
    let row = table::ActiveModel {
        id: Set(before.id),
        title: Set(draft.title),
        starts_at: Set(draft.window.starts_at),
        ends_at: Set(draft.window.ends_at),
        most_per_customer: Set(draft.most.per_customer),
        most_in_all: Set(draft.most.in_all),
        updated_at: Set(op.now()),
        ..Default::default()
    };
    table::Entity::update(row).exec(&*tx).await?;
    prices::Entity::delete_many().filter(prices::Column::TimeDiscount.eq(id)).exec(&*tx).await?;
    rows::insert(&*tx, price_rows(id, &draft.prices)).await?;
    done(op, tx, id).await
}

/// Writes a discount anew, as a draft: the same promises, its window moved by whole days until it lies ahead.
pub async fn copy(op: &Op, id: TimeDiscountId) -> Result<Row, Failure<EditRefused>> {
    let row = get(op, id).await?.ok_or(EditRefused::NotFound)?;
    let prices = prices_of(op, &[id]).await?.remove(&id).unwrap_or_default();
    let window = Window { starts_at: row.starts_at, ends_at: row.ends_at }.ahead(op.now());
    let (most, prices) = (most(&row), prices.iter().map(|price| (price.sku, Lower::from(price))).collect());
    create(op, Draft { title: row.title, window, prices, most }).await
}

/// What a discount comes to before it begins, SKU by SKU, with what a unit costs where it was said.
pub async fn preview(op: &Op, (id, costs): (TimeDiscountId, &HashMap<SkuId, Money>)) -> Result<Vec<PreviewLine>, Failure<EditRefused>> {
    let most = get(op, id).await?.ok_or(EditRefused::NotFound)?.most_in_all;
    let rows = prices_of(op, &[id]).await?.remove(&id).unwrap_or_default();
    let known = skus(op, &rows.iter().map(|row| row.sku).collect::<Vec<_>>()).await?;
    if known.values().any(|info| costs.get(&info.sku).is_some_and(|cost| cost.currency != info.price.currency)) {
        return Err(EditRefused::Currency.into());
    }
    let brings = rows.iter().filter_map(|row| Some((row, known.get(&row.sku)?)));
    let brings = brings.map(|(row, info)| Ok(Brings { sku: row.sku, price: lowered(row, info)?, most }));
    Ok(up_to(op, &brings.collect::<Result<Vec<_>, Fault>>()?, costs).await?)
}

/// Where a discount stands.
pub fn stand(row: &Row, now: Timestamp) -> Stand {
    match row.state {
        OfferState::Draft => Stand::Draft,
        _ if row.ended_at.is_some() || row.ends_at <= now => Stand::Ended,
        OfferState::Active => Stand::Active,
        OfferState::Stopped => Stand::Stopped,
    }
}

/// Offers a discount, or pauses it; offering it again lets it go on. A step taken already is a success.
pub async fn step(op: &Op, id: TimeDiscountId, step: Step) -> Result<Row, Failure<EditRefused>> {
    let step = match step {
        Step::Activate => rules::Step::Activate,
        Step::Stop => rules::Step::Stop,
    };
    go(op, id, step).await
}

/// Ends a discount for good, before its time. Ended already is ended.
pub async fn end(op: &Op, id: TimeDiscountId) -> Result<Row, Failure<EditRefused>> {
    go(op, id, rules::Step::End).await
}

async fn go(op: &Op, id: TimeDiscountId, step: rules::Step) -> Result<Row, Failure<EditRefused>> {
    let lowered = prices_of(op, &[id]).await?.remove(&id).unwrap_or_default();
    let known = skus(op, &lowered.iter().map(|row| row.sku).collect::<Vec<_>>()).await?;
    let mut tx = op.begin().await?;
    let before = locked(&tx, id).await?;
    let stands = stand(&before, op.now());
    let next = rules::step(stands, step, (before.ends_at, op.now())).map_err(EditRefused::from)?;
    if next == stands {
        return Ok(before);
    }
    let state = if next == Stand::Active { OfferState::Active } else { OfferState::Stopped };
    let ended_at = (next == Stand::Ended).then(|| op.now());
    let update = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(state.to_value()))
        .col_expr(table::Column::EndedAt, Expr::value(ended_at.map(|at| at.0)))
        .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0));
    update.filter(table::Column::Id.eq(id).and(table::Column::State.eq(before.state))).exec(&*tx).await?;
    told(&mut tx, op, (&Row { state, ended_at, ..before }, &known)).await?;
    done(op, tx, id).await
}

/// One discount.
pub async fn get(op: &Op, id: TimeDiscountId) -> Result<Option<Row>, Fault> {
    Ok(table::Entity::find_by_id(id).one(op.reader()).await?)
}

/// What these discounts make of which SKUs.
pub async fn prices_of(op: &Op, ids: &[TimeDiscountId]) -> Result<HashMap<TimeDiscountId, Vec<PriceRow>>, Fault> {
    let rows = prices::Entity::find()
        .filter(prices::Column::TimeDiscount.is_in(ids.iter().copied()))
        .order_by_asc(prices::Column::Sku)
        .all(op.reader())
        .await?;
    let mut found: HashMap<TimeDiscountId, Vec<PriceRow>> = HashMap::new();
    rows.into_iter().for_each(|row| found.entry(row.time_discount).or_default().push(row));
    Ok(found)
}

/// The discounts, the newest first.
pub async fn list(op: &Op, stand: Option<Stand>, page: PageRequest) -> Result<Page<Row>, Failure<CursorError>> {
    let mut rows = table::Entity::find();
    let over = || table::Column::EndedAt.is_not_null().or(table::Column::EndsAt.lte(op.now()));
    rows = match stand {
        None => rows,
        Some(Stand::Draft) => rows.filter(table::Column::State.eq(OfferState::Draft)),
        Some(Stand::Active) => rows.filter(table::Column::State.eq(OfferState::Active)).filter(over().not()),
        Some(Stand::Stopped) => rows.filter(table::Column::State.eq(OfferState::Stopped)).filter(over().not()),
        Some(Stand::Ended) => rows.filter(table::Column::State.ne(OfferState::Draft)).filter(over()),
    };
    if let Some(after) = &page.after {
        rows = rows.filter(table::Column::Id.lt(after.key::<TimeDiscountId>()?));
    }
    let rows = rows.order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

/// A discount that lowers a SKU's price now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Which, what the SKU costs, and how many pieces still go at that.
    pub timed: Timed,
    /// Since when.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
}

/// Who looks at what; nobody in particular has taken nothing yet.
pub type Looks<'a> = (Option<CustomerId>, &'a HashMap<SkuId, SkuInfo>);

/// What these SKUs cost for a while, now, the lowest first. Nothing is asked while the book has none.
pub async fn running(op: &Op, book: &Book, looks: Looks<'_>) -> Result<HashMap<SkuId, Vec<Timed>>, Fault> {
    if !book.time_discounts(op.now()) {
        return Ok(HashMap::new());
    }
    let timed = |applied: Vec<Applied>| applied.into_iter().map(|applied| applied.timed).collect();
    Ok(applied(op, looks).await?.into_iter().map(|(sku, applied)| (sku, timed(applied))).collect())
}

/// Which discounts lower the price of these SKUs now, the lowest of each first. What the customer has taken is asked where
/// there are limits.
pub async fn applied(op: &Op, (customer, skus): Looks<'_>) -> Result<HashMap<SkuId, Vec<Applied>>, Fault> {
    let rows = prices::Entity::find().filter(prices::Column::Sku.is_in(skus.keys().copied())).all(op.reader()).await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let now = op.now();
    let running = table::Entity::find()
        .filter(table::Column::Id.is_in(rows.iter().map(|row| row.time_discount)))
        .filter(table::Column::State.eq(OfferState::Active))
        .filter(table::Column::StartsAt.lte(now).and(table::Column::EndsAt.gt(now)))
        .all(op.reader())
        .await?;
    let limited: Vec<TimeDiscountId> = running.iter().filter(|row| row.most_per_customer.is_some()).map(|row| row.id).collect();
    let theirs = match customer {
        Some(customer) => holds::used(op, (customer, &limited)).await?,
        None => HashMap::new(),
    };
    let running: HashMap<TimeDiscountId, Row> = running.into_iter().map(|row| (row.id, row)).collect();
    let mut found: HashMap<SkuId, Vec<Applied>> = HashMap::new();
    for row in rows {
        let (Some(offer), Some(info)) = (running.get(&row.time_discount), skus.get(&row.sku)) else { continue };
        let lower = LowerPrice { title: offer.title.clone(), unit_price: lowered(&row, info)? };
        let by_customer = theirs.get(&offer.id).copied().unwrap_or_default();
        let limits = most(offer).left(Used { by_customer, in_all: offer.used });
        let timed = Timed { discount: offer.id, lower, limits };
        found.entry(row.sku).or_default().push(Applied { timed, starts_at: offer.starts_at, ends_at: offer.ends_at });
    }
    found.values_mut().for_each(|applied| applied.sort_by_key(|one| (one.timed.lower.unit_price.minor, one.timed.discount)));
    Ok(found)
}

/// How many pieces go at a discount's prices.
pub fn most(row: &Row) -> Most {
    Most { per_customer: row.most_per_customer, in_all: row.most_in_all }
}

/// What a SKU costs under a discount.
fn lowered(row: &PriceRow, info: &SkuInfo) -> Result<Money, Fault> {
    match Lower::from(row) {
        Lower::To(minor) => Ok(Money { minor, ..info.price }),
        Lower::By(off) => Ok(info.price.minus(Bps(off).of(info.price)?)?),
    }
}

/// Keeps in the history of prices what a discount asks from now on, and has those who look at its goods look again.
async fn told(tx: &mut Tx, op: &Op, (row, known): (&Row, &HashMap<SkuId, SkuInfo>)) -> Result<(), Failure<EditRefused>> {
    let rows = prices::Entity::find().filter(prices::Column::TimeDiscount.eq(row.id)).all(&**tx).await?;
    let asked = rows.iter().filter_map(|row| Some((row, known.get(&row.sku)?)));
    let asked: Vec<(SkuId, Money)> = asked.map(|(row, info)| Ok((row.sku, lowered(row, info)?))).collect::<Result<_, Fault>>()?;
    let prices = if row.state == OfferState::Active { asked } else { Vec::new() };
    let (starts_at, ends_at) = (row.starts_at, Some(row.ends_at));
    let offered = Offered { kind: KIND, id: row.id.to_string(), title: Some(row.title.clone()), starts_at, ends_at, prices };
    history::offer(tx, op, offered).await?;
    for product in known.values().map(|info| info.product).collect::<BTreeSet<_>>() {
        tx.emit(&ProductSaved { product });
    }
    Ok(())
}

async fn checked(op: &Op, draft: Draft) -> Result<Draft, Failure<EditRefused>> {
    let mut named: Vec<SkuId> = draft.prices.iter().map(|(sku, _)| *sku).collect();
    named.sort_unstable();
    let twice = named.windows(2).any(|pair| pair[0] == pair[1]);
    if named.is_empty() || named.len() > MOST_SKUS || twice {
        return Err(EditRefused::Price.into());
    }
    for (field, most) in [("mostPerCustomer", draft.most.per_customer), ("mostInAll", draft.most.in_all)] {
        if most.is_some_and(|most| most < 1) {
            return Err(EditRefused::Terms(field).into());
        }
    }
    let known = skus(op, &named).await?;
    let lower = |(sku, lower): &(SkuId, Lower)| {
        known.get(sku).is_some_and(|info| match lower {
            Lower::To(minor) => (1..info.price.minor).contains(minor),
            Lower::By(bps) => (1..=9_999).contains(bps),
        })
    };
    if !draft.prices.iter().all(lower) {
        return Err(EditRefused::Price.into());
    }
    Ok(Draft { title: titled(draft.title)?, window: draft.window.checked(op.now())?, ..draft })
}

fn price_rows(id: TimeDiscountId, lowered: &[(SkuId, Lower)]) -> Vec<prices::ActiveModel> {
    let row = |(sku, lower): &(SkuId, Lower)| {
        let (price_minor, off_bps) = match *lower {
            Lower::To(minor) => (Some(minor), None),
            Lower::By(bps) => (None, Some(bps)),
        };
        prices::ActiveModel { time_discount: Set(id), sku: Set(*sku), price_minor: Set(price_minor), off_bps: Set(off_bps) }
    };
    lowered.iter().map(row).collect()
}

async fn locked(tx: &Tx, id: TimeDiscountId) -> Result<Row, Failure<EditRefused>> {
    Ok(table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or(EditRefused::NotFound)?)
}

async fn done(op: &Op, mut tx: Tx, id: TimeDiscountId) -> Result<Row, Failure<EditRefused>> {
    book::turn(&mut tx);
    tx.commit().await?;
    Ok(get(op, id).await?.ok_or(EditRefused::NotFound)?)
}
