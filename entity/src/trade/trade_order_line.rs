//! `trade_order_line`: one SKU of a purchase, as it was when it was bought.

use kernel::{LocalizedText, OrderId, OrderLineId, ProductId, SkuId};
use sea_orm::entity::prelude::*;

use crate::catalog::sku_return_rule::ReturnException;

/// A row of `trade_order_line`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trade_order_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderLineId,
    pub order_id: OrderId,
    /// Its place on the order, from 0.
    pub position: i64,
    pub sku: SkuId,
    pub product: ProductId,
    /// The product's name.
    pub title: LocalizedText,
    /// Which of its SKUs.
    pub options_label: LocalizedText,
    pub image_url: Option<String>,
    pub quantity: i64,
    /// Per piece.
    pub unit_price_minor: i64,
    /// Its share of discounts on the whole.
    pub discount_minor: i64,
    /// What the line costs.
    pub payable_minor: i64,
    /// Why it cannot be given back without a reason, as the shopper confirmed.
    pub return_exception: Option<ReturnException>,
    /// Whether there is nothing to carry.
    pub is_virtual: bool,
    /// How many left the house, or were given out.
    pub shipped_quantity: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
