//! `customer`: the shoppers.

use kernel::{CustomerId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `customer`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomerId,
    pub nickname: String,
    /// The nickname in lower case, to search by its beginning.
    pub nickname_key: String,
    pub avatar_url: Option<String>,
    /// The BCP 47 tag of the language they read.
    pub locale: String,
    /// The E.164 number, sealed for `customer:<id>:phone`.
    pub phone_sealed: Option<String>,
    /// The blind index of the number: one customer per number.
    pub phone_index: Option<String>,
    pub registered_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
