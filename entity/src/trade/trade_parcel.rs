//! `trade_parcel`: what left the house in one piece for one order.

use kernel::{OrderId, ParcelId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ParcelState {
    /// It left the house; the carrier said nothing yet.
    #[sea_orm(string_value = "SENT")]
    Sent,
    /// The carrier has it.
    #[sea_orm(string_value = "COLLECTED")]
    Collected,
    /// It travels.
    #[sea_orm(string_value = "IN_TRANSIT")]
    InTransit,
    /// It is on the last mile.
    #[sea_orm(string_value = "OUT_FOR_DELIVERY")]
    OutForDelivery,
    /// Something is wrong with it.
    #[sea_orm(string_value = "PROBLEM")]
    Problem,
    /// It was signed for.
    #[sea_orm(string_value = "DELIVERED")]
    Delivered,
    /// It goes back, or is back.
    #[sea_orm(string_value = "RETURNED")]
    Returned,
}

/// Whether the tracker tells us about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ParcelWatch {
    /// Nobody can: the carrier is none of the known ones.
    #[sea_orm(string_value = "NONE")]
    None,
    /// It is to be asked to.
    #[sea_orm(string_value = "WANTED")]
    Wanted,
    /// It does.
    #[sea_orm(string_value = "WATCHED")]
    Watched,
    /// There is nothing more to tell.
    #[sea_orm(string_value = "ENDED")]
    Ended,
}

/// A row of `trade_parcel`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trade_parcel")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ParcelId,
    pub order_id: OrderId,
    /// The how-manieth of its order, from 1.
    pub number: i64,
    /// Who carries it, as people say.
    pub carrier: String,
    /// Who carries it, if it is a known one.
    pub carrier_code: Option<String>,
    /// Their number for it.
    pub tracking_no: String,
    /// Where it is.
    pub state: ParcelState,
    /// Whether the tracker tells us about it.
    pub watch: ParcelWatch,
    /// When to turn to the tracker next.
    pub next_query_at: Option<Timestamp>,
    /// How often it was turned to.
    pub queries: i64,
    /// Who shipped it.
    pub shipped_by: String,
    pub shipped_at: Timestamp,
    /// When the carrier's latest news is of.
    pub tracked_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
