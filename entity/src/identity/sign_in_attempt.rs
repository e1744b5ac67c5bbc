//! `sign_in_attempt`: failed staff sign-ins, by email, whether anybody has it or not.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// A row of `sign_in_attempt`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_attempt")]
pub struct Model {
    /// The blind index of the email.
    #[sea_orm(primary_key, auto_increment = false)]
    pub email_index: String,
    /// Failures since the last success.
    pub failures: i64,
    pub locked_until: Option<Timestamp>,
    pub last_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
