//! What shoppers see.

use async_graphql::{Context, InputObject, Object, Result};
use entity::catalog::product::ProductStatus;
use kernel::{CategoryId, Money, ProductId, SkuId};
use platform::graphql::{ContextExt, Long, MoneyObject, answer, page_request};

use super::types::{PriceRange, ProductAttribute, ProductOption, ProductSort, offers, picture, pictures, places};
use crate::{
    category::graphql::Category,
    graphql::loaders::{CategoriesOf, ReturnExceptionOf, ShelfOf, SkusOf, load, load_all},
    inventory::graphql::narrow,
    media::graphql::Media,
    prices::{
        graphql::{MarketPriceBase, SkuOffer},
        rules::Named,
    },
    product::{
        query::{self, ProductList},
        service,
    },
    returns::graphql::SkuReturnException,
};

/// An article of the mall; it is bought as one of its SKUs.
pub struct Product(pub service::Product);

impl Product {
    /// The product, together with all others that are asked for at the same time. The caller has the right to see it.
    pub async fn load(ctx: &Context<'_>, id: ProductId) -> Result<Option<Self>> {
        Ok(load(ctx, id).await?.map(Self))
    }
}

/// An article of the mall; it is bought as one of its SKUs.
#[Object]
impl Product {
    /// The product.
    async fn id(&self) -> ProductId {
        self.0.id
    }

    /// What it is called, in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.title.get(ctx.op()?.locale))
    }

    /// What makes it worth a look, in the reader's language.
    async fn subtitle(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.subtitle.get(ctx.op()?.locale))
    }

    /// Everything else, in the reader's language.
    async fn description(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.description.get(ctx.op()?.locale))
    }

    /// Facts about it.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<ProductAttribute>> {
        let locale = ctx.op()?.locale;
        let fact = |fact: &entity::catalog::product::Attribute| ProductAttribute {
            name: fact.name.get(locale).to_owned(),
            value: fact.value.get(locale).to_owned(),
        };
        Ok(self.0.attributes.0.iter().map(fact).collect())
    }

    /// What a buyer chooses between; none when there is one SKU only.
    async fn options(&self, ctx: &Context<'_>) -> Result<Vec<ProductOption>> {
        let locale = ctx.op()?.locale;
        let option = |option: &entity::catalog::product::OptionAxis| ProductOption {
            name: option.name.get(locale).to_owned(),
            values: option.values.iter().map(|value| value.get(locale).to_owned()).collect(),
        };
        Ok(self.0.options.0.iter().map(option).collect())
    }

    /// What the cheapest and the dearest SKU cost.
    async fn price_range(&self) -> PriceRange {
        let money = |minor| Money::new(minor, self.0.currency).into();
        PriceRange { min: money(self.0.min_price_minor), max: money(self.0.max_price_minor) }
    }

    /// What can be bought, in its order.
    async fn skus(&self, ctx: &Context<'_>) -> Result<Vec<Sku>> {
        Ok(load(ctx, SkusOf(self.0.id)).await?.unwrap_or_default().into_iter().map(Sku).collect())
    }

    /// What its SKUs cost you now, before anything lies in the cart: one price each, what lowers it and until when. Watch
    /// what they cost everybody with `productOffersChanged`.
    async fn offers(&self, ctx: &Context<'_>) -> Result<Vec<SkuOffer>> {
        offers(ctx, self.0.id).await
    }

    /// Its first picture.
    async fn cover(&self, ctx: &Context<'_>) -> Result<Option<Media>> {
        picture(ctx, self.0.media.0.first().copied()).await
    }

    /// Its pictures, the cover first.
    async fn media(&self, ctx: &Context<'_>) -> Result<Vec<Media>> {
        pictures(ctx, &self.0.media.0).await
    }

    /// The shelves it stands on, the most fitting first.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        Ok(load(ctx, CategoriesOf(self.0.id)).await?.unwrap_or_default().into_iter().map(Category).collect())
    }

    /// How many were sold.
    async fn sold_count(&self) -> i32 {
        narrow(self.0.sold_count)
    }

    /// Whether there is nothing to carry: it is there when it is paid, and no address is asked for.
    async fn is_virtual(&self) -> bool {
        self.0.is_virtual
    }

    /// Whether it can be bought, stock aside; false once it was taken down.
    async fn is_on_sale(&self) -> bool {
        self.0.status == ProductStatus::OnSale
    }

    /// Whether any of its SKUs can be bought at once.
    async fn is_in_stock(&self, ctx: &Context<'_>) -> Result<bool> {
        let skus = load(ctx, SkusOf(self.0.id)).await?.unwrap_or_default();
        let shelves = load_all(ctx, skus.iter().map(|sku| ShelfOf(sku.id)).collect()).await?;
        Ok(shelves.iter().any(|shelf| shelf.available() > 0))
    }
}

/// What is priced, stocked and bought.
pub struct Sku(pub service::Sku);

impl Sku {
    /// The SKU, together with all others that are asked for at the same time. The caller has the right to see it.
    pub async fn load(ctx: &Context<'_>, id: SkuId) -> Result<Option<Self>> {
        Ok(load(ctx, id).await?.map(Self))
    }
}

/// What is priced, stocked and bought.
#[Object]
impl Sku {
    /// The SKU.
    async fn id(&self) -> SkuId {
        self.0.id
    }

    /// Its code, unique in the mall.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The chosen values as one text, in the reader's language; blank when there is nothing to choose.
    async fn label(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.label.get(ctx.op()?.locale))
    }

    /// For each option of the product, the place of the chosen value, from 0.
    async fn choices(&self) -> Vec<i32> {
        places(&self.0.choices.0)
    }

    /// What one costs.
    async fn price(&self) -> MoneyObject {
        Money::new(self.0.price_minor, self.0.currency).into()
    }

    /// A price to compare with; whoever shows it says its base beside it. What may be struck through is in
    /// `Product.offers`.
    async fn market_price(&self) -> Option<MoneyObject> {
        self.0.market_price_minor.map(|minor| Money::new(minor, self.0.currency).into())
    }

    /// Whose price the market price is; null when there is none.
    async fn market_price_base(&self) -> Option<MarketPriceBase> {
        self.0.market_price_base.map(|base| Named::from(base).into())
    }

    /// Why it cannot be given back within seven days without a reason; nothing when it can. Whoever buys it confirms that.
    async fn return_exception(&self, ctx: &Context<'_>) -> Result<Option<SkuReturnException>> {
        Ok(load(ctx, ReturnExceptionOf(self.0.id)).await?.map(Into::into))
    }

    /// What one weighs, in grams.
    async fn weight_grams(&self) -> i32 {
        narrow(self.0.weight_grams)
    }

    /// Its picture, else the product's cover.
    async fn image(&self, ctx: &Context<'_>) -> Result<Option<Media>> {
        if let Some(image) = self.0.image {
            return Media::load(ctx, image).await;
        }
        let product = load(ctx, self.0.product).await?;
        picture(ctx, product.and_then(|product| product.media.0.first().copied())).await
    }

    /// How many can be bought now. Watch it with `skuStockChanged`.
    async fn available(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(load(ctx, ShelfOf(self.0.id)).await?.map_or(0, |shelf| narrow(shelf.available())))
    }

    /// Its product.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
        Product::load(ctx, self.0.product).await
    }
}

platform::connection! {
    /// Products.
    pub struct ProductConnection, ProductEdge of Product
}

/// Which products.
#[derive(InputObject, Default)]
pub struct ProductFilter {
    /// Words to find, in Chinese or English; the last latin word may be unfinished.
    pub search: Option<String>,
    /// On this shelf or a shelf on it.
    pub category_id: Option<CategoryId>,
    /// Not cheaper, in minor units; a product counts by its cheapest SKU.
    pub price_min: Option<Long>,
    /// Not dearer, in minor units; a product counts by its cheapest SKU.
    pub price_max: Option<Long>,
    /// Only what can be bought at once (false: only what cannot).
    pub in_stock: Option<bool>,
}

/// What shoppers ask about products.
#[derive(Default)]
pub struct ProductShopQuery;

#[Object]
impl ProductShopQuery {
    /// Products on sale.
    #[graphql(complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when not given.")] filter: Option<ProductFilter>,
        #[graphql(desc = "In which order.", default_with = "ProductSort::Relevance")] sort: ProductSort,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the product to go on behind, of the same list in the same order.")] after: Option<String>,
    ) -> Result<ProductConnection> {
        let (page, filter) = (page_request(ctx, first, after)?, filter.unwrap_or_default());
        let list = ProductList {
            status: Some(ProductStatus::OnSale),
            search: filter.search,
            category: filter.category_id,
            price_min: filter.price_min.map(|price| price.0),
            price_max: filter.price_max.map(|price| price.0),
            in_stock: filter.in_stock,
            sort: sort.into(),
            page,
        };
        Ok(answer(ctx, query::list(ctx.op()?, list).await)?.map(Product).into())
    }

    /// One product; also one that was taken down, but never a draft.
    async fn product(&self, ctx: &Context<'_>, #[graphql(desc = "The product.")] id: ProductId) -> Result<Option<Product>> {
        Ok(answer(ctx, query::shown(ctx.op()?, id).await)?.map(Product))
    }
}
