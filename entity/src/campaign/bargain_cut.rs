//! `bargain_cut`: who cut how much of which record.

use kernel::{BargainRecordId, CustomerId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `bargain_cut`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bargain_cut")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub record: BargainRecordId,
    /// Its number, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i64,
    pub helper: CustomerId,
    /// Which share of the plan it is.
    pub share_no: i64,
    pub amount_minor: i64,
    /// What the record cost after it.
    pub price_minor: i64,
    /// How many shares were drawn for it.
    pub draws: i64,
    /// The helper's own word.
    pub salt: String,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
