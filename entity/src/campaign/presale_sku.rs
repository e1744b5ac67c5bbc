//! `presale_sku`: what a presale asks for one SKU.

use kernel::{PresaleId, SkuId};
use sea_orm::entity::prelude::*;

/// A row of `presale_sku`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "presale_sku")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub presale: PresaleId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: SkuId,
    pub price_minor: i64,
    pub deposit_minor: i64,
    /// What the deposit counts against the price.
    pub worth_minor: i64,
    /// The presale's rule, for the check of the deposit's height.
    pub forfeits: bool,
    /// Whether everything is paid at once.
    pub in_full: bool,
    pub stock: i64,
    pub taken: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
