//! `bargain_record`: one customer's bargain.

use kernel::{BargainId, BargainRecordId, CustomerId, OrderId, ProductId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum RecordState {
    /// Friends may cut.
    #[sea_orm(string_value = "RUNNING")]
    Running,
    /// Every cut was made.
    #[sea_orm(string_value = "FLOOR_REACHED")]
    FloorReached,
    /// An order was placed and is not paid yet.
    #[sea_orm(string_value = "ORDERED")]
    Ordered,
    /// Bought.
    #[sea_orm(string_value = "PAID")]
    Paid,
    /// Its time ran out above the floor.
    #[sea_orm(string_value = "EXPIRED")]
    Expired,
    /// The floor was reached and nobody bought in time.
    #[sea_orm(string_value = "PAY_EXPIRED")]
    PayExpired,
}

/// A row of `bargain_record`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bargain_record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BargainRecordId,
    pub bargain: BargainId,
    pub owner: CustomerId,
    pub product: ProductId,
    pub sku: SkuId,
    pub state: RecordState,
    /// What it was promised when it began.
    pub terms: Json,
    pub first_minor: i64,
    pub floor_minor: i64,
    /// What it costs now.
    pub price_minor: i64,
    /// How many cuts lead to the floor.
    pub cuts: i64,
    pub cuts_made: i64,
    /// SHA-256 of the seed, public from the beginning.
    pub seed_hash: String,
    /// The seed, secret until no cut can follow.
    pub sealed_seed: String,
    pub deadline: Timestamp,
    /// None until the floor is reached.
    pub pay_by: Option<Timestamp>,
    /// The order that buys it.
    pub order_id: Option<OrderId>,
    /// The campaign, until the record is over: unique per owner.
    pub running_in: Option<BargainId>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
