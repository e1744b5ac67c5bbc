//! Where the world's GraphQL meets ours: refusals become data, faults become silence, access is declared.

mod access;
mod batch;
mod errors;
mod page;
mod scalars;
mod sharing;

use async_graphql::{Context, Error, ErrorExtensions};
use futures_util::{Stream, StreamExt, stream::BoxStream};
use kernel::{Failure, Fault, Refusal};
use sea_orm::DbErr;

pub use access::Access;
pub use batch::Batch;
pub use errors::{BasicError, InsufficientStock, LimitReached, PriceChanged, Problem, Refusing, TeamFull, TryAgainLater, UserError};
pub use page::{PageInfo, page_request};
pub use scalars::{LocalizedTextInput, LocalizedTextObject, Long, MoneyInput, MoneyObject};
pub use sharing::{brisk, feed, personal};

use crate::{Op, live::Live};

/// Finds the operation a resolver runs for.
pub trait ContextExt {
    /// The operation.
    fn op(&self) -> async_graphql::Result<&Op>;
}

impl ContextExt for Context<'_> {
    fn op(&self) -> async_graphql::Result<&Op> {
        self.data::<Op>()
    }
}

/// Ends a mutation: a refusal is data in the payload, a fault a GraphQL error that says nothing.
pub fn payload<R, T, P>(ctx: &Context<'_>, result: Result<T, Failure<R>>, ok: impl FnOnce(T) -> P) -> async_graphql::Result<P>
where
    R: Refusal,
    P: Refusing,
{
    match result {
        Ok(value) => Ok(ok(value)),
        Err(Failure::Refused(refusal)) => Ok(P::refused(vec![UserError::of(ctx.op()?.locale, &refusal)])),
        Err(Failure::Fault(fault)) => Err(hidden(ctx.op()?, &fault)),
    }
}

/// Ends a query: a refusal (a bad cursor, a bad range) is a GraphQL error with its code, a fault says nothing.
pub fn answer<T>(ctx: &Context<'_>, result: Result<T, impl Into<Problem>>) -> async_graphql::Result<T> {
    let op = ctx.op()?;
    result.map_err(|problem| problem.into().error(op))
}

/// Begins a subscription: a refusal ends it before its first frame, a fault ends it where it happens.
pub fn live<T, R: Refusal>(
    ctx: &Context<'_>,
    started: Result<impl Stream<Item = Result<Live<T>, Fault>> + Send + 'static, Failure<R>>,
) -> async_graphql::Result<BoxStream<'static, async_graphql::Result<Live<T>>>>
where
    T: Send + 'static,
{
    let op = ctx.op()?.clone();
    let stream = started.map_err(|failure| Problem::from(failure).error(&op))?.boxed();
    Ok(stream.map(move |item| item.map_err(|fault| hidden(&op, &fault))).boxed())
}

/// A fault as the caller sees it; logged here, once.
pub fn hidden(op: &Op, fault: &Fault) -> Error {
    tracing::error!(request = %op.request.id, actor = %op.actor, %fault, "a fault reached the edge");
    metrics::counter!("faults_total").increment(1);
    // Nobody was free to begin: nothing happened, and the same request may well succeed in a moment.
    let code = if matches!(fault, Fault::Database(DbErr::ConnectionAcquire(_))) { "UNAVAILABLE" } else { "INTERNAL" };
    let message = crate::messages::message(op.locale, code, &kernel::Detail::None);
    let request = op.request.id.clone();
    Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", code);
        extensions.set("requestId", request);
    })
}

/// Declares a mutation's payload: nullable results and `userErrors`.
#[macro_export]
macro_rules! payload {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$ty>,)*
            /// Why it was refused; empty when it was done.
            pub user_errors: Vec<$crate::graphql::UserError>,
        }

        impl $crate::graphql::Refusing for $name {
            fn refused(user_errors: Vec<$crate::graphql::UserError>) -> Self {
                Self { user_errors, ..Default::default() }
            }
        }
    };
}

/// Declares a Relay connection: `connection! { /// docs pub struct OrderConnection, OrderEdge of Order }`.
#[macro_export]
macro_rules! connection {
    ($(#[$doc:meta])* pub struct $connection:ident, $edge:ident of $node:ty) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $connection {
            /// The rows with their cursors.
            pub edges: Vec<$edge>,
            /// Where this page ends.
            pub page_info: $crate::graphql::PageInfo,
        }

        /// A row and its cursor.
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// Pass it as `after` to go on behind this row.
            pub cursor: String,
            /// The row.
            pub node: $node,
        }

        impl From<kernel::Page<$node>> for $connection {
            fn from(page: kernel::Page<$node>) -> Self {
                let page_info = $crate::graphql::PageInfo {
                    has_next_page: page.more,
                    end_cursor: page.rows.last().map(|(cursor, _)| cursor.0.clone()),
                };
                let edges = page.rows.into_iter().map(|(cursor, node)| $edge { cursor: cursor.0, node }).collect();
                Self { edges, page_info }
            }
        }
    };
}
