//! Commands and reads of products.

use std::collections::BTreeMap;

use entity::catalog::{product, product_category, sku};
use kernel::{CategoryId, Failure, Fault, FreightTemplateId, LocalizedText, MediaId, Money, ProductId, SkuId, Timestamp};
use platform::{IdempotencyKey, Op, Tx, rows};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::{Expr, ExprTrait},
};

use super::{
    error::CreateRefused,
    events::{ProductPublished, ProductSaved, ProductUnpublished},
    facts,
    rules::{self, Axis, Draft, MarketPrice, Refused, SkuDraft, Status},
};
use crate::{category, inventory, media, prices, search};

pub use super::facts::skus;

/// A product.
pub type Product = product::Model;

/// A SKU.
pub type Sku = sku::Model;

/// Makes a product; it is a draft until it is published.
pub async fn create(op: &Op, draft: Draft) -> Result<Product, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let row = create_in(&mut tx, op, NewProduct { draft, published_at: None, sold: Vec::new() }).await?;
    tx.commit().await?;
    Ok(row)
}

/// Makes a product once per key: the same sent again, after a broken answer, is the same product.
pub async fn create_once(op: &Op, draft: Draft, key: &str) -> Result<Product, Failure<CreateRefused>> {
    let key = IdempotencyKey::new(op, "product_create", key, &draft).map_err(Failure::widen)?;
    let mut tx = op.begin().await?;
    if let Some(id) = tx.claim::<ProductId>(&key).await.map_err(Failure::widen)? {
        return locked(&tx, id).await.map_err(Failure::widen);
    }
    let new = NewProduct { draft, published_at: None, sold: Vec::new() };
    let row = create_in(&mut tx, op, new).await.map_err(Failure::widen)?;
    tx.remember(&key, &row.id).await?;
    tx.commit().await?;
    Ok(row)
}

/// A product from elsewhere, with its past.
#[derive(Clone, Debug)]
pub(crate) struct NewProduct {
    pub(crate) draft: Draft,
    /// On sale since then; `None` is a draft.
    pub(crate) published_at: Option<Timestamp>,
    /// What each SKU sold before; missing ones sold nothing.
    pub(crate) sold: Vec<i64>,
}

/// Makes a product within the caller's transaction.
pub(crate) async fn create_in(tx: &mut Tx, op: &Op, new: NewProduct) -> Result<Product, Failure<Refused>> {
    let draft = trimmed(new.draft);
    rules::check(&draft)?;
    check_neighbours(tx, &draft).await?;
    let (low, high, currency) = rules::price_range(&draft.skus)?;
    let now = op.now();
    let row = product::Model {
        id: op.new_id(),
        status: if new.published_at.is_some() { product::ProductStatus::OnSale } else { product::ProductStatus::Draft },
        title: draft.title.clone(),
        subtitle: draft.subtitle.clone(),
        description: draft.description.clone(),
        attributes: attributes(&draft),
        options: options(&draft),
        media: product::MediaList(draft.media.clone()),
        external_reference: draft.external_reference.clone(),
        is_virtual: draft.is_virtual,
        currency,
        min_price_minor: low,
        max_price_minor: high,
        sold_count: new.sold.iter().sum(),
        published_at: new.published_at,
        created_at: new.published_at.unwrap_or(now),
        updated_at: now,
    };
    let insert = product::Entity::insert(product::ActiveModel::from(row.clone()).reset_all());
    insert.exec_without_returning(&**tx).await.map_err(taken)?;
    let skus: Vec<sku::Model> = draft.skus.iter().enumerate().map(|(i, sku)| sku_row(op, (&row, &draft), (i, sku))).collect();
    insert_skus(tx, op, &skus).await?;
    let shelves: Vec<_> = skus
        .iter()
        .zip(&draft.skus)
        .enumerate()
        .map(|(i, (row, sku))| inventory::service::OpenStock {
            sku: row.id,
            on_hand: sku.stock.unwrap_or(0),
            sold: new.sold.get(i).copied().unwrap_or(0),
        })
        .collect();
    inventory::service::open(tx, op, &shelves).await?;
    stand_on(tx, row.id, &draft.categories).await?;
    let terms = terms(&**tx, &draft).await?;
    search::service::replace(tx, &BTreeMap::from([(row.id, terms)])).await?;
    tx.emit(&ProductSaved { product: row.id });
    Ok(row)
}

/// What changes about a product; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ProductChange {
    /// Its title.
    pub title: Option<LocalizedText>,
    /// Its subtitle.
    pub subtitle: Option<LocalizedText>,
    /// Its description.
    pub description: Option<LocalizedText>,
    /// Its facts, all of them.
    pub attributes: Option<Vec<(LocalizedText, LocalizedText)>>,
    /// Its options, all of them; with the SKUs.
    pub options: Option<Vec<Axis>>,
    /// Its SKUs, all of them; those not named are retired.
    pub skus: Option<Vec<SkuDraft>>,
    /// Its shelves, all of them.
    pub categories: Option<Vec<CategoryId>>,
    /// Its pictures, all of them.
    pub media: Option<Vec<MediaId>>,
    /// Its key in another system; `Some(None)` takes it away.
    pub external_reference: Option<Option<String>>,
    /// Whether there is nothing to carry; orders that were placed keep what it was.
    pub is_virtual: Option<bool>,
    /// Refuse when it was changed since it was read then.
    pub read_at: Option<Timestamp>,
}

/// Changes a product.
pub async fn update(op: &Op, id: ProductId, change: ProductChange) -> Result<Product, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let row = locked(&tx, id).await?;
    if change.read_at.is_some_and(|read_at| read_at != row.updated_at) {
        return Err(Refused::Changed.into());
    }
    if change.options.is_some() && change.skus.is_none() {
        return Err(Refused::OptionsWithoutSkus.into());
    }
    let before = draft_of(&*tx, &row).await?;
    let new_skus = change.skus.is_some();
    let draft = trimmed(Draft {
        title: change.title.unwrap_or(before.title),
        subtitle: change.subtitle.unwrap_or(before.subtitle),
        description: change.description.unwrap_or(before.description),
        attributes: change.attributes.unwrap_or(before.attributes),
        options: change.options.unwrap_or(before.options),
        skus: change.skus.unwrap_or(before.skus),
        categories: change.categories.unwrap_or(before.categories),
        media: change.media.unwrap_or(before.media),
        external_reference: change.external_reference.unwrap_or(before.external_reference),
        is_virtual: change.is_virtual.unwrap_or(before.is_virtual),
    });
    rules::check(&draft)?;
    check_neighbours(&tx, &draft).await?;
    let (low, high, currency) = rules::price_range(&draft.skus)?;
    let updated_at = later(op, &row);
    let after = product::Model {
        title: draft.title.clone(),
        subtitle: draft.subtitle.clone(),
        description: draft.description.clone(),
        attributes: attributes(&draft),
        options: options(&draft),
        media: product::MediaList(draft.media.clone()),
        external_reference: draft.external_reference.clone(),
        is_virtual: draft.is_virtual,
        currency,
        min_price_minor: low,
        max_price_minor: high,
        updated_at,
        ..row
    };
    product::Entity::update(product::ActiveModel::from(after.clone()).reset_all()).exec(&*tx).await.map_err(taken)?;
    if new_skus {
        replace_skus(&mut tx, op, (&after, &draft)).await?;
    }
    stand_on(&tx, id, &draft.categories).await?;
    let terms = terms(&*tx, &draft).await?;
    search::service::replace(&tx, &BTreeMap::from([(id, terms)])).await?;
    facts::turn(&mut tx);
    tx.emit(&ProductSaved { product: id });
    tx.commit().await?;
    Ok(after)
}

/// Updates the SKUs the draft names, adds the new ones and retires the rest.
async fn replace_skus(tx: &mut Tx, op: &Op, (row, draft): (&Product, &Draft)) -> Result<(), Failure<Refused>> {
    let known =
        sku::Entity::find().filter(sku::Column::Product.eq(row.id)).order_by_asc(sku::Column::Id).lock_exclusive().all(&**tx).await?;
    let mut kept = Vec::new();
    let mut fresh = Vec::new();
    let mut shelves = Vec::new();
    for (i, wanted) in draft.skus.iter().enumerate() {
        let same = match wanted.id {
            Some(id) => Some(known.iter().find(|sku| sku.id == id).ok_or(Refused::ForeignSku)?),
            None => known.iter().find(|sku| sku.code == wanted.code),
        };
        let mut new = sku_row(op, (row, draft), (i, wanted));
        match same {
            Some(_) if wanted.stock.is_some() => return Err(Refused::StockKnown.into()),
            Some(sku) => {
                (new.id, new.created_at) = (sku.id, sku.created_at);
                // What is set by itself stays; see `set_parcel`.
                (new.volume_cm3, new.freight_template, new.tax_bps) = (sku.volume_cm3, sku.freight_template, sku.tax_bps);
                kept.push((sku, new));
            }
            None => {
                shelves.push(inventory::service::OpenStock { sku: new.id, on_hand: wanted.stock.unwrap_or(0), sold: 0 });
                fresh.push(new);
            }
        }
    }
    let retired: Vec<SkuId> = known.iter().map(|sku| sku.id).filter(|id| !kept.iter().any(|(_, new)| new.id == *id)).collect();
    if !retired.is_empty() {
        sku::Entity::update_many()
            .col_expr(sku::Column::Status, Expr::value(sea_orm::ActiveEnum::to_value(&sku::SkuStatus::Retired)))
            .col_expr(sku::Column::UpdatedAt, Expr::value(op.now().0))
            .filter(sku::Column::Id.is_in(retired))
            .exec(&**tx)
            .await?;
    }
    let repriced: Vec<_> =
        kept.iter().filter(|(before, after)| price(before) != price(after)).map(|(_, after)| (after.id, price(after))).collect();
    prices::service::list(tx, op, &repriced).await?;
    check_first_prices(tx, kept.iter().map(|(_, after)| after)).await?;
    for (before, mut after) in kept {
        after.updated_at = before.updated_at;
        if after != *before {
            after.updated_at = op.now();
            sku::Entity::update(sku::ActiveModel::from(after).reset_all()).exec(&**tx).await.map_err(taken)?;
        }
    }
    insert_skus(tx, op, &fresh).await?;
    Ok(inventory::service::open(tx, op, &shelves).await?)
}

/// What a SKU needs to be carried and taxed.
#[derive(Clone, Copy, Debug)]
pub struct SetParcel {
    /// Which SKU.
    pub sku: SkuId,
    /// The room one takes in a parcel.
    pub volume_cm3: i64,
    /// What bringing it costs; the mall's usual template when not said. Whoever keeps the templates checks it.
    pub freight_template: Option<FreightTemplateId>,
    /// The tax on it, where tax is added to prices.
    pub tax_bps: i64,
}

/// Says how a SKU is carried and taxed.
pub async fn set_parcel(op: &Op, parcel: SetParcel) -> Result<Sku, Failure<Refused>> {
    if !(0..=rules::MOST_OF_IT).contains(&parcel.volume_cm3) {
        return Err(Refused::Volume.into());
    }
    if !(0..=10_000).contains(&parcel.tax_bps) {
        return Err(Refused::Tax.into());
    }
    let mut tx = op.begin().await?;
    let row = sku::Entity::find_by_id(parcel.sku).lock_exclusive().one(&*tx).await?.ok_or(Refused::NotFound)?;
    let after = Sku {
        volume_cm3: parcel.volume_cm3,
        freight_template: parcel.freight_template,
        tax_bps: parcel.tax_bps,
        updated_at: op.now(),
        ..row
    };
    let update = sku::ActiveModel {
        id: Set(after.id),
        volume_cm3: Set(after.volume_cm3),
        freight_template: Set(after.freight_template),
        tax_bps: Set(after.tax_bps),
        updated_at: Set(after.updated_at),
        ..Default::default()
    };
    sku::Entity::update(update).exec(&*tx).await?;
    facts::turn(&mut tx);
    tx.emit(&ProductSaved { product: after.product });
    tx.commit().await?;
    Ok(after)
}

/// Whether any SKU is carried by a freight template.
pub async fn any_goes_by(op: &Op, template: FreightTemplateId) -> Result<bool, Fault> {
    let found = sku::Entity::find().filter(sku::Column::FreightTemplate.eq(template)).limit(1).one(op.reader()).await?;
    Ok(found.is_some())
}

/// Puts a product on sale.
pub async fn publish(op: &Op, id: ProductId) -> Result<Product, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let row = locked(&tx, id).await?;
    let Some(status) = rules::publish(status(row.status)) else {
        return Ok(row);
    };
    let after = Product { published_at: Some(op.now()), ..with_status(op, row, status) };
    store_status(&mut tx, &after).await?;
    tx.emit(&ProductPublished { product: id });
    tx.commit().await?;
    Ok(after)
}

/// Takes a product down. What is ordered stays ordered.
pub async fn unpublish(op: &Op, id: ProductId) -> Result<Product, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let row = locked(&tx, id).await?;
    let Some(status) = rules::unpublish(status(row.status))? else {
        return Ok(row);
    };
    let after = with_status(op, row, status);
    store_status(&mut tx, &after).await?;
    tx.emit(&ProductUnpublished { product: id });
    tx.commit().await?;
    Ok(after)
}

fn status(status: product::ProductStatus) -> Status {
    match status {
        product::ProductStatus::Draft => Status::Draft,
        product::ProductStatus::OnSale => Status::OnSale,
        product::ProductStatus::OffSale => Status::OffSale,
    }
}

fn with_status(op: &Op, row: Product, status: Status) -> Product {
    let status = match status {
        Status::Draft => product::ProductStatus::Draft,
        Status::OnSale => product::ProductStatus::OnSale,
        Status::OffSale => product::ProductStatus::OffSale,
    };
    Product { status, updated_at: later(op, &row), ..row }
}

/// Now, and later than its last change: two changes within a millisecond must not look like one to `read_at`.
fn later(op: &Op, row: &Product) -> Timestamp {
    Ord::max(op.now(), Timestamp(row.updated_at.0 + 1))
}

async fn store_status(tx: &mut Tx, row: &Product) -> Result<(), Fault> {
    let update = product::ActiveModel {
        id: Set(row.id),
        status: Set(row.status),
        published_at: Set(row.published_at),
        updated_at: Set(row.updated_at),
        ..Default::default()
    };
    product::Entity::update(update).exec(&**tx).await?;
    facts::turn(tx);
    Ok(())
}

async fn locked(tx: &Tx, id: ProductId) -> Result<Product, Failure<Refused>> {
    Ok(product::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or(Refused::NotFound)?)
}

/// Checks what needs a look at others: shelves and pictures exist.
async fn check_neighbours(tx: &Tx, draft: &Draft) -> Result<(), Failure<Refused>> {
    if !category::service::all_exist(&**tx, &draft.categories).await? {
        return Err(Refused::NoCategory.into());
    }
    let pictures: Vec<MediaId> = draft.media.iter().copied().chain(draft.skus.iter().filter_map(|sku| sku.image)).collect();
    if !media::service::all_stored(&**tx, &pictures).await? {
        return Err(Refused::NoMedia.into());
    }
    Ok(())
}

/// The broken constraint's name says what is taken.
fn taken(error: DbErr) -> Failure<Refused> {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(message)) if message.contains("external_reference") => Refused::ReferenceTaken.into(),
        Some(SqlErr::UniqueConstraintViolation(message)) if message.contains("code") => Refused::CodeTaken.into(),
        _ => error.into(),
    }
}

fn trimmed(mut draft: Draft) -> Draft {
    let trim = |text: &mut LocalizedText| {
        text.0.values_mut().for_each(|text| *text = text.trim().to_owned());
        text.0.retain(|_, text| !text.is_empty());
    };
    trim(&mut draft.title);
    trim(&mut draft.subtitle);
    trim(&mut draft.description);
    draft.attributes.iter_mut().for_each(|(name, value)| {
        trim(name);
        trim(value);
    });
    draft.options.iter_mut().for_each(|option| {
        trim(&mut option.name);
        option.values.iter_mut().for_each(trim);
    });
    // A shelf or a picture named twice is named once.
    let mut seen = std::collections::HashSet::new();
    draft.categories.retain(|id| seen.insert(*id));
    let mut seen = std::collections::HashSet::new();
    draft.media.retain(|id| seen.insert(*id));
    draft
}

fn attributes(draft: &Draft) -> product::Attributes {
    let attribute = |(name, value): &(LocalizedText, LocalizedText)| product::Attribute { name: name.clone(), value: value.clone() };
    product::Attributes(draft.attributes.iter().map(attribute).collect())
}

fn options(draft: &Draft) -> product::Options {
    let axis = |option: &Axis| product::OptionAxis { name: option.name.clone(), values: option.values.clone() };
    product::Options(draft.options.iter().map(axis).collect())
}

fn sku_row(op: &Op, (product, draft): (&Product, &Draft), (position, sku): (usize, &SkuDraft)) -> Sku {
    sku::Model {
        id: op.new_id(),
        product: product.id,
        position: i64::try_from(position).unwrap_or(i64::MAX),
        code: sku.code.clone(),
        choices: sku::Choices(sku.choices.clone()),
        label: rules::label(&draft.options, &sku.choices),
        price_minor: sku.price.minor,
        market_price_minor: sku.market_price.map(|market| market.minor),
        market_price_base: sku.market_price.map(|market| market.base.into()),
        currency: sku.price.currency,
        weight_grams: sku.weight_grams,
        image: sku.image,
        status: sku::SkuStatus::Active,
        volume_cm3: 0,
        freight_template: None,
        tax_bps: 0,
        created_at: op.now(),
        updated_at: op.now(),
    }
}

fn price(sku: &Sku) -> Money {
    Money::new(sku.price_minor, sku.currency)
}

/// What is called the first price was asked first.
async fn check_first_prices(tx: &Tx, rows: impl IntoIterator<Item = &Sku>) -> Result<(), Failure<Refused>> {
    let called: Vec<(SkuId, i64)> = rows
        .into_iter()
        .filter(|row| row.market_price_base == Some(sku::MarketPriceBase::FirstPrice))
        .filter_map(|row| Some((row.id, row.market_price_minor?)))
        .collect();
    if called.is_empty() {
        return Ok(());
    }
    let first = prices::service::first(tx, &called.iter().map(|(sku, _)| *sku).collect::<Vec<_>>()).await?;
    let asked = |(sku, minor): &(SkuId, i64)| first.get(sku).is_some_and(|first| minor <= first);
    if called.iter().all(asked) { Ok(()) } else { Err(Refused::NotFirstPrice.into()) }
}

async fn insert_skus(tx: &Tx, op: &Op, rows: &[Sku]) -> Result<(), Failure<Refused>> {
    if !rows.is_empty() {
        let listed: Vec<_> = rows.iter().map(|row| (row.id, price(row))).collect();
        prices::service::list(tx, op, &listed).await?;
        check_first_prices(tx, rows).await?;
        let rows = rows.iter().map(|row| sku::ActiveModel::from(row.clone()).reset_all());
        rows::insert(&**tx, rows).await.map_err(taken)?;
    }
    Ok(())
}

/// Puts a product on these shelves and no others.
async fn stand_on(tx: &Tx, id: ProductId, shelves: &[CategoryId]) -> Result<(), Fault> {
    product_category::Entity::delete_many().filter(product_category::Column::Product.eq(id)).exec(&**tx).await?;
    if !shelves.is_empty() {
        let rows = shelves.iter().zip(0..).map(|(category, position)| product_category::ActiveModel {
            category: Set(*category),
            product: Set(id),
            position: Set(position),
        });
        rows::insert(&**tx, rows).await?;
    }
    Ok(())
}

/// The stored product as a draft, with its active SKUs.
pub(crate) async fn draft_of(db: &impl ConnectionTrait, row: &Product) -> Result<Draft, Fault> {
    let skus = sku::Entity::find()
        .filter(sku::Column::Product.eq(row.id).and(sku::Column::Status.eq(sku::SkuStatus::Active)))
        .order_by_asc(sku::Column::Position)
        .all(db)
        .await?;
    let categories = product_category::Entity::find()
        .filter(product_category::Column::Product.eq(row.id))
        .order_by_asc(product_category::Column::Position)
        .all(db)
        .await?;
    Ok(Draft {
        title: row.title.clone(),
        subtitle: row.subtitle.clone(),
        description: row.description.clone(),
        attributes: row.attributes.0.iter().map(|fact| (fact.name.clone(), fact.value.clone())).collect(),
        options: row.options.0.iter().map(|axis| Axis { name: axis.name.clone(), values: axis.values.clone() }).collect(),
        skus: skus
            .into_iter()
            .map(|sku| SkuDraft {
                id: Some(sku.id),
                code: sku.code,
                choices: sku.choices.0,
                price: Money::new(sku.price_minor, sku.currency),
                market_price: sku
                    .market_price_minor
                    .zip(sku.market_price_base)
                    .map(|(minor, base)| MarketPrice { minor, base: base.into() }),
                weight_grams: sku.weight_grams,
                image: sku.image,
                stock: None,
            })
            .collect(),
        categories: categories.into_iter().map(|row| row.category).collect(),
        media: row.media.0.clone(),
        external_reference: row.external_reference.clone(),
        is_virtual: row.is_virtual,
    })
}

/// The terms a product is found by.
pub(crate) async fn terms(db: &impl ConnectionTrait, draft: &Draft) -> Result<BTreeMap<String, i64>, Fault> {
    let shelves = category::service::by_ids(db, &draft.categories).await?;
    let facts = draft.attributes.iter().flat_map(|(_, value)| value.0.values());
    let values = draft.options.iter().flat_map(|option| &option.values).flat_map(|value| value.0.values());
    let names = shelves.values().flat_map(|shelf| shelf.name.0.values());
    let codes = draft.skus.iter().map(|sku| &sku.code).chain(&draft.external_reference);
    let titles = draft.title.0.values().map(|text| (text.as_str(), search::rules::TITLE));
    let facts = draft.subtitle.0.values().chain(facts).chain(values).chain(names).chain(codes);
    let description = draft.description.0.values().map(|text| (text.as_str(), search::rules::DESCRIPTION));
    Ok(search::rules::index(titles.chain(facts.map(|text| (text.as_str(), search::rules::FACTS))).chain(description)))
}

/// Whether any product stands on the shelf.
pub async fn any_on_shelf(db: &impl ConnectionTrait, shelf: CategoryId) -> Result<bool, Fault> {
    let found = product_category::Entity::find().filter(product_category::Column::Category.eq(shelf)).limit(1).one(db).await?;
    Ok(found.is_some())
}

/// What another context needs to know to sell a SKU.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SkuInfo {
    /// The SKU.
    pub sku: SkuId,
    /// Its product.
    pub product: ProductId,
    /// Unique in the mall.
    pub code: String,
    /// The product's title.
    pub title: LocalizedText,
    /// The chosen options as one text ("Red / XL"); blank when there is nothing to choose.
    pub options_label: LocalizedText,
    /// What one costs.
    pub price: Money,
    /// What one weighs.
    pub weight_grams: i64,
    /// The room one takes in a parcel.
    pub volume_cm3: i64,
    /// What bringing it costs; the mall's usual template when not said.
    pub freight_template: Option<FreightTemplateId>,
    /// The tax on it, where tax is added to prices.
    pub tax_bps: i64,
    /// Its picture, else the product's cover.
    pub image_url: Option<String>,
    /// Whether it can be bought now, stock aside.
    pub on_sale: bool,
    /// Whether there is nothing to carry.
    pub is_virtual: bool,
}
