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
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Admitted, Authenticated, Endpoint, Hello, Rejection, Transport, Via, close::Close, endpoint::revoked, operation, outbox::Outbox,
    protocol::Says, transport::allowance_key,
};

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
    let events = events(transport.clone(), hello, caller, admitted);
    let beat = transport.settings.connections.heartbeat;
    let awake = stream::unfold((), move |()| async move {
        sleep(beat).await;
        Some((None, ()))
    });
    // The stream is over when its events are, not when the comments are.
    let events = stream::select(events.map(Some).chain(stream::iter([Some(Bytes::new())])), awake)
        .take_while(|bytes| std::future::ready(bytes.as_ref().is_none_or(|bytes| !bytes.is_empty())))
        .take_until(Box::pin(cut(transport.clone(), caller.expires_at, transport.endpoint.revocation(&caller.caller))))
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

/// The events of one operation. It runs in a task of its own with a lane of its own, which the connection empties.
fn events<E: Endpoint>(
    transport: Arc<Transport<E>>,
    hello: &Hello,
    caller: &Authenticated<E::Caller>,
    admitted: Result<Admitted, Rejection>,
) -> impl Stream<Item = Bytes> + Send + use<E> {
    let call = transport.call(hello, caller, Via::Sse);
    let key = allowance_key(caller.key.as_deref(), hello.ip);
    async_stream::stream! {
        let outbox = Outbox::new(1, transport.settings.connections.queued_bytes, 1);
        let _open = Open(outbox.clone());
        let Ok(lane) = outbox.open("") else { return };
        let running = transport.clone();
        transport.spawn(async move { operation::run_admitted(&running, call, &key, &lane, admitted).await });
        while let Some(frame) = outbox.next_frame().await {
            outbox.flushed();
            match frame.says {
                Says::Next => yield next(frame.body.as_bytes()),
                Says::Error => {
                    yield next(format!(r#"{{"errors":{}}}"#, frame.body.as_str()).as_bytes());
                    yield COMPLETE;
                    return;
                }
                Says::Complete => {
                    yield COMPLETE;
                    return;
                }
            }
        }
    }
}

/// When the connection ends, its operation does.
struct Open(Arc<Outbox>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.end(Close::normal());
    }
}

/// JSON text has no line breaks of its own, so it is one `data` line.
fn next(json: &[u8]) -> Bytes {
    [b"event: next\ndata: ".as_slice(), json, b"\n\n"].concat().into()
}

/// Resolves when the stream must be cut: the token ran out or was taken back, or the server drains.
async fn cut<E: Endpoint>(transport: Arc<Transport<E>>, expires_at: Option<Timestamp>, mut revocation: Option<watch::Receiver<i64>>) {
    let jitter = transport.jitter();
    let mut looks = transport.looks();
    while !transport.is_expired(expires_at) {
        let far = Instant::now() + transport.settings.connections.heartbeat;
        let wake = expires_at.map_or(far, |at| far.min(Instant::now() + transport.until(at)));
        tokio::select! {
            () = sleep_until(wake) => {}
            _ = looks.changed() => {}
            () = revoked(&mut revocation) => return,
            () = transport.draining().cancelled() => return sleep(jitter).await,
        }
    }
}
