//! What staff see and change.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use entity::catalog::{product, sku};
use kernel::{CategoryId, Failure, FreightTemplateId, Money, Permission, ProductId, SkuId, Timestamp};
use platform::graphql::{Access, ContextExt, LocalizedTextObject, Long, MoneyObject, answer, page_request, payload};

use super::{
    inputs::{ProductCreateInput, ProductUpdateInput},
    types::{CatalogAttribute, CatalogOption, PriceRange, ProductSort, offers, picture, pictures, places},
};
use crate::{
    category::graphql::CatalogCategory,
    graphql::loaders::{AllSkusOf, CategoriesOf, ReturnExceptionOf, ShelfOf, load},
    inventory::graphql::{SkuStock, narrow},
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

/// Whether a product can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "product::ProductStatus")]
pub enum ProductStatus {
    /// Never shown yet.
    Draft,
    /// Shown and sold.
    OnSale,
    /// Taken down.
    OffSale,
}

/// Whether a SKU is still offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sku::SkuStatus")]
pub enum SkuStatus {
    /// Offered while its product is.
    Active,
    /// Kept for the orders that name it.
    Retired,
}

/// A product as staff see it.
pub struct CatalogProduct(pub service::Product);

impl CatalogProduct {
    /// The product, together with all others that are asked for at the same time.
    pub async fn load(ctx: &Context<'_>, id: ProductId) -> Result<Option<Self>> {
        Ok(load(ctx, id).await?.map(Self))
    }
}

/// A product as staff see it.
#[Object]
impl CatalogProduct {
    /// The product.
    async fn id(&self) -> ProductId {
        self.0.id
    }

    /// Whether it can be bought.
    async fn status(&self) -> ProductStatus {
        self.0.status.into()
    }

    /// What it is called.
    async fn title(&self) -> LocalizedTextObject {
        (&self.0.title).into()
    }

    /// What makes it worth a look.
    async fn subtitle(&self) -> LocalizedTextObject {
        (&self.0.subtitle).into()
    }

    /// Everything else.
    async fn description(&self) -> LocalizedTextObject {
        (&self.0.description).into()
    }

    /// Facts about it.
    async fn attributes(&self) -> Vec<CatalogAttribute> {
        let fact = |fact: &product::Attribute| CatalogAttribute { name: (&fact.name).into(), value: (&fact.value).into() };
        self.0.attributes.0.iter().map(fact).collect()
    }

    /// What a buyer chooses between.
    async fn options(&self) -> Vec<CatalogOption> {
        let option = |option: &product::OptionAxis| CatalogOption {
            name: (&option.name).into(),
            values: option.values.iter().map(Into::into).collect(),
        };
        self.0.options.0.iter().map(option).collect()
    }

    /// What the cheapest and the dearest SKU cost.
    async fn price_range(&self) -> PriceRange {
        let money = |minor| Money::new(minor, self.0.currency).into();
        PriceRange { min: money(self.0.min_price_minor), max: money(self.0.max_price_minor) }
    }

    /// Its SKUs in their order, retired ones too.
    async fn skus(&self, ctx: &Context<'_>) -> Result<Vec<CatalogSku>> {
        Ok(load(ctx, AllSkusOf(self.0.id)).await?.unwrap_or_default().into_iter().map(CatalogSku).collect())
    }

    /// What its SKUs cost everybody now, as shoppers see it: what lowers a price, which play sells it, and what is struck
    /// through beside it.
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
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<CatalogCategory>> {
        Ok(load(ctx, CategoriesOf(self.0.id)).await?.unwrap_or_default().into_iter().map(CatalogCategory).collect())
    }

    /// Whether there is nothing to carry: it is there when it is paid.
    async fn is_virtual(&self) -> bool {
        self.0.is_virtual
    }

    /// Its key in another system.
    async fn external_reference(&self) -> Option<&str> {
        self.0.external_reference.as_deref()
    }

    /// How many were sold.
    async fn sold_count(&self) -> Long {
        Long(self.0.sold_count)
    }

    /// When it was put on sale last.
    async fn published_at(&self) -> Option<Timestamp> {
        self.0.published_at
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was changed last; pass it as `readAt` to change only what was read.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// A SKU as staff see it.
pub struct CatalogSku(pub service::Sku);

impl CatalogSku {
    /// The SKU, together with all others that are asked for at the same time.
    pub async fn load(ctx: &Context<'_>, id: SkuId) -> Result<Option<Self>> {
        Ok(load(ctx, id).await?.map(Self))
    }
}

/// A SKU as staff see it.
#[Object]
impl CatalogSku {
    /// The SKU.
    async fn id(&self) -> SkuId {
        self.0.id
    }

    /// Whether it is still offered.
    async fn status(&self) -> SkuStatus {
        self.0.status.into()
    }

    /// Its code, unique in the mall.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The chosen values as one text; blank when there is nothing to choose.
    async fn label(&self) -> LocalizedTextObject {
        (&self.0.label).into()
    }

    /// For each option of the product, the place of the chosen value, from 0. Of a retired SKU: when it was retired.
    async fn choices(&self) -> Vec<i32> {
        places(&self.0.choices.0)
    }

    /// What one costs.
    async fn price(&self) -> MoneyObject {
        Money::new(self.0.price_minor, self.0.currency).into()
    }

    /// A price to compare with.
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

    /// The room one takes in a parcel, in cubic centimetres.
    async fn volume_cm3(&self) -> i32 {
        narrow(self.0.volume_cm3)
    }

    /// The freight template it goes by; the mall's usual one when not said.
    async fn freight_template_id(&self) -> Option<FreightTemplateId> {
        self.0.freight_template
    }

    /// The tax on it where tax is added to prices, in basis points.
    async fn tax_bps(&self) -> i32 {
        narrow(self.0.tax_bps)
    }

    /// Its own picture.
    async fn image(&self, ctx: &Context<'_>) -> Result<Option<Media>> {
        picture(ctx, self.0.image).await
    }

    /// What lies on its shelf.
    async fn stock(&self, ctx: &Context<'_>) -> Result<Option<SkuStock>> {
        Ok(load(ctx, ShelfOf(self.0.id)).await?.map(Into::into))
    }

    /// Its product.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<CatalogProduct>> {
        CatalogProduct::load(ctx, self.0.product).await
    }
}

platform::connection! {
    /// Products as staff see them.
    pub struct CatalogProductConnection, CatalogProductEdge of CatalogProduct
}

/// Which products.
#[derive(InputObject, Default)]
pub struct CatalogProductFilter {
    /// In this state.
    pub status: Option<ProductStatus>,
    /// Words to find, in Chinese or English; codes of SKUs too.
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

/// What staff ask about products.
#[derive(Default)]
pub struct ProductAdminQuery;

#[Object]
impl ProductAdminQuery {
    /// Products in every state.
    #[graphql(
        guard = "Access::Staff(Permission::CatalogRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when not given.")] filter: Option<CatalogProductFilter>,
        #[graphql(desc = "In which order; the newest are those made last.", default_with = "ProductSort::Relevance")] sort: ProductSort,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the product to go on behind, of the same list in the same order.")] after: Option<String>,
    ) -> Result<CatalogProductConnection> {
        let (page, filter) = (page_request(ctx, first, after)?, filter.unwrap_or_default());
        let list = ProductList {
            status: filter.status.map(Into::into),
            search: filter.search,
            category: filter.category_id,
            price_min: filter.price_min.map(|price| price.0),
            price_max: filter.price_max.map(|price| price.0),
            in_stock: filter.in_stock,
            sort: sort.into(),
            page,
        };
        Ok(answer(ctx, query::list(ctx.op()?, list).await)?.map(CatalogProduct).into())
    }

    /// One product, in whatever state.
    #[graphql(guard = "Access::Staff(Permission::CatalogRead)")]
    async fn product(&self, ctx: &Context<'_>, #[graphql(desc = "The product.")] id: ProductId) -> Result<Option<CatalogProduct>> {
        CatalogProduct::load(ctx, id).await
    }

    /// One SKU, in whatever state.
    #[graphql(guard = "Access::Staff(Permission::CatalogRead)")]
    async fn sku(&self, ctx: &Context<'_>, #[graphql(desc = "The SKU.")] id: SkuId) -> Result<Option<CatalogSku>> {
        CatalogSku::load(ctx, id).await
    }
}

platform::payload! {
    /// The product, as it is now.
    pub struct ProductCreatePayload {
        /// The product.
        product: CatalogProduct,
    }
}

platform::payload! {
    /// The product, as it is now.
    pub struct ProductUpdatePayload {
        /// The product.
        product: CatalogProduct,
    }
}

platform::payload! {
    /// The product, as it is now.
    pub struct ProductPublishPayload {
        /// The product.
        product: CatalogProduct,
    }
}

platform::payload! {
    /// The product, as it is now.
    pub struct ProductUnpublishPayload {
        /// The product.
        product: CatalogProduct,
    }
}

/// What staff change about products.
#[derive(Default)]
pub struct ProductAdminMutation;

#[Object]
impl ProductAdminMutation {
    /// Makes a product; it is a draft until it is published.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn product_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] mut input: ProductCreateInput,
    ) -> Result<ProductCreatePayload> {
        let created = match input.idempotency_key.take() {
            Some(key) => service::create_once(ctx.op()?, input.into(), &key).await,
            None => service::create(ctx.op()?, input.into()).await.map_err(Failure::widen),
        };
        payload(ctx, created, |row| ProductCreatePayload { product: Some(CatalogProduct(row)), ..Default::default() })
    }

    /// Changes a product.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn product_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: ProductUpdateInput,
    ) -> Result<ProductUpdatePayload> {
        let updated = service::update(ctx.op()?, input.id, input.into()).await;
        payload(ctx, updated, |row| ProductUpdatePayload { product: Some(CatalogProduct(row)), ..Default::default() })
    }

    /// Puts a product on sale. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn product_publish(&self, ctx: &Context<'_>, #[graphql(desc = "The product.")] id: ProductId) -> Result<ProductPublishPayload> {
        let published = service::publish(ctx.op()?, id).await;
        payload(ctx, published, |row| ProductPublishPayload { product: Some(CatalogProduct(row)), ..Default::default() })
    }

    /// Takes a product down; what is ordered stays ordered. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn product_unpublish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] id: ProductId,
    ) -> Result<ProductUnpublishPayload> {
        let unpublished = service::unpublish(ctx.op()?, id).await;
        payload(ctx, unpublished, |row| ProductUnpublishPayload { product: Some(CatalogProduct(row)), ..Default::default() })
    }
}
