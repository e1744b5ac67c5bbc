//! `coupon`: one customer's coupon.

use kernel::{CouponId, CouponTemplateId, CustomerId, OrderId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a coupon stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum CouponState {
    /// Theirs to use.
    #[sea_orm(string_value = "AVAILABLE")]
    Available,
    /// Part of an order that waits for its money.
    #[sea_orm(string_value = "HELD")]
    Held,
    /// Part of a paid order.
    #[sea_orm(string_value = "SPENT")]
    Spent,
    /// Too late.
    #[sea_orm(string_value = "EXPIRED")]
    Expired,
}

/// A row of `coupon`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupon")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CouponId,
    pub template: CouponTemplateId,
    pub customer: CustomerId,
    /// Which of this template it is of theirs, from 1.
    pub nth: i64,
    pub state: CouponState,
    /// By which happening it came; once per template and customer.
    pub source: String,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    /// Which order holds or spent it.
    pub order_id: Option<OrderId>,
    pub taken_at: Timestamp,
    pub held_at: Option<Timestamp>,
    pub spent_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
