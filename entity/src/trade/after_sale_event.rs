//! `after_sale_event`: what happened to a case, append-only.

use kernel::{AfterSaleId, EventId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `after_sale_event`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "after_sale_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    pub after_sale: AfterSaleId,
    /// What happened, as a stable code.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// More, for people.
    pub note: Option<String>,
    /// Pictures that prove it.
    pub media: Json,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
