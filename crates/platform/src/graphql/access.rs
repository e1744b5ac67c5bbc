//! Who may ask: declared on the field, checked before its resolver runs.

use async_graphql::{Context, Error, ErrorExtensions, Guard};
use kernel::{Actor, Detail, Permission};

use super::ContextExt;

/// Who a field is for. A field without it is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A signed-in shopper.
    Customer,
    /// Any signed-in member of staff.
    AnyStaff,
    /// Staff with this permission.
    Staff(Permission),
}

impl Guard for Access {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        let op = ctx.op()?;
        let allowed = match (self, &op.actor) {
            (Self::Customer, Actor::Customer { .. }) | (Self::AnyStaff, Actor::Staff { .. }) => true,
            (Self::Staff(permission), actor @ Actor::Staff { .. }) => actor.may(*permission),
            _ => false,
        };
        if allowed {
            return Ok(());
        }
        let code = if op.actor == Actor::Anonymous { "UNAUTHENTICATED" } else { "FORBIDDEN" };
        let request = op.request.id.clone();
        Err(Error::new(crate::messages::message(op.locale, code, &Detail::None)).extend_with(|_, extensions| {
            extensions.set("code", code);
            extensions.set("requestId", request);
        }))
    }
}
