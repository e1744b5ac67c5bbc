//! `flash_sale_customer`: how much of a session one customer has.

use kernel::{CustomerId, FlashSaleId};
use sea_orm::entity::prelude::*;

/// A row of `flash_sale_customer`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flash_sale_customer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub flash_sale: FlashSaleId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer: CustomerId,
    /// Pieces in orders that live.
    pub bought: i64,
    /// The limit; the table refuses more.
    pub most: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
