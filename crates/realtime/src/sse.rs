//! Server-sent events: GraphQL over SSE in *distinct connections* mode, one request per operation.
//!
//! ```text
//! POST or GET, Accept: text/event-stream
//!   ◀ event: next      data: {"data": …}        each result; the errors, too, when nothing ran
//!   ◀ :                                         a comment now and then keeps proxies awake
//!   ◀ event: complete  data:                    the operation is over
//! ```
//!
//! A stream that ends without `complete` was cut: the server drained or the token ran out. The client connects again and
//! resumes with its cursor. The body is pulled by the connection, so a reader that does not read holds one result.

use std::sync::Arc;

use async_graphql::Response as GraphqlResponse;
use axum::{
    body::{Body, Bytes},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::Response,
};
use futures_util::{Stream, StreamExt, stream};
use kernel::Timestamp;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{Admitted, Authenticated, Code, Endpoint, Hello, Kind, Rejection, Transport, Via, answer, transport::allowance_key};

/// The end of an operation. `EventSource` needs the empty `data`.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata: \n\n");
/// What keeps proxies awake.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// Answers one operation as events. What was refused before it ran is an event, too, because a browser's `EventSource`
/// cannot read the body of a failed request; only a full house is an HTTP error.
pub fn respond<E: Endpoint>(
    transport: &Arc<Transport<E>>,
    hello: &Hello,
    caller: &Authenticated<E::Caller>,
    admitted: Result<Admitted, Rejection>,
) -> Result<Response, Rejection> {
    let mut place = transport.admit_connection(hello.ip)?;
    transport.seat_caller(&mut place, caller.key.as_deref())?;
    let held = (place, transport.tasks().token());
    let events = events(transport.clone(), hello.clone(), caller.clone(), admitted);
    let beat = transport.settings.connections.heartbeat;
    let awake = stream::unfold((), move |()| async move {
        sleep(beat).await;
        Some((None, ()))
    });
    // The stream is over when its events are, not when the comments are.
    let events = stream::select(events.map(Some).chain(stream::iter([Some(Bytes::new())])), awake)
        .take_while(|bytes| std::future::ready(bytes.as_ref().is_none_or(|bytes| !bytes.is_empty())))
        .take_until(Box::pin(cut(transport.clone(), caller.expires_at)))
        .map(move |bytes| {
            let _ = &held;
            Ok::<_, std::convert::Infallible>(bytes.unwrap_or(COMMENT))
        });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies must not collect events.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// The events of one operation.
fn events<E: Endpoint>(
    transport: Arc<Transport<E>>,
    hello: Hello,
    caller: Authenticated<E::Caller>,
    admitted: Result<Admitted, Rejection>,
) -> impl Stream<Item = Bytes> + Send {
    async_stream::stream! {
        let call = transport.call(&hello, &caller, Via::Sse);
        let charged = match admitted {
            Ok(admitted) => {
                let key = allowance_key(caller.key.as_deref(), hello.ip);
                transport.charge(&key, admitted.cost).await.map(|level| (admitted, level))
            }
            Err(rejection) => Err(rejection),
        };
        match charged {
            Err(rejection) => yield refused(&hello, &rejection),
            Ok((admitted, _)) if admitted.kind == Kind::Subscription => {
                let mut results = transport.execute_stream(call, admitted);
                while let Some(response) = results.next().await {
                    yield result(&response);
                }
            }
            Ok((admitted, level)) => {
                let run = { let transport = transport.clone(); async move { transport.execute(call, admitted, level).await } };
                // A mutation runs to its end, also when the client leaves.
                match transport.spawn(run).await {
                    Ok(Ok(response)) => yield result(&response),
                    Ok(Err(rejection)) => yield refused(&hello, &rejection),
                    Err(_) => yield refused(&hello, &Rejection::new(Code::Internal)),
                }
            }
        }
        yield COMPLETE;
    }
}

fn result(response: &GraphqlResponse) -> Bytes {
    next(&answer::to_json(response))
}

fn refused(hello: &Hello, rejection: &Rejection) -> Bytes {
    next(rejection.body(hello.locale(), &hello.request_id).to_string().as_bytes())
}

/// JSON text has no line breaks of its own, so it is one `data` line.
fn next(json: &[u8]) -> Bytes {
    [b"event: next\ndata: ".as_slice(), json, b"\n\n"].concat().into()
}

/// Resolves when the stream must be cut: the token ran out, or the server drains.
async fn cut<E: Endpoint>(transport: Arc<Transport<E>>, expires_at: Option<Timestamp>) {
    let jitter = transport.jitter();
    let mut looks = transport.looks();
    while !transport.is_expired(expires_at) {
        let far = Instant::now() + transport.settings.connections.heartbeat;
        let wake = expires_at.map_or(far, |at| far.min(Instant::now() + transport.until(at)));
        tokio::select! {
            () = sleep_until(wake) => {}
            _ = looks.changed() => {}
            () = transport.draining().cancelled() => return sleep(jitter).await,
        }
    }
}
