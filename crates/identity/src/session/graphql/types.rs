//! Types of both APIs.

use async_graphql::{InputObject, SimpleObject};
use kernel::{SessionId, Timestamp};
use platform::payload;

use crate::session::service;

/// What carries a session. Send the access token with every request (`Authorization: Bearer …`); before it ends, trade
/// the refresh token for the next pair.
#[derive(SimpleObject)]
pub struct SignedIn {
    /// Carries the session for minutes.
    pub access_token: String,
    /// When the access token ends.
    pub access_expires_at: Timestamp,
    /// Continues the session, once: each use gives the next. One that comes again ends the session.
    pub refresh_token: String,
    /// When the refresh token ends.
    pub refresh_expires_at: Timestamp,
}

impl From<service::SignedIn> for SignedIn {
    fn from(signed_in: service::SignedIn) -> Self {
        let service::SignedIn { access_token, access_expires_at, refresh_token, refresh_expires_at } = signed_in;
        Self { access_token, access_expires_at, refresh_token, refresh_expires_at }
    }
}

/// A device that is signed in.
#[derive(SimpleObject)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// What the device calls itself.
    pub device: Option<String>,
    /// The address it last signed in or refreshed from.
    pub ip: Option<String>,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it signed in or was last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl From<service::SessionInfo> for Session {
    fn from(info: service::SessionInfo) -> Self {
        Self {
            id: info.id,
            device: info.device,
            ip: info.ip,
            created_at: info.created_at,
            last_used_at: info.used_at,
            expires_at: info.expires_at,
            current: info.current,
        }
    }
}

/// A refresh token to trade.
#[derive(InputObject)]
pub struct SessionRefreshInput {
    /// The refresh token of the last sign-in or refresh.
    #[graphql(secret)]
    pub refresh_token: String,
}

payload! {
    /// What a refresh gives.
    pub struct SessionRefreshPayload {
        /// The next pair of tokens.
        session: SignedIn,
    }
}

/// A session to end.
#[derive(InputObject)]
pub struct SessionRevokeInput {
    /// Which one; it must be the caller's own.
    pub id: SessionId,
}

payload! {
    /// The session that was ended.
    pub struct SessionRevokePayload {
        /// As it was.
        session: Session,
    }
}

payload! {
    /// How many sessions were ended.
    pub struct SessionRevokeOthersPayload {
        /// All but the one that asked.
        revoked: i32,
    }
}
