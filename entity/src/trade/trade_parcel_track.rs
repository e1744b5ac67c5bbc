//! `trade_parcel_track`: where the carrier says a parcel was, append-only.

use kernel::{ParcelId, Timestamp};
use sea_orm::entity::prelude::*;

use super::trade_parcel::ParcelState;

/// A row of `trade_parcel_track`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trade_parcel_track")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub parcel: ParcelId,
    /// Of the time and the text: the same news twice is once.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    /// When it was there.
    pub at: Timestamp,
    /// What that made of it, if the carrier says.
    pub state: Option<ParcelState>,
    /// The carrier's words.
    pub text: String,
    /// Where, if the carrier says.
    pub place: Option<String>,
    /// When we learned of it.
    pub told_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
