//! Types of both APIs.

use async_graphql::{Context, Enum, Result, SimpleObject};
use kernel::{MediaId, ProductId};
use platform::graphql::{ContextExt, LocalizedTextObject, MoneyObject};

use crate::{
    graphql::loaders::{OfferOf, SkusOf, load, load_all},
    media::graphql::Media,
    prices::graphql::SkuOffer,
    product::query::Sort,
};

/// The order of a list of products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Sort")]
pub enum ProductSort {
    /// What answers the search best; without a search, the newest.
    Relevance,
    /// The newest first.
    Newest,
    /// The cheapest first.
    PriceAsc,
    /// The dearest first.
    PriceDesc,
    /// What was sold most first.
    BestSelling,
}

/// What the cheapest and the dearest SKU cost.
#[derive(SimpleObject)]
pub struct PriceRange {
    /// The cheapest.
    pub min: MoneyObject,
    /// The dearest.
    pub max: MoneyObject,
}

/// A fact about a product, in the reader's language.
#[derive(SimpleObject)]
pub struct ProductAttribute {
    /// "Origin".
    pub name: String,
    /// "Wuyi Mountain".
    pub value: String,
}

/// Something to choose, in the reader's language.
#[derive(SimpleObject)]
pub struct ProductOption {
    /// "Size".
    pub name: String,
    /// What to choose from; SKUs name them by their place, from 0.
    pub values: Vec<String>,
}

/// A fact about a product, in every language.
#[derive(SimpleObject)]
pub struct CatalogAttribute {
    /// "Origin".
    pub name: LocalizedTextObject,
    /// "Wuyi Mountain".
    pub value: LocalizedTextObject,
}

/// Something to choose, in every language.
#[derive(SimpleObject)]
pub struct CatalogOption {
    /// "Size".
    pub name: LocalizedTextObject,
    /// What to choose from; SKUs name them by their place, from 0.
    pub values: Vec<LocalizedTextObject>,
}

/// Pictures in their order.
pub(super) async fn pictures(ctx: &Context<'_>, ids: &[MediaId]) -> Result<Vec<Media>> {
    Ok(load_all(ctx, ids.to_vec()).await?.into_iter().map(Media).collect())
}

/// The first of these pictures.
pub(super) async fn picture(ctx: &Context<'_>, ids: impl IntoIterator<Item = MediaId>) -> Result<Option<Media>> {
    match ids.into_iter().next() {
        Some(id) => Media::load(ctx, id).await,
        None => Ok(None),
    }
}

/// The places as GraphQL numbers.
pub(super) fn places(choices: &[usize]) -> Vec<i32> {
    choices.iter().map(|&choice| i32::try_from(choice).unwrap_or(i32::MAX)).collect()
}

/// What the SKUs of a product cost whoever asks, in their order.
pub(super) async fn offers(ctx: &Context<'_>, product: ProductId) -> Result<Vec<SkuOffer>> {
    let op = ctx.op()?;
    let skus = load(ctx, SkusOf(product)).await?.unwrap_or_default();
    let shown = load_all(ctx, skus.iter().map(|sku| OfferOf(sku.id)).collect()).await?;
    Ok(shown.iter().map(|shown| SkuOffer::of(shown, (op.locale, op.now()))).collect())
}
