//! Types of the staff's API.

use async_graphql::{InputObject, SimpleObject};
use kernel::{Permission, RoleId, StaffId, Timestamp};
use platform::payload;

use crate::{
    session::graphql::SignedIn,
    staff::{query, service::StaffSignedIn, totp::Enrolment},
};

/// A set of permissions with a name.
#[derive(SimpleObject)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// What it is called.
    pub name: String,
    /// The owner's role: it may everything, and cannot be changed.
    pub owner: bool,
    /// What it may.
    pub permissions: Vec<Permission>,
}

impl From<query::Role> for Role {
    fn from(role: query::Role) -> Self {
        Self { id: role.id, name: role.name, owner: role.owner, permissions: role.permissions.into_iter().collect() }
    }
}

/// Somebody who works for the merchant.
#[derive(SimpleObject)]
pub struct StaffMember {
    /// Their id.
    pub id: StaffId,
    /// What they sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// Whether they sign in with an authenticator too.
    pub totp_enabled: bool,
    /// Whether they still have to choose a password.
    pub password_change_required: bool,
    /// Since when they may not sign in; null while they may.
    pub disabled_at: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
}

impl From<query::StaffMember> for StaffMember {
    fn from(member: query::StaffMember) -> Self {
        Self {
            id: member.id,
            email: member.email,
            name: member.name,
            roles: member.roles.into_iter().map(Role::from).collect(),
            totp_enabled: member.totp_on,
            password_change_required: member.password_change_required,
            disabled_at: member.disabled_at,
            created_at: member.created_at,
        }
    }
}

platform::connection! {
    /// Staff, the oldest first.
    pub struct StaffMemberConnection, StaffMemberEdge of StaffMember
}

/// The member of staff who asks.
#[derive(SimpleObject)]
pub struct Viewer {
    /// Their id.
    pub id: StaffId,
    /// What they sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// What this session may do; nothing while a password has to be chosen.
    pub permissions: Vec<Permission>,
    /// Whether they sign in with an authenticator too.
    pub totp_enabled: bool,
    /// Whether they still have to choose a password.
    pub password_change_required: bool,
}

impl From<query::StaffMember> for Viewer {
    fn from(member: query::StaffMember) -> Self {
        let permissions = if member.password_change_required { Vec::new() } else { member.rights().into_iter().collect() };
        Self {
            id: member.id,
            email: member.email,
            name: member.name,
            roles: member.roles.into_iter().map(Role::from).collect(),
            permissions,
            totp_enabled: member.totp_on,
            password_change_required: member.password_change_required,
        }
    }
}

/// Who somebody says they are.
#[derive(InputObject)]
pub struct StaffSignInInput {
    /// What they sign in with.
    pub email: String,
    /// Their password.
    #[graphql(secret)]
    pub password: String,
    /// The code of their authenticator, when `totpRequired` asked for it.
    #[graphql(secret)]
    pub totp: Option<String>,
    /// What the device calls itself; shown in the list of sessions.
    pub device: Option<String>,
}

payload! {
    /// How a sign-in ended.
    pub struct StaffSignInPayload {
        /// The tokens; null while a code is still to come.
        session: SignedIn,
        /// The password is right: ask for the code of the authenticator and send all of it again.
        totp_required: bool,
        /// The session may do nothing but choose a password (`staffPasswordChange`).
        password_change_required: bool,
    }
}

impl From<StaffSignedIn> for StaffSignInPayload {
    fn from(signed_in: StaffSignedIn) -> Self {
        Self {
            session: signed_in.session.map(SignedIn::from),
            totp_required: Some(signed_in.totp_required),
            password_change_required: Some(signed_in.password_change_required),
            user_errors: Vec::new(),
        }
    }
}

/// The old password and the new one.
#[derive(InputObject)]
pub struct StaffPasswordChangeInput {
    /// The one that counts now.
    #[graphql(secret)]
    pub current_password: String,
    /// The one that shall: at least 12 characters.
    #[graphql(secret)]
    pub new_password: String,
}

/// A proof of who somebody is, to set an authenticator up.
#[derive(InputObject)]
pub struct StaffTotpEnrolInput {
    /// Their password.
    #[graphql(secret)]
    pub password: String,
}

/// A code of the authenticator being set up.
#[derive(InputObject)]
pub struct StaffTotpConfirmInput {
    /// The six digits it shows.
    #[graphql(secret)]
    pub totp: String,
}

/// A proof of who somebody is, to give the authenticator up.
#[derive(InputObject)]
pub struct StaffTotpDisableInput {
    /// Their password.
    #[graphql(secret)]
    pub password: String,
    /// The six digits it shows.
    #[graphql(secret)]
    pub totp: String,
}

payload! {
    /// An authenticator to set up; it counts when `staffTotpConfirm` proves it.
    pub struct StaffTotpEnrolPayload {
        /// To type in, in base 32.
        secret: String,
        /// To show as a QR code: an `otpauth://` address.
        url: String,
    }
}

impl From<Enrolment> for StaffTotpEnrolPayload {
    fn from(enrolment: Enrolment) -> Self {
        Self { secret: Some(enrolment.secret), url: Some(enrolment.url), user_errors: Vec::new() }
    }
}

payload! {
    /// The one who asked, as they are now.
    pub struct ViewerPayload {
        /// They.
        viewer: Viewer,
    }
}

impl From<query::StaffMember> for ViewerPayload {
    fn from(member: query::StaffMember) -> Self {
        Self { viewer: Some(member.into()), user_errors: Vec::new() }
    }
}

/// Somebody new.
#[derive(InputObject)]
pub struct StaffCreateInput {
    /// What they will sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their roles: one at least, none that may more than the caller.
    pub role_ids: Vec<RoleId>,
}

payload! {
    /// Somebody and the password to hand over to them, once; they choose their own when they sign in.
    pub struct StaffOneTimePasswordPayload {
        /// They.
        staff_member: StaffMember,
        /// The password; it is not shown again.
        one_time_password: String,
    }
}

impl From<(query::StaffMember, String)> for StaffOneTimePasswordPayload {
    fn from((member, password): (query::StaffMember, String)) -> Self {
        Self { staff_member: Some(member.into()), one_time_password: Some(password), user_errors: Vec::new() }
    }
}

/// Whose access is changed.
#[derive(InputObject)]
pub struct StaffInput {
    /// Whose.
    pub staff_id: StaffId,
}

/// The roles somebody shall have.
#[derive(InputObject)]
pub struct StaffRolesSetInput {
    /// Who.
    pub staff_id: StaffId,
    /// These and no others; one at least.
    pub role_ids: Vec<RoleId>,
}

payload! {
    /// Somebody, as they are now.
    pub struct StaffMemberPayload {
        /// They.
        staff_member: StaffMember,
    }
}

impl From<query::StaffMember> for StaffMemberPayload {
    fn from(member: query::StaffMember) -> Self {
        Self { staff_member: Some(member.into()), user_errors: Vec::new() }
    }
}

/// A new role.
#[derive(InputObject)]
pub struct RoleCreateInput {
    /// What it is called, 1 to 64 characters.
    pub name: String,
    /// What it may: nothing that the caller may not.
    pub permissions: Vec<Permission>,
}

/// What changes of a role; what is absent stays.
#[derive(InputObject)]
pub struct RoleUpdateInput {
    /// Which.
    pub role_id: RoleId,
    /// Another name.
    pub name: Option<String>,
    /// Other permissions: nothing that the caller may not.
    pub permissions: Option<Vec<Permission>>,
}

payload! {
    /// A role, as it is now.
    pub struct RolePayload {
        /// It.
        role: Role,
    }
}

impl From<query::Role> for RolePayload {
    fn from(role: query::Role) -> Self {
        Self { role: Some(role.into()), user_errors: Vec::new() }
    }
}
