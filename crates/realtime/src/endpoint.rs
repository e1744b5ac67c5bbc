//! What the transport serves: the application behind it, seen through one small trait.

use std::{future::Future, net::IpAddr, sync::Arc};

use async_graphql::{Request, Response, futures_util::stream::BoxStream};
use kernel::{Clock, Locale, Timestamp};

use tokio::sync::watch;

use crate::{Code, Rejection, Sharing};

/// Waits until it has grown above zero; for ever when there is nothing to wait for.
pub(crate) async fn revoked(revocation: &mut Option<watch::Receiver<i64>>) {
    if let Some(revocation) = revocation
        && revocation.wait_for(|times| *times > 0).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

/// What a caller says before anything runs: taken from the HTTP request, or from `connection_init` on a socket.
#[derive(Clone, Debug, Default)]
pub struct Hello {
    /// The access token, without `Bearer `.
    pub bearer: Option<String>,
    /// The languages of the caller, as `Accept-Language` spells them.
    pub accept_language: Option<String>,
    /// Where the connection comes from.
    pub ip: Option<IpAddr>,
    /// The id under which this request is logged and answered.
    pub request_id: String,
}

impl Hello {
    /// The language to answer in.
    pub fn locale(&self) -> Locale {
        self.accept_language.as_deref().map_or_else(Locale::default, Locale::negotiate)
    }
}

/// A caller whose hello was accepted.
#[derive(Clone, Debug)]
pub struct Authenticated<C> {
    /// Who, in the application's own terms.
    pub caller: C,
    /// Tells callers apart for caps and allowances, and keeps a live socket to one person; `None` for anonymous callers,
    /// who share the allowance of their address.
    pub key: Option<String>,
    /// When the token runs out; a socket is closed then unless a newer token came.
    pub expires_at: Option<Timestamp>,
}

/// A hello that was not accepted.
#[derive(Clone, Debug)]
pub struct Denied {
    /// [`Code::Unauthenticated`] or [`Code::Forbidden`]; [`Code::Internal`] when it could not be decided.
    pub code: Code,
    /// Why, for developers; ends up in the close reason, so nothing secret.
    pub message: String,
}

impl From<Denied> for Rejection {
    fn from(denied: Denied) -> Self {
        Self::because(denied.code, denied.message)
    }
}

/// Callers who see the same, personal fields aside.
#[derive(Clone, Debug)]
pub struct Audience<C> {
    /// Tells audiences apart: everything about the callers that resolvers may read, but who they are.
    pub name: String,
    /// A caller with the rights of the audience and no face: nobody's id, so that a field nobody marked personal shows
    /// nobody instead of somebody.
    pub face: C,
    /// Whether the caller has no face either: what the audience is refused need not be asked again for the caller alone.
    pub anonymous: bool,
}

/// The way an operation came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// One HTTP request, one answer.
    Http,
    /// `graphql-transport-ws`.
    WebSocket,
    /// Server-sent events.
    Sse,
}

/// One operation of one caller.
#[derive(Clone, Debug)]
pub struct Call<C> {
    /// Who asks.
    pub caller: C,
    /// Under which id it is logged; on a socket each operation has its own.
    pub request_id: Arc<str>,
    /// The language to answer in.
    pub locale: Locale,
    /// Where the caller connects from.
    pub ip: Option<IpAddr>,
    /// How it came in.
    pub via: Via,
}

/// The application behind the transport. `src/` plugs the schema and identity in.
///
/// The transport has parsed the document, applied the limits and charged the caller before it calls
/// [`execute`](Self::execute) or [`execute_stream`](Self::execute_stream); the parsed document travels in the request.
pub trait Endpoint: Send + Sync + 'static {
    /// Who calls, in the application's own terms.
    type Caller: Clone + Send + Sync + 'static;

    /// The injected clock: token expiry is judged by it.
    fn clock(&self) -> &dyn Clock;

    /// A fresh id for an operation that came in without one.
    fn request_id(&self) -> String;

    /// Decides who calls. An absent token is an anonymous caller, an invalid one is denied.
    fn authenticate(&self, hello: Hello) -> impl Future<Output = Result<Authenticated<Self::Caller>, Denied>> + Send;

    /// Grows above zero when what was accepted is taken back: a live connection ends then. Only asked for connections that
    /// stay open.
    fn revocation(&self, _caller: &Self::Caller) -> Option<watch::Receiver<i64>> {
        None
    }

    /// Runs a query or a mutation.
    fn execute(&self, call: Call<Self::Caller>, request: Request) -> impl Future<Output = Response> + Send;

    /// What of the schema may be shared; nothing when there is none.
    fn sharing(&self) -> Option<&Sharing> {
        None
    }

    /// Who sees the same as this caller, personal fields aside; nothing is shared when there is nobody.
    fn audience(&self, _call: &Call<Self::Caller>) -> Option<Audience<Self::Caller>> {
        None
    }

    /// Runs a subscription. Dropping the stream ends it.
    fn execute_stream(&self, call: Call<Self::Caller>, request: Request) -> BoxStream<'static, Response>;
}
