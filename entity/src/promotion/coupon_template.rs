//! `coupon_template`: a kind of coupon that is given out.

use kernel::{CouponTemplateId, LocalizedText, Timestamp};
use sea_orm::entity::prelude::*;

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum OfferState {
    /// Being written; nobody sees it.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// Offered within its window.
    #[sea_orm(string_value = "ACTIVE")]
    Active,
    /// Taken back by staff.
    #[sea_orm(string_value = "STOPPED")]
    Stopped,
}

/// How a customer comes by a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum CouponWay {
    /// By taking it.
    #[sea_orm(string_value = "CLAIM")]
    Claim,
    /// By a code.
    #[sea_orm(string_value = "CODE")]
    Code,
    /// By staff.
    #[sea_orm(string_value = "STAFF")]
    Staff,
    /// By signing in for the first time.
    #[sea_orm(string_value = "REGISTER")]
    Register,
    /// On a birthday.
    #[sea_orm(string_value = "BIRTHDAY")]
    Birthday,
    /// With a paid order.
    #[sea_orm(string_value = "ORDER_PAID")]
    OrderPaid,
    /// With a daily check-in.
    #[sea_orm(string_value = "CHECK_IN")]
    CheckIn,
}

/// A row of `coupon_template`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupon_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CouponTemplateId,
    pub title: LocalizedText,
    pub state: OfferState,
    /// What it gives, on what, how long.
    pub terms: Json,
    /// What it gives, for lists.
    pub kind: String,
    pub way: CouponWay,
    /// A word that gives it to anybody who knows it.
    pub code: Option<String>,
    /// How many there are.
    pub quota: Option<i64>,
    /// How many one customer may take.
    pub per_customer: i64,
    /// How many were taken.
    pub taken: i64,
    pub claim_from: Timestamp,
    pub claim_until: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
