//! `sku`: what is priced and bought.

use kernel::{Currency, FreightTemplateId, LocalizedText, MediaId, ProductId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether a SKU is still offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum SkuStatus {
    /// Offered while its product is.
    #[sea_orm(string_value = "ACTIVE")]
    Active,
    /// Kept for the orders that name it.
    #[sea_orm(string_value = "RETIRED")]
    Retired,
}

/// Whose price a market price is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum MarketPriceBase {
    /// What its maker recommends to ask.
    #[sea_orm(string_value = "RECOMMENDED_RETAIL")]
    RecommendedRetail,
    /// What this mall asked first.
    #[sea_orm(string_value = "FIRST_PRICE")]
    FirstPrice,
    /// What it costs elsewhere.
    #[sea_orm(string_value = "OTHER_CHANNEL")]
    OtherChannel,
}

/// For each option of the product, which of its values: indexes from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult)]
pub struct Choices(pub Vec<usize>);

/// A row of `sku`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sku")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SkuId,
    pub product: ProductId,
    /// Its place within the product.
    pub position: i64,
    /// Unique in the mall.
    pub code: String,
    pub choices: Choices,
    /// The chosen values as one text; outlives the options.
    pub label: LocalizedText,
    pub price_minor: i64,
    /// A price of another base, shown struck through with it.
    pub market_price_minor: Option<i64>,
    /// Whose price that is.
    pub market_price_base: Option<MarketPriceBase>,
    pub currency: Currency,
    pub weight_grams: i64,
    pub image: Option<MediaId>,
    pub status: SkuStatus,
    /// The room one takes in a parcel.
    pub volume_cm3: i64,
    /// What bringing it costs; the mall's usual template when not said.
    pub freight_template: Option<FreightTemplateId>,
    /// The tax on it, where tax is added to prices.
    pub tax_bps: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
