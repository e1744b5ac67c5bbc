//! `product_category`: which products stand on which shelf.

use kernel::{CategoryId, ProductId};
use sea_orm::entity::prelude::*;

/// A row of `product_category`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_category")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub category: CategoryId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub product: ProductId,
    /// The product's first shelf has 0.
    pub position: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
