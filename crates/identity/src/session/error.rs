//! Why a token or a wish about sessions is refused.

use kernel::Refusal;

/// Why an access token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthRefused {
    /// Not a token of ours.
    #[error("the access token is not valid")]
    Invalid,
    /// Its time is over: refresh.
    #[error("the access token has expired")]
    Expired,
    /// Its session was ended.
    #[error("the session was ended")]
    Revoked,
}

impl Refusal for AuthRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "TOKEN_INVALID",
            Self::Expired => "TOKEN_EXPIRED",
            Self::Revoked => "SESSION_REVOKED",
        }
    }
}

/// Why a refresh token is not traded for new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshRefused {
    /// Not a token of ours, or not for this door.
    #[error("the refresh token is not valid")]
    Invalid,
    /// Its time is over: sign in.
    #[error("the refresh token has expired")]
    Expired,
    /// A moment ago somebody, most likely you, got the next one.
    #[error("the refresh token was used a moment ago")]
    JustUsed,
    /// It was used before, so the session was ended.
    #[error("the refresh token was used twice")]
    Reused,
    /// The session was ended.
    #[error("the session was ended")]
    Revoked,
}

impl Refusal for RefreshRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "REFRESH_TOKEN_INVALID",
            Self::Expired => "REFRESH_TOKEN_EXPIRED",
            Self::JustUsed => "REFRESH_TOKEN_JUST_USED",
            Self::Reused => "REFRESH_TOKEN_REUSED",
            Self::Revoked => "SESSION_REVOKED",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("refreshToken")
    }
}

/// Why a session is not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevokeRefused {
    /// There is none, or it is another's.
    #[error("there is no such session")]
    NotFound,
}

impl Refusal for RevokeRefused {
    fn code(&self) -> &'static str {
        "SESSION_NOT_FOUND"
    }

    fn field(&self) -> Option<&'static str> {
        Some("id")
    }
}
