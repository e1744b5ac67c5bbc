//! A socket that speaks `graphql-transport-ws`.
//!
//! One task per socket runs three loops side by side; each operation is a task of its own.
//!
//! ```text
//!            ┌ read ──── messages ──▶ operation tasks ──▶ lanes ┐
//! socket ────┤ watch ─── init timeout, heartbeat, expiry, drain │
//!            └ write ◀── one frame per lane in turn ◀── outbox ◀┘
//! ```
//!
//! The end comes from any of them: `read` and `watch` end with a [`Close`], the outbox ends itself when too much waits.
//! Then the close frame goes out, what waited is dropped, operations are cancelled (mutations run to their end), and the
//! peer gets a moment to answer so that it reads the code before the connection is gone.

mod operation;
mod read;
mod watch;

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::{IntoResponse, Response},
};
use futures_util::{Sink, SinkExt, StreamExt};
use kernel::Locale;
use tokio::{sync::Notify, time::Instant};

use crate::{
    Authenticated, Endpoint, Hello, Rejection, Transport,
    close::Close,
    outbox::{Outbox, Outgoing},
    protocol::PROTOCOL,
    transport::Place,
};

/// How many frames go out before the writer flushes and looks around.
const BATCH: usize = 64;

/// Answers a WebSocket upgrade. `hello` is what the HTTP request says; `connection_init` may bring the token.
pub fn upgrade<E: Endpoint>(transport: &Arc<Transport<E>>, ws: WebSocketUpgrade, hello: Hello) -> Response {
    let place = match transport.admit_connection(hello.ip) {
        Ok(place) => place,
        Err(rejection) => return rejected(&rejection, &hello),
    };
    let settings = &transport.settings.connections;
    let transport = transport.clone();
    ws.read_buffer_size(settings.read_buffer)
        .write_buffer_size(settings.write_buffer)
        .max_write_buffer_size(settings.write_buffer + settings.queued_bytes.max(1 << 16) * 2)
        .max_message_size(settings.message_bytes)
        .max_frame_size(settings.message_bytes)
        .protocols([PROTOCOL])
        .on_upgrade(move |socket| {
            let tracker = transport.tasks().clone();
            tracker.track_future(serve(transport, socket, hello, place))
        })
}

fn rejected(rejection: &Rejection, hello: &Hello) -> Response {
    (rejection.code.status(), axum::Json(rejection.body(hello.locale(), &hello.request_id))).into_response()
}

/// What the loops of one socket share.
struct Session<E: Endpoint> {
    transport: Arc<Transport<E>>,
    outbox: Arc<Outbox>,
    hello: Hello,
    state: Mutex<State<E::Caller>>,
    /// Something `watch` waits for has changed.
    changed: Notify,
}

struct State<C> {
    caller: Option<Authenticated<C>>,
    init_received: bool,
    last_heard: Instant,
    operations: u64,
    locale: Locale,
    place: Place,
}

impl<E: Endpoint> Session<E> {
    fn state(&self) -> MutexGuard<'_, State<E::Caller>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The language to answer in: that of `connection_init`, else that of the upgrade.
    fn locale(&self) -> Locale {
        self.state().locale
    }
}

/// Keeps one socket until it ends.
async fn serve<E: Endpoint>(transport: Arc<Transport<E>>, socket: WebSocket, hello: Hello, place: Place) {
    let agreed = socket.protocol().is_some_and(|protocol| protocol == PROTOCOL);
    let settings = transport.settings.connections.clone();
    let outbox = Outbox::new(settings.frames_per_operation, settings.queued_bytes, settings.operations_per_socket);
    let state = State { caller: None, init_received: false, last_heard: Instant::now(), operations: 0, locale: hello.locale(), place };
    let session = Arc::new(Session { transport, outbox: outbox.clone(), hello, state: Mutex::new(state), changed: Notify::new() });
    let _open = Open::new(outbox.clone());

    let (sink, mut stream) = socket.split();
    let mut writer = Box::pin(write(sink, outbox.clone()));
    if agreed {
        let verdict = async {
            tokio::select! {
                close = read::run(&session, &mut stream) => close,
                close = watch::run(&session) => close,
            }
        };
        tokio::select! {
            close = verdict => {
                outbox.end(close);
                within(settings.linger, &mut writer).await;
            }
            () = &mut writer => outbox.end(Close::normal()),
        }
    } else {
        outbox.end(Close::subprotocol());
        within(settings.linger, &mut writer).await;
    }
    // Reading on lets the peer finish the closing handshake; a connection dropped with unread data loses the code.
    within(settings.linger, async { while let Some(Ok(_)) = stream.next().await {} }).await;
}

/// Counts the socket while it is open; however it ends, its operations end with it.
struct Open(Arc<Outbox>);

impl Open {
    fn new(outbox: Arc<Outbox>) -> Self {
        metrics::gauge!("realtime_sockets").increment(1.0);
        Self(outbox)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.end(Close::normal());
        metrics::gauge!("realtime_sockets").decrement(1.0);
    }
}

async fn within<T>(limit: std::time::Duration, work: impl Future<Output = T>) {
    let _ = tokio::time::timeout(limit, work).await;
}

/// Sends what the outbox holds until it ends or the peer is gone: as much as waits is fed, then flushed once.
async fn write(mut sink: impl Sink<Message> + Unpin, outbox: Arc<Outbox>) {
    loop {
        let mut next = Some(outbox.next().await);
        let mut fed = 0;
        while let Some(out) = next {
            let sent = match out {
                Outgoing::Text(text) => sink.feed(Message::Text(text)).await,
                Outgoing::Heartbeat => sink.feed(Message::Ping(Default::default())).await,
                Outgoing::Close(close) => {
                    metrics::counter!("realtime_closed_total", "code" => close.code.to_string()).increment(1);
                    let _ = sink.send(Message::Close(Some(close.frame()))).await;
                    return;
                }
            };
            if sent.is_err() {
                return;
            }
            fed += 1;
            next = if fed < BATCH { outbox.try_next() } else { None };
        }
        if sink.flush().await.is_err() {
            return;
        }
        outbox.flushed();
    }
}
