//! Writing down what is asked, and reading what was.

use std::collections::HashMap;

use entity::catalog::{price_span as table, sku};
use futures_util::Stream;
use kernel::{Failure, Fault, LocalizedText, Money, ProductId, SkuId, Timestamp, days};
use platform::{
    Op, Tx,
    live::{self, Live, LiveRefused},
    rows,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::{
    Offers, SkuOffer,
    rules::{self, Asked, Base, Named},
};
use crate::product::{events::topic, query, service as products};

/// The source of list prices.
const LIST: &str = "list";

/// How far back the past is read: a reduction that began longer ago has no comparison any more.
const REMEMBERED: std::time::Duration = days(60);

/// The most spans staff are shown of a SKU.
const SHOWN: u64 = 200;

/// The same words on both sides of the border between tables and rules.
macro_rules! same { ($($word:ident),*) => {
    impl From<sku::MarketPriceBase> for Named {
        fn from(word: sku::MarketPriceBase) -> Self { match word { $(sku::MarketPriceBase::$word => Self::$word),* } }
    }
    impl From<Named> for sku::MarketPriceBase {
        fn from(word: Named) -> Self { match word { $(Named::$word => Self::$word),* } }
    }
}; }

same! { RecommendedRetail, FirstPrice, OtherChannel }

/// A price of a SKU from one moment to another.
pub type Span = table::Model;

/// Keeps the list prices that changed, in the transaction that changes them.
pub(crate) async fn list(tx: &Tx, op: &Op, prices: &[(SkuId, Money)]) -> Result<(), Fault> {
    if prices.is_empty() {
        return Ok(());
    }
    let skus = || prices.iter().map(|(sku, _)| *sku);
    table::Entity::update_many()
        .col_expr(table::Column::EndsAt, Expr::value(op.now().0))
        .filter(table::Column::Sku.is_in(skus()).and(table::Column::SourceKind.eq(LIST)).and(table::Column::EndsAt.is_null()))
        .exec(&**tx)
        .await?;
    let offered = Offered { kind: LIST, id: String::new(), title: None, starts_at: op.now(), ends_at: None, prices: prices.to_vec() };
    insert(tx, op, offered).await
}

/// What an offer asks for SKUs, from when to when.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Its kind.
    pub kind: &'static str,
    /// Which one.
    pub id: String,
    /// What it is called.
    pub title: Option<LocalizedText>,
    /// From then on.
    pub starts_at: Timestamp,
    /// Until then.
    pub ends_at: Option<Timestamp>,
    /// What it asks.
    pub prices: Vec<(SkuId, Money)>,
}

/// Keeps what an offer asks from now on; what it asked before ends now.
pub async fn offer(tx: &mut Tx, op: &Op, offered: Offered) -> Result<(), Fault> {
    withdraw(tx, op, (offered.kind, &offered.id)).await?;
    let offered = Offered { starts_at: Ord::max(offered.starts_at, op.now()), ..offered };
    if offered.prices.is_empty() || offered.ends_at.is_some_and(|ends_at| ends_at <= offered.starts_at) {
        return Ok(());
    }
    insert(tx, op, offered).await
}

/// An offer asks nothing any more, from now on.
pub async fn withdraw(tx: &mut Tx, op: &Op, (kind, id): (&'static str, &str)) -> Result<(), Fault> {
    let of = || table::Column::SourceKind.eq(kind).and(table::Column::SourceId.eq(id));
    let later: SimpleExpr = table::Column::EndsAt.is_null().or(table::Column::EndsAt.gt(op.now()));
    table::Entity::delete_many().filter(of().and(table::Column::StartsAt.gte(op.now()))).exec(&**tx).await?;
    let update = table::Entity::update_many().col_expr(table::Column::EndsAt, Expr::value(op.now().0));
    update.filter(of().and(later)).exec(&**tx).await?;
    Ok(())
}

async fn insert(tx: &Tx, op: &Op, offered: Offered) -> Result<(), Fault> {
    let rows = offered.prices.iter().map(|(sku, price)| table::Model {
        id: op.new_id(),
        sku: *sku,
        source_kind: offered.kind.to_owned(),
        source_id: offered.id.clone(),
        title: offered.title.clone(),
        price_minor: price.minor,
        currency: price.currency,
        starts_at: offered.starts_at,
        ends_at: offered.ends_at,
        actor: op.actor.to_string(),
        created_at: op.now(),
    });
    let rows: Vec<_> = rows.map(IntoActiveModel::into_active_model).map(|row| table::ActiveModel { id: Set(op.new_id()), ..row }).collect();
    rows::insert(&**tx, rows).await?;
    Ok(())
}

/// What was asked for a SKU, the latest first.
pub async fn history(op: &Op, sku: SkuId) -> Result<Vec<Span>, Fault> {
    let of = table::Entity::find().filter(table::Column::Sku.eq(sku));
    Ok(of.order_by_desc(table::Column::StartsAt).order_by_desc(table::Column::Id).limit(SHOWN).all(op.reader()).await?)
}

/// What was asked for these SKUs lately.
async fn asked(op: &Op, skus: &[SkuId]) -> Result<HashMap<SkuId, Vec<Asked>>, Fault> {
    let lately = table::Column::EndsAt.is_null().or(table::Column::EndsAt.gt(op.now() - REMEMBERED));
    let rows = table::Entity::find().filter(table::Column::Sku.is_in(skus.iter().copied()).and(lately)).all(op.reader()).await?;
    let mut found: HashMap<SkuId, Vec<Asked>> = HashMap::new();
    for row in rows {
        found.entry(row.sku).or_default().push(Asked { minor: row.price_minor, starts_at: row.starts_at, ends_at: row.ends_at });
    }
    Ok(found)
}

/// What a SKU costs, and what may be struck through beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it costs.
    pub offer: SkuOffer,
    /// What may be struck through, and what it is.
    pub compare_at: Option<(Money, Base)>,
}

/// The prices of these SKUs whose base is named.
async fn named(op: &Op, skus: impl Iterator<Item = SkuId>) -> Result<HashMap<SkuId, (i64, Named)>, Fault> {
    let priced =
        sku::Column::Id.is_in(skus).and(sku::Column::MarketPriceMinor.is_not_null()).and(sku::Column::MarketPriceBase.is_not_null());
    let columns = [sku::Column::Id, sku::Column::MarketPriceMinor, sku::Column::MarketPriceBase];
    let rows: Vec<(SkuId, i64, sku::MarketPriceBase)> =
        sku::Entity::find().select_only().columns(columns).filter(priced).into_tuple().all(op.reader()).await?;
    Ok(rows.into_iter().map(|(sku, minor, base)| (sku, (minor, base.into()))).collect())
}

/// What was asked first for these SKUs, without any offer.
pub(crate) async fn first(tx: &Tx, skus: &[SkuId]) -> Result<HashMap<SkuId, i64>, Fault> {
    let lists = table::Column::Sku.is_in(skus.iter().copied()).and(table::Column::SourceKind.eq(LIST));
    let rows =
        table::Entity::find().filter(lists).order_by_desc(table::Column::StartsAt).order_by_desc(table::Column::Id).all(&**tx).await?;
    // The last one that is put in is the earliest.
    Ok(rows.into_iter().map(|row| (row.sku, row.price_minor)).collect())
}

/// What these SKUs cost whoever asks. Three statements and what the port needs, however many they are.
pub async fn shown(op: &Op, skus: &[SkuId]) -> Result<HashMap<SkuId, Shown>, Fault> {
    let offers = op.port::<dyn Offers>()?.offers(op, skus).await?;
    let reduced: Vec<SkuId> = offers.values().filter(|offer| offer.since.is_some()).map(|offer| offer.sku).collect();
    let past = if reduced.is_empty() { HashMap::new() } else { asked(op, &reduced).await? };
    let named = named(op, offers.keys().copied()).await?;
    let show = |(sku, offer): (SkuId, SkuOffer)| {
        let (past, named) = (past.get(&sku).map_or(&[][..], Vec::as_slice), named.get(&sku).copied());
        let struck = rules::struck(past, (offer.price.minor, offer.since), named);
        let compare_at = struck.map(|(minor, base)| (Money { minor, ..offer.price }, base));
        (sku, Shown { offer, compare_at })
    };
    Ok(offers.into_iter().map(show).collect())
}

/// What the SKUs of a product on sale cost, in their order.
async fn of_product(op: &Op, product: ProductId) -> Result<Option<Vec<Shown>>, Fault> {
    if query::shown(op, product).await?.is_none() {
        return Ok(None);
    }
    let skus = query::skus_of(op, &[product]).await?.remove(&product).unwrap_or_default();
    let active = |sku: &products::Sku| sku.status == entity::catalog::sku::SkuStatus::Active;
    let ids: Vec<SkuId> = skus.iter().filter(|sku| active(sku)).map(|sku| sku.id).collect();
    let mut shown = shown(op, &ids).await?;
    Ok(Some(ids.iter().filter_map(|sku| shown.remove(sku)).collect()))
}

/// Watches what the SKUs of a product cost: after every change, and at the very moment an offer ends.
pub async fn watch(
    op: &Op,
    product: ProductId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Vec<Shown>>, Fault>> + use<>, Failure<LiveRefused>> {
    let load = move |op: Op| async move { of_product(&op, product).await };
    live::watch_until(op, topic(product), after, load, |shown| shown.iter().filter_map(|shown| shown.offer.ends_at).min()).await
}
