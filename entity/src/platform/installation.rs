//! `installation`: one row that says which database this is.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// The row of `installation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "installation")]
pub struct Model {
    /// Always true: there is one row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub singleton: bool,
    /// The first part of every live cursor.
    pub epoch: String,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
