//! `coupon_code`: a code that gives one coupon, once.

use kernel::{CouponTemplateId, CustomerId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `coupon_code`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupon_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub template: CouponTemplateId,
    pub used_by: Option<CustomerId>,
    pub used_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
