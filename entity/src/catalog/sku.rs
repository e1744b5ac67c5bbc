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
    /// What others ask; shown struck through.
    pub market_price_minor: Option<i64>,
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
