//! `freight_template`: what bringing things costs, by region.

use kernel::{Currency, FreightTemplateId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `freight_template`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "freight_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FreightTemplateId,
    pub name: String,
    pub currency: Currency,
    /// By what it counts, and its rules by region.
    pub terms: Json,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
