//! Why staff are not let in, or their access stays as it is.

use kernel::{CursorError, Detail, Refusal, Timestamp};

use super::rules::{Locked, PASSWORD_MIN, Weak};

/// Why somebody is not let in, or does not prove to be who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefused {
    /// Email and password do not belong together, or nobody has the email, or they are disabled.
    #[error("email or password is wrong")]
    Credentials,
    /// The code of the authenticator is wrong, or was used.
    #[error("the code is wrong or was used")]
    Totp,
    /// Too many failures.
    #[error("locked until {0:?}")]
    Locked(Timestamp),
    /// Too many attempts from one address.
    #[error("too many attempts; not before {0:?}")]
    TooOften(Timestamp),
}

impl Refusal for SignInRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Credentials => "STAFF_CREDENTIALS_INVALID",
            Self::Totp => "TOTP_WRONG",
            Self::Locked(_) => "STAFF_LOCKED",
            Self::TooOften(_) => "SIGN_IN_TOO_OFTEN",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Credentials => Some("password"),
            Self::Totp => Some("totp"),
            _ => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Locked(until) | Self::TooOften(until) => Detail::Until(*until),
            _ => Detail::None,
        }
    }
}

/// Why somebody's own password or authenticator stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefused {
    /// They did not prove to be who they are.
    #[error(transparent)]
    Proof(#[from] SignInRefused),
    /// The new password is not one.
    #[error(transparent)]
    Weak(#[from] Weak),
    /// The new password is the old one.
    #[error("the new password is the old one")]
    Same,
    /// An authenticator is in use already.
    #[error("an authenticator is in use already")]
    TotpOn,
    /// None is in use, or none is being set up.
    #[error("no authenticator is in use")]
    TotpOff,
}

impl Refusal for SecretRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Proof(proof) => proof.code(),
            Self::Weak(weak) => weak_code(*weak),
            Self::Same => "PASSWORD_UNCHANGED",
            Self::TotpOn => "TOTP_ALREADY_ON",
            Self::TotpOff => "TOTP_NOT_ON",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Proof(proof) => proof.field(),
            Self::Weak(_) | Self::Same => Some("newPassword"),
            Self::TotpOn | Self::TotpOff => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Proof(proof) => proof.detail(),
            Self::Weak(weak) => weak_detail(*weak),
            _ => Detail::None,
        }
    }
}

fn weak_code(weak: Weak) -> &'static str {
    match weak {
        Weak::TooShort => "PASSWORD_TOO_SHORT",
        Weak::TooLong => "PASSWORD_TOO_LONG",
        Weak::Guessable => "PASSWORD_GUESSABLE",
    }
}

fn weak_detail(weak: Weak) -> Detail {
    match weak {
        Weak::TooShort => Detail::Limit(i64::try_from(PASSWORD_MIN).unwrap_or(i64::MAX)),
        Weak::TooLong | Weak::Guessable => Detail::None,
    }
}

/// Why access stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefused {
    /// There is no such member of staff.
    #[error("there is no such member of staff")]
    NoStaff,
    /// There is no such role.
    #[error("there is no such role")]
    NoRole,
    /// Not an email.
    #[error("not an email")]
    Email,
    /// Somebody has it already.
    #[error("the email is taken")]
    EmailTaken,
    /// Not 1 to 64 visible characters.
    #[error("the name is not usable")]
    Name,
    /// A role has it already.
    #[error("the name is taken")]
    RoleTaken,
    /// Staff need a role at least.
    #[error("no role is given")]
    RolesMissing,
    /// The owner's role cannot be changed.
    #[error("the role is built in")]
    BuiltIn,
    /// The password given is not one.
    #[error(transparent)]
    Weak(#[from] Weak),
    /// The one who asks may not, or nobody would be left.
    #[error(transparent)]
    Locked(#[from] Locked),
    /// The page begins nowhere.
    #[error(transparent)]
    Cursor(#[from] CursorError),
}

impl Refusal for AccessRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NoStaff => "STAFF_NOT_FOUND",
            Self::NoRole => "ROLE_NOT_FOUND",
            Self::Email => "EMAIL_INVALID",
            Self::EmailTaken => "EMAIL_TAKEN",
            Self::Name => "NAME_INVALID",
            Self::RoleTaken => "ROLE_NAME_TAKEN",
            Self::RolesMissing => "ROLES_MISSING",
            Self::BuiltIn => "ROLE_BUILT_IN",
            Self::Weak(weak) => weak_code(*weak),
            Self::Locked(Locked::Outranked) => "STAFF_OUTRANKED",
            Self::Locked(Locked::OwnStaffWrite) => "STAFF_OWN_ACCESS",
            Self::Locked(Locked::LastOwner) => "STAFF_LAST_OWNER",
            Self::Cursor(error) => error.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoStaff => Some("staffId"),
            Self::NoRole | Self::BuiltIn => Some("roleId"),
            Self::RolesMissing => Some("roleIds"),
            Self::Email | Self::EmailTaken => Some("email"),
            Self::Name | Self::RoleTaken => Some("name"),
            Self::Weak(_) => Some("password"),
            Self::Locked(_) => None,
            Self::Cursor(error) => error.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Weak(weak) => weak_detail(*weak),
            _ => Detail::None,
        }
    }
}
