//! Sessions at the shoppers' door.

use async_graphql::{Context, Object, Result};
use platform::graphql::{Access, ContextExt, answer, payload};

use super::types::{
    Session, SessionRefreshInput, SessionRefreshPayload, SessionRevokeInput, SessionRevokeOthersPayload, SessionRevokePayload,
};
use crate::session::{
    Kind,
    service::{self, RefreshSession},
};

/// Queries.
#[derive(Default)]
pub struct ShopQuery;

#[Object(name = "SessionShopQuery")]
impl ShopQuery {
    /// The devices the caller is signed in on, the latest used first; at most 100.
    #[graphql(guard = "Access::Customer")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let sessions = answer(ctx, service::list(ctx.op()?).await)?;
        Ok(sessions.into_iter().map(Session::from).collect())
    }
}

/// Mutations.
#[derive(Default)]
pub struct ShopMutation;

#[Object(name = "SessionShopMutation")]
impl ShopMutation {
    /// Trades a refresh token for the next pair of tokens. Of callers with the same token exactly one succeeds. A used
    /// token that comes again within ten seconds is refused; later it ends the session.
    async fn session_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: SessionRefreshInput,
    ) -> Result<SessionRefreshPayload> {
        let cmd = RefreshSession { kind: Kind::Customer, token: input.refresh_token };
        let refreshed = service::refresh(ctx.op()?, cmd).await;
        payload(ctx, refreshed, |session| SessionRefreshPayload { session: Some(session.into()), ..Default::default() })
    }

    /// Ends one of the caller's sessions; the current one is a sign-out.
    #[graphql(guard = "Access::Customer")]
    async fn session_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: SessionRevokeInput,
    ) -> Result<SessionRevokePayload> {
        let revoked = service::revoke(ctx.op()?, input.id).await;
        payload(ctx, revoked, |session| SessionRevokePayload { session: Some(session.into()), ..Default::default() })
    }

    /// Ends every session of the caller but the one that asks.
    #[graphql(guard = "Access::Customer")]
    async fn session_revoke_others(&self, ctx: &Context<'_>) -> Result<SessionRevokeOthersPayload> {
        let revoked = service::revoke_others(ctx.op()?).await;
        payload(ctx, revoked, |count| SessionRevokeOthersPayload { revoked: i32::try_from(count).ok(), ..Default::default() })
    }
}
