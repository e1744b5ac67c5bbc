//! `sku_return_rule`: what is kept once it is bought.

use kernel::{SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// Why goods cannot be given back without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, serde::Serialize, serde::Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ReturnException {
    /// Made for this shopper.
    #[sea_orm(string_value = "CUSTOM_MADE")]
    CustomMade,
    /// Fresh, or soon past its date.
    #[sea_orm(string_value = "PERISHABLE")]
    Perishable,
    /// Downloaded, or its seal is broken.
    #[sea_orm(string_value = "DIGITAL")]
    Digital,
    /// A newspaper or magazine that was delivered.
    #[sea_orm(string_value = "PERIODICAL")]
    Periodical,
    /// By its nature; the shopper confirmed it.
    #[sea_orm(string_value = "BY_NATURE")]
    ByNature,
}

/// A row of `sku_return_rule`. A SKU without one can be given back.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sku_return_rule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    pub exception: ReturnException,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
