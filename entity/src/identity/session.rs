//! `session`: signed-in devices.

use kernel::{CustomerId, SessionId, StaffId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `session`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose it is, when a shopper's.
    pub customer: Option<CustomerId>,
    /// Whose it is, when of staff.
    pub staff: Option<StaffId>,
    /// What the device calls itself.
    pub device: Option<String>,
    /// Where it was last refreshed from.
    pub ip: Option<String>,
    pub created_at: Timestamp,
    /// When it was opened or last refreshed.
    pub used_at: Timestamp,
    /// When its newest refresh token ends.
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// Why it ended: `SIGNED_OUT`, `REUSED`, `PASSWORD_CHANGED`, `DISABLED`.
    pub revoked_for: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
