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
    /// What bringing them costs.
    pub shipping_minor: i64,
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
    /// The order it became.
    pub used_by: Option<OrderId>,
    pub created_at: Timestamp,
    /// The promise ends.
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
