//! What the capabilities' GraphQL types share, and the roots.

use async_graphql::{Enum, InputObject, MergedObject, SimpleObject};
use entity::promotion::coupon_template::OfferState;
use kernel::{CategoryId, ProductId};

use crate::{coupon, freight, member_price, pricing::Scope, reduction, settings, time_discount};

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PromotionState {
    /// Being written; nobody sees it.
    Draft,
    /// Offered within its window.
    Active,
    /// Taken back by staff.
    Stopped,
}

impl From<OfferState> for PromotionState {
    fn from(state: OfferState) -> Self {
        match state {
            OfferState::Draft => Self::Draft,
            OfferState::Active => Self::Active,
            OfferState::Stopped => Self::Stopped,
        }
    }
}

impl From<PromotionState> for OfferState {
    fn from(state: PromotionState) -> Self {
        match state {
            PromotionState::Draft => Self::Draft,
            PromotionState::Active => Self::Active,
            PromotionState::Stopped => Self::Stopped,
        }
    }
}

/// On what an offer holds. Everything, when neither products nor categories are named; a category covers all below it.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PromotionScopeInput {
    /// Only on these products.
    #[graphql(default)]
    pub product_ids: Vec<ProductId>,
    /// Only on what stands on these shelves or below.
    #[graphql(default)]
    pub category_ids: Vec<CategoryId>,
    /// Never on these products.
    #[graphql(default)]
    pub without_product_ids: Vec<ProductId>,
    /// Never on what stands on these shelves or below.
    #[graphql(default)]
    pub without_category_ids: Vec<CategoryId>,
}

impl From<PromotionScopeInput> for Scope {
    fn from(scope: PromotionScopeInput) -> Self {
        Self {
            products: scope.product_ids.into_iter().collect(),
            categories: scope.category_ids.into_iter().collect(),
            without_products: scope.without_product_ids.into_iter().collect(),
            without_categories: scope.without_category_ids.into_iter().collect(),
        }
    }
}

/// On what an offer holds. Everything, when neither products nor categories are named; a category covers all below it.
#[derive(Clone, Debug, SimpleObject)]
pub struct PromotionScope {
    /// Only on these products.
    pub product_ids: Vec<ProductId>,
    /// Only on what stands on these shelves or below.
    pub category_ids: Vec<CategoryId>,
    /// Never on these products.
    pub without_product_ids: Vec<ProductId>,
    /// Never on what stands on these shelves or below.
    pub without_category_ids: Vec<CategoryId>,
}

impl From<&Scope> for PromotionScope {
    fn from(scope: &Scope) -> Self {
        Self {
            product_ids: scope.products.iter().copied().collect(),
            category_ids: scope.categories.iter().copied().collect(),
            without_product_ids: scope.without_products.iter().copied().collect(),
            without_category_ids: scope.without_categories.iter().copied().collect(),
        }
    }
}

/// A number of the API's size.
pub(crate) fn small(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// What a shopper can ask about promotions.
#[derive(MergedObject, Default)]
#[graphql(name = "PromotionShopQuery")]
pub struct ShopQuery(
    coupon::graphql::CouponShopQuery,
    reduction::graphql::ReductionShopQuery,
    freight::graphql::FreightShopQuery,
    member_price::graphql::MemberShopQuery,
);

/// What a shopper can do about promotions.
#[derive(MergedObject, Default)]
#[graphql(name = "PromotionShopMutation")]
pub struct ShopMutation(coupon::graphql::CouponShopMutation);

/// What staff can ask about promotions.
#[derive(MergedObject, Default)]
#[graphql(name = "PromotionAdminQuery")]
pub struct AdminQuery(
    coupon::graphql::CouponAdminQuery,
    reduction::graphql::ReductionAdminQuery,
    time_discount::graphql::TimeDiscountAdminQuery,
    member_price::graphql::MemberAdminQuery,
    freight::graphql::FreightAdminQuery,
    settings::graphql::SettingsAdminQuery,
);

/// What staff can do about promotions.
#[derive(MergedObject, Default)]
#[graphql(name = "PromotionAdminMutation")]
pub struct AdminMutation(
    coupon::graphql::CouponAdminMutation,
    reduction::graphql::ReductionAdminMutation,
    time_discount::graphql::TimeDiscountAdminMutation,
    member_price::graphql::MemberAdminMutation,
    freight::graphql::FreightAdminMutation,
    settings::graphql::SettingsAdminMutation,
);
