//! `bargain_helper_day`: how many cuts a helper made in a campaign on one day.

use kernel::{BargainId, CustomerId};
use sea_orm::entity::prelude::*;

/// A row of `bargain_helper_day`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bargain_helper_day")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bargain: BargainId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub helper: CustomerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: String,
    pub cuts: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
