//! `provider_bill`: a provider's list of what it did for us.

use kernel::{BillId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `provider_bill`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_bill")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BillId,
    pub gateway: String,
    /// In whose columns it was written.
    pub layout: String,
    pub file_name: String,
    /// SHA-256 of the file: a file counts once.
    pub digest: String,
    /// It lists what happened from here …
    pub from_at: Timestamp,
    /// … to before here.
    pub until_at: Timestamp,
    pub lines: i64,
    pub matched: i64,
    pub differences: i64,
    /// Differences nobody settled yet.
    pub open: i64,
    pub imported_by: String,
    pub imported_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
