//! `work_part`: what is done of a long piece of work.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// A row of `work_part`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_part")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub work: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: String,
    pub done_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
