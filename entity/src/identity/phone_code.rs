//! `phone_code`: the latest one-time code sent to each phone.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// A row of `phone_code`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "phone_code")]
pub struct Model {
    /// The blind index of the number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub phone_index: String,
    /// A keyed digest of phone and code; gone when the code was used.
    pub code_hash: Option<String>,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    /// Wrong guesses so far.
    pub tries: i64,
    /// When the first of the counted sends was.
    pub window_began_at: Timestamp,
    /// How many were sent since then.
    pub window_sends: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
