//! Facts about staff.

use kernel::{Event, StaffId, Timestamp};
use serde::{Deserialize, Serialize};

/// What happened to somebody's access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccessChange {
    /// They may sign in for the first time.
    Created,
    /// They may not sign in any more.
    Disabled,
    /// They may sign in again.
    Enabled,
    /// They have other roles.
    RolesSet,
    /// They got a new one-time password.
    PasswordReset,
}

/// Somebody's access changed; who did it stands with the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffAccessChanged {
    /// Whose.
    pub staff: StaffId,
    /// How.
    pub change: AccessChange,
    /// When.
    pub at: Timestamp,
}

impl Event for StaffAccessChanged {
    const NAME: &'static str = "identity.staff_access_changed.v1";
}
