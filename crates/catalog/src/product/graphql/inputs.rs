//! What staff send.

use async_graphql::{InputObject, MaybeUndefined};
use kernel::{CategoryId, LocalizedText, MediaId, ProductId, SkuId, Timestamp};
use platform::graphql::{LocalizedTextInput, Long, MoneyInput};

use crate::{
    category::graphql::given,
    prices::graphql::MarketPriceBase,
    product::{
        rules::{Axis, Draft, MarketPrice, SkuDraft},
        service::ProductChange,
    },
};

/// A fact about a product.
#[derive(InputObject)]
pub struct ProductAttributeInput {
    /// "Origin"; Chinese is needed.
    pub name: LocalizedTextInput,
    /// "Wuyi Mountain"; Chinese is needed.
    pub value: LocalizedTextInput,
}

/// Something to choose.
#[derive(InputObject)]
pub struct ProductOptionInput {
    /// "Size"; Chinese is needed.
    pub name: LocalizedTextInput,
    /// What to choose from, 1 to 50; Chinese is needed.
    pub values: Vec<LocalizedTextInput>,
}

/// A price to compare with. It is shown struck through, with its base beside it.
#[derive(InputObject)]
pub struct ProductMarketPriceInput {
    /// How much, in minor units of the SKU's currency; not below its price.
    pub amount: Long,
    /// Whose it is. A first price is not above what this mall asked first.
    pub base: MarketPriceBase,
}

/// A SKU of a product.
#[derive(InputObject)]
pub struct ProductSkuInput {
    /// The SKU it is already; needed only when its code changes, a known code is enough otherwise.
    pub id: Option<SkuId>,
    /// Unique in the mall, 1 to 64 characters.
    pub code: String,
    /// For each option, the place of the chosen value, from 0.
    #[graphql(default)]
    pub choices: Vec<i32>,
    /// What one costs; at least one minor unit.
    pub price: MoneyInput,
    /// A price to compare with, and whose it is.
    pub market_price: Option<ProductMarketPriceInput>,
    /// What one weighs, in grams.
    #[graphql(default = 0)]
    pub weight_grams: i32,
    /// Its own picture.
    pub image_id: Option<MediaId>,
    /// What lies there at first; only for a new SKU. Later it is `skuStockAdjust`.
    pub stock: Option<i32>,
}

impl From<ProductSkuInput> for SkuDraft {
    fn from(sku: ProductSkuInput) -> Self {
        Self {
            id: sku.id,
            code: sku.code,
            // A negative place is no place: the rules refuse it like one behind the last.
            choices: sku.choices.into_iter().map(|place| usize::try_from(place).unwrap_or(usize::MAX)).collect(),
            price: sku.price.into(),
            market_price: sku.market_price.map(|price| MarketPrice { minor: price.amount.0, base: price.base.into() }),
            weight_grams: i64::from(sku.weight_grams),
            image: sku.image_id,
            stock: sku.stock.map(i64::from),
        }
    }
}

/// A new product; it is a draft until it is published.
#[derive(InputObject)]
pub struct ProductCreateInput {
    /// What it is called; Chinese is needed.
    pub title: LocalizedTextInput,
    /// What makes it worth a look.
    pub subtitle: Option<LocalizedTextInput>,
    /// Everything else.
    pub description: Option<LocalizedTextInput>,
    /// Facts about it.
    #[graphql(default)]
    pub attributes: Vec<ProductAttributeInput>,
    /// What a buyer chooses between, three at most.
    #[graphql(default)]
    pub options: Vec<ProductOptionInput>,
    /// What is sold: one SKU per combination that is offered, at least one.
    pub skus: Vec<ProductSkuInput>,
    /// Its shelves, the most fitting first.
    #[graphql(default)]
    pub category_ids: Vec<CategoryId>,
    /// Its pictures, the cover first.
    #[graphql(default)]
    pub media_ids: Vec<MediaId>,
    /// Its key in another system; unique.
    pub external_reference: Option<String>,
    /// Whether there is nothing to carry (a voucher, a course): it is there when it is paid.
    #[graphql(default)]
    pub is_virtual: bool,
    /// Equal keys make one product, for a day.
    pub idempotency_key: Option<String>,
}

impl From<ProductCreateInput> for Draft {
    fn from(input: ProductCreateInput) -> Self {
        Self {
            title: input.title.into(),
            subtitle: input.subtitle.map(Into::into).unwrap_or_default(),
            description: input.description.map(Into::into).unwrap_or_default(),
            attributes: facts(input.attributes),
            options: axes(input.options),
            skus: input.skus.into_iter().map(Into::into).collect(),
            categories: input.category_ids,
            media: input.media_ids,
            external_reference: input.external_reference,
            is_virtual: input.is_virtual,
        }
    }
}

/// What changes about a product; what is not given stays, a list that is given replaces the old one.
#[derive(InputObject)]
pub struct ProductUpdateInput {
    /// The product.
    pub id: ProductId,
    /// What it is called, in all languages.
    pub title: Option<LocalizedTextInput>,
    /// What makes it worth a look, in all languages.
    pub subtitle: Option<LocalizedTextInput>,
    /// Everything else, in all languages.
    pub description: Option<LocalizedTextInput>,
    /// Facts about it.
    pub attributes: Option<Vec<ProductAttributeInput>>,
    /// What a buyer chooses between; needs `skus`.
    pub options: Option<Vec<ProductOptionInput>>,
    /// What is sold. SKUs not named any more are retired: orders keep them.
    pub skus: Option<Vec<ProductSkuInput>>,
    /// Its shelves, the most fitting first.
    pub category_ids: Option<Vec<CategoryId>>,
    /// Its pictures, the cover first.
    pub media_ids: Option<Vec<MediaId>>,
    /// Its key in another system; null takes it away.
    pub external_reference: MaybeUndefined<String>,
    /// Whether there is nothing to carry; orders that were placed keep what it was.
    pub is_virtual: Option<bool>,
    /// The `updatedAt` that was read: refused when somebody changed the product since.
    pub read_at: Option<Timestamp>,
}

impl From<ProductUpdateInput> for ProductChange {
    fn from(input: ProductUpdateInput) -> Self {
        Self {
            title: input.title.map(Into::into),
            subtitle: input.subtitle.map(Into::into),
            description: input.description.map(Into::into),
            attributes: input.attributes.map(facts),
            options: input.options.map(axes),
            skus: input.skus.map(|skus| skus.into_iter().map(Into::into).collect()),
            categories: input.category_ids,
            media: input.media_ids,
            external_reference: given(input.external_reference),
            is_virtual: input.is_virtual,
            read_at: input.read_at,
        }
    }
}

fn facts(facts: Vec<ProductAttributeInput>) -> Vec<(LocalizedText, LocalizedText)> {
    facts.into_iter().map(|fact| (fact.name.into(), fact.value.into())).collect()
}

fn axes(options: Vec<ProductOptionInput>) -> Vec<Axis> {
    let axis = |option: ProductOptionInput| Axis { name: option.name.into(), values: option.values.into_iter().map(Into::into).collect() };
    options.into_iter().map(axis).collect()
}
