//! `quote`: a price promised for a while.

use kernel::{Currency, CustomerId, OrderId, QuoteId, TeamId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `quote`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quote")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: QuoteId,
    /// To whom it is promised.
    pub customer: CustomerId,
    /// The priced lines.
    pub lines: Json,
    /// How the total came about.
    pub trace: Json,
    /// What the lines cost together.
    pub goods_minor: i64,
    /// What is paid beside the goods: shipping, tax and donation.
    pub beside_goods_minor: i64,
    /// What bringing them costs.
    pub shipping_minor: i64,
    /// Tax and duty that are added.
    pub tax_minor: i64,
    /// What the shopper gives to others.
    pub donation_minor: i64,
    /// What is paid.
    pub total_minor: i64,
    /// Of every amount.
    pub currency: Currency,
    /// Which kind of play sets the price.
    pub play_kind: Option<String>,
    /// Which play of that kind.
    pub play_id: Option<String>,
    /// Which team of that play.
    pub play_team: Option<TeamId>,
    /// For how many a new team is opened.
    pub play_team_size: Option<i64>,
    /// Whether the order it becomes takes its lines out of the cart.
    pub from_cart: bool,
    /// The customer's coupons it is priced with.
    pub coupons: Json,
    /// How many points are spent.
    pub points: i64,
    /// What they take off.
    pub points_worth_minor: i64,
    /// How the goods come: `SHIP`, `PICK_UP` or `VIRTUAL`.
    pub delivery_mode: String,
    /// Where they go: a 6-digit code.
    pub region: Option<String>,
    /// The order it became.
    pub used_by: Option<OrderId>,
    pub created_at: Timestamp,
    /// The promise ends.
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
