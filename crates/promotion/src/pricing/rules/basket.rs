//! What is to be priced, and everything the calculators may know.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use kernel::{CategoryId, Currency, FreightTemplateId, LocalizedText, Money, ProductId, SkuId, TimeDiscountId};
use serde::{Deserialize, Serialize};

use crate::coupon::rules::InHand;
use crate::freight::rules::{Delivery, Template};
use crate::reduction::rules::Reduction;
use crate::settings::rules::Settings;
use crate::time_discount::rules::limits::Limits;

/// What a marketing play asks for one SKU instead of its base price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayPrice {
    /// Of which SKU.
    pub sku: SkuId,
    /// Per piece.
    pub unit_price: Money,
    /// Why, as a stable code (`GROUP_BUY`, `GROUP_BUY_LEADER`).
    pub code: Cow<'static, str>,
}

/// A lower price for one SKU, by a discount for a while or by membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowerPrice {
    /// The discount's or the level's name.
    pub title: LocalizedText,
    /// Per piece.
    pub unit_price: Money,
}

/// A lower price for a while, and how many pieces still go at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// By which discount.
    pub discount: TimeDiscountId,
    /// What it makes of the price.
    pub lower: LowerPrice,
    /// What is left of its limits, for this shopper.
    pub limits: Limits,
}

/// What offers look at in a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its product.
    pub product: Option<ProductId>,
    /// The shelves it stands on, and those above them.
    pub categories: Vec<CategoryId>,
    /// What one piece weighs.
    pub weight_grams: i64,
    /// The room one piece takes.
    pub volume_cm3: i64,
    /// What bringing it costs; the usual template when not said.
    pub freight: Option<FreightTemplateId>,
    /// The tax on it, where tax is added.
    pub tax_bps: i64,
    /// What it costs for a while, the lowest first.
    pub time_discounts: Vec<Timed>,
    /// What it costs a member.
    pub member_price: Option<LowerPrice>,
}

/// One SKU and how many of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasketLine {
    /// What.
    pub sku: SkuId,
    /// How many; above zero.
    pub quantity: i64,
    /// Per piece, as the catalog says today.
    pub base_price: Money,
    /// What a play asks instead.
    pub play: Option<PlayPrice>,
    /// What offers look at.
    pub facts: Facts,
}

/// A SKU that may be given along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftFacts {
    /// What one costs otherwise.
    pub price: Money,
    /// How many can be given.
    pub available: i64,
}

/// What is offered on the basket, and what the shopper wishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// The reductions that run now.
    pub reductions: Vec<Arc<Reduction>>,
    /// What is known of the SKUs that reductions may give along.
    pub gifts: BTreeMap<SkuId, GiftFacts>,
    /// The coupons that are to be used.
    pub coupons: Vec<InHand>,
    /// How many points the shopper would spend.
    pub points: i64,
    /// How many they have.
    pub points_balance: i64,
    /// How the goods come.
    pub delivery: Delivery,
    /// The freight templates by id.
    pub freight: Arc<BTreeMap<FreightTemplateId, Template>>,
    /// Points, tax, donations, the usual freight.
    pub settings: Arc<Settings>,
    /// What the shopper gives to others, in minor units.
    pub donation_minor: i64,
}

/// What is to be priced. Each SKU appears once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basket {
    /// The currency of every amount.
    pub currency: Currency,
    /// What is in it; the order does not matter.
    pub lines: Vec<BasketLine>,
    /// What is offered on it.
    pub offers: Offers,
}
