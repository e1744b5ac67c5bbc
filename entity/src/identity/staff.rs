//! `staff`: the people who work for the merchant.

use kernel::{StaffId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `staff`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StaffId,
    /// In lower case.
    pub email: String,
    pub name: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// The password was made for them: until they choose one they may nothing.
    pub password_change_required: bool,
    /// The secret of their authenticator, sealed for `staff:<id>:totp`.
    pub totp_sealed: Option<String>,
    /// When they proved to have it; until then it is not asked for.
    pub totp_confirmed_at: Option<Timestamp>,
    /// The newest time step that was used: no code counts twice.
    pub totp_last_step: Option<i64>,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
