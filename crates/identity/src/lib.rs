//! Who is who: customers, staff, and the sessions both carry.
//!
//! ```text
//!   customer ──┐                     ┌── access token ──▶ authenticate ──▶ Actor
//!              ├──▶ session ─────────┤
//!   staff ─────┘                     └── refresh token ──▶ the next pair
//! ```
//!
//! Lock order: the owner's role, staff, `sign_in_attempt`; `phone_code`, customers; sessions last.
//!
//! The binary plugs the outside world in with [`plug`]; everything else is services, events and the GraphQL roots.

#![recursion_limit = "256"]

pub mod address;
pub mod customer;
pub mod session;
pub mod staff;

use std::sync::Arc;

pub use async_graphql::{EmptySubscription as AdminSubscription, EmptySubscription as ShopSubscription};
use async_graphql::{MergedObject, Request};
use platform::{Op, Registry, ports::Ports};

use customer::{CodeSettings, NoTexts, NoWeChat, TextMessages, WeChatLogin};
use session::{SessionSettings, Sessions};
use staff::Passwords;

/// What identity needs from outside.
pub struct IdentitySettings {
    /// How long tokens live.
    pub session: SessionSettings,
    /// How often codes are sent and guessed at from one address.
    pub codes: CodeSettings,
    /// Who trades mini-program codes.
    pub wechat: Arc<dyn WeChatLogin>,
    /// Who sends text messages.
    pub texts: Arc<dyn TextMessages>,
}

impl Default for IdentitySettings {
    /// Nothing outside: no mini-program, no text messages.
    fn default() -> Self {
        Self { session: SessionSettings::default(), codes: CodeSettings::default(), wechat: Arc::new(NoWeChat), texts: Arc::new(NoTexts) }
    }
}

/// Plugs identity's ports in.
pub fn plug(ports: &mut Ports, settings: IdentitySettings) {
    ports
        .plug(Arc::new(Sessions::new(settings.session)))
        .plug(Arc::new(settings.codes))
        .plug(Arc::new(Passwords::default()))
        .plug::<dyn WeChatLogin>(settings.wechat)
        .plug::<dyn TextMessages>(settings.texts);
}

/// Registers what runs behind the requests.
pub fn register(r: &mut Registry) {
    session::register(r);
    customer::register(r);
    staff::register(r);
}

/// Adds what a request loads in batches.
pub fn loaders(op: &Op, request: Request) -> Request {
    customer::graphql::loaders(op, request)
}

/// What the shop asks of identity.
#[derive(MergedObject, Default)]
#[graphql(name = "IdentityShopQuery")]
pub struct ShopQuery(session::graphql::ShopQuery, customer::graphql::ShopQuery, address::graphql::AddressShopQuery);

/// What the shop does with identity.
#[derive(MergedObject, Default)]
#[graphql(name = "IdentityShopMutation")]
pub struct ShopMutation(session::graphql::ShopMutation, customer::graphql::ShopMutation, address::graphql::AddressShopMutation);

/// What staff ask of identity.
#[derive(MergedObject, Default)]
#[graphql(name = "IdentityAdminQuery")]
pub struct AdminQuery(session::graphql::AdminQuery, customer::graphql::AdminQuery, staff::graphql::AdminQuery);

/// What staff do with identity.
#[derive(MergedObject, Default)]
#[graphql(name = "IdentityAdminMutation")]
pub struct AdminMutation(session::graphql::AdminMutation, staff::graphql::SignInMutation, staff::graphql::AccessMutation);

#[cfg(test)]
mod tests;
