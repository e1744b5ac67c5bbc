//! `product`: what is shown as one article.

use kernel::{Currency, LocalizedText, MediaId, ProductId, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether a product can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ProductStatus {
    /// Never shown yet.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// Shown and sold.
    #[sea_orm(string_value = "ON_SALE")]
    OnSale,
    /// Taken down.
    #[sea_orm(string_value = "OFF_SALE")]
    OffSale,
}

/// Facts about a product: a name and a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult)]
pub struct Attributes(pub Vec<Attribute>);

/// A fact about a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// "Origin".
    pub name: LocalizedText,
    /// "Wuyi Mountain".
    pub value: LocalizedText,
}

/// What a buyer chooses between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult)]
pub struct Options(pub Vec<OptionAxis>);

/// One thing to choose: a name and the values to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionAxis {
    /// "Size".
    pub name: LocalizedText,
    /// "250 g", "500 g".
    pub values: Vec<LocalizedText>,
}

/// Pictures in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult)]
pub struct MediaList(pub Vec<MediaId>);

/// A row of `product`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    pub status: ProductStatus,
    pub title: LocalizedText,
    pub subtitle: LocalizedText,
    pub description: LocalizedText,
    pub attributes: Attributes,
    pub options: Options,
    /// Its pictures, the cover first.
    pub media: MediaList,
    /// Its key in another system.
    pub external_reference: Option<String>,
    /// Whether there is nothing to carry: it is there when it is paid.
    pub is_virtual: bool,
    pub currency: Currency,
    /// The cheapest active SKU.
    pub min_price_minor: i64,
    /// The dearest active SKU.
    pub max_price_minor: i64,
    /// A projection of the stock's counters.
    pub sold_count: i64,
    /// When it was put on sale last.
    pub published_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
