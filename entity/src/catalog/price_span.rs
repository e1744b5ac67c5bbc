//! `price_span`: what a SKU cost from when to when, and who decided it.

use kernel::{Currency, LocalizedText, PriceSpanId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `price_span`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "price_span")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PriceSpanId,
    pub sku: SkuId,
    /// `list`, `time_discount`, or the kind of a play.
    pub source_kind: String,
    /// Which offer; blank for the list price.
    pub source_id: String,
    pub title: Option<LocalizedText>,
    pub price_minor: i64,
    pub currency: Currency,
    pub starts_at: Timestamp,
    /// The first instant after it; none while nobody knows.
    pub ends_at: Option<Timestamp>,
    pub actor: String,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
