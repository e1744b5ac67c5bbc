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
//! A plain TCP connection is written by whoever has a frame, see [`crate::outbox`]; `write` is then only woken for what the
//! connection did not take at once. Any other (TLS within this process) goes through tungstenite, and `write` writes it all.
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

use axum::response::{IntoResponse, Response};
use futures_util::{Sink, SinkExt, StreamExt, stream::SplitSink};
use hyper::upgrade::Upgraded;
use kernel::Locale;
use tokio::{net::TcpStream, sync::Notify, time::Instant};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{Role, WebSocketConfig},
    },
};

use crate::{
    Authenticated, Code, Connections, Endpoint, Handshake, Hello, Rejection, Transport,
    close::Close,
    outbox::{Outbox, Outgoing, Poured},
    transport::Place,
    wire::{
        handshake::Behind,
        peer::{Framed, Peer, tune},
    },
};

/// How many frames go out before the writer flushes and looks around.
const BATCH: usize = 64;

/// Answers a WebSocket upgrade. `hello` is what the HTTP request says; `connection_init` may bring the token.
pub fn upgrade<E: Endpoint>(transport: &Arc<Transport<E>>, handshake: Handshake, hello: Hello) -> Response {
    if !handshake.is_welcome(&transport.settings.connections.origins) {
        return rejected(&Rejection::because(Code::Forbidden, "from pages of this origin"), &hello);
    }
    let place = match transport.admit_connection(hello.ip) {
        Ok(place) => place,
        Err(rejection) => return rejected(&rejection, &hello),
    };
    let (response, upgrade, agreed) = handshake.accept();
    let transport = transport.clone();
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            let tracker = transport.tasks().clone();
            // A task of its own: that of the upgrade is gone with its memory.
            tracker.spawn(serve(transport, Box::new(upgraded), agreed, (hello, place)));
        }
    });
    response
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
    /// The token of the upgrade, until `connection_init`.
    bearer: Option<String>,
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

/// The writing side of a connection.
enum Writer {
    /// Whoever has a frame writes it; this pours out what the connection did not take at once.
    Direct(Arc<TcpStream>),
    /// Everything is written here.
    Framed(Box<SplitSink<Framed, Message>>),
}

impl Writer {
    /// Writes until the outbox ends or the peer is gone.
    async fn run(&mut self, outbox: &Outbox) {
        match self {
            Self::Direct(io) => pour(io, outbox).await,
            Self::Framed(sink) => Box::pin(write(sink, outbox)).await,
        }
    }

    /// Finishes what was begun and sends the close frame, if the peer takes it.
    async fn finish(&mut self, outbox: &Outbox) {
        match self {
            Self::Direct(io) => while outbox.pour() == Poured::Stuck && io.writable().await.is_ok() {},
            Self::Framed(_) => self.run(outbox).await,
        }
    }
}

/// The two sides of a connection, and what waits in between.
async fn sides(upgraded: Upgraded, settings: &Connections) -> (Peer, Writer, Arc<Outbox>) {
    let bounds = (settings.frames_per_operation, settings.queued_bytes, settings.operations_per_socket);
    match Behind::of(upgraded) {
        Behind::Plain(io, first) => {
            tune(&io);
            let io = Arc::new(io);
            let outbox = Outbox::over(io.clone(), bounds);
            (Peer::direct(io.clone(), &first, settings.message_bytes, outbox.clone()), Writer::Direct(io), outbox)
        }
        Behind::Other(io) => {
            let config = WebSocketConfig::default()
                .read_buffer_size(settings.read_buffer)
                .write_buffer_size(settings.write_buffer)
                .max_write_buffer_size(settings.write_buffer + settings.queued_bytes.max(1 << 16) * 2)
                .max_message_size(Some(settings.message_bytes))
                .max_frame_size(Some(settings.message_bytes));
            let (sink, stream) = WebSocketStream::from_raw_socket(*io, Role::Server, Some(config)).await.split();
            (Peer::framed(stream), Writer::Framed(Box::new(sink)), Outbox::new(bounds.0, bounds.1, bounds.2))
        }
    }
}

/// Keeps one socket until it ends.
async fn serve<E: Endpoint>(transport: Arc<Transport<E>>, upgraded: Box<Upgraded>, agreed: bool, (mut hello, place): (Hello, Place)) {
    // Boxed: it is over at once, and the socket's task shall be small.
    let (mut peer, mut writer, outbox) = Box::pin(sides(*upgraded, &transport.settings.connections)).await;
    let linger = transport.settings.connections.linger;
    let state = State {
        caller: None,
        bearer: hello.bearer.take(),
        init_received: false,
        last_heard: Instant::now(),
        operations: 0,
        locale: hello.locale(),
        place,
    };
    let session = Arc::new(Session { transport, outbox: outbox.clone(), hello, state: Mutex::new(state), changed: Notify::new() });
    let _open = Open::new(outbox.clone());

    let close = if agreed {
        tokio::select! {
            close = read::run(&session, &mut peer) => close,
            close = watch::run(&session) => close,
            () = writer.run(&outbox) => Close::normal(),
        }
    } else {
        Close::subprotocol()
    };
    // The first reason given stays: the outbox may have ended by itself.
    outbox.end(close);
    if let Some(close) = outbox.ended() {
        let code = if peer.is_gone() { "peer".to_owned() } else { close.code.to_string() };
        metrics::counter!("realtime_closed_total", "code" => code).increment(1);
    }
    // Goodbyes are rare and need more memory than waiting does.
    Box::pin(async move {
        if !outbox.is_finished() {
            within(linger, writer.finish(&outbox)).await;
        }
        // Reading on lets the peer finish the closing handshake; a connection dropped with unread data loses the code.
        within(linger, peer.closed()).await;
    })
    .await;
}

/// Pours out what was not taken at once, until the outbox ends or the peer is gone.
async fn pour(io: &TcpStream, outbox: &Outbox) {
    loop {
        match outbox.pour() {
            Poured::Finished => return,
            Poured::All => outbox.called().await,
            // A peer that does not read is not waited for when the socket ends.
            Poured::Stuck if outbox.ended().is_some() => return,
            Poured::Stuck => tokio::select! {
                writable = io.writable() => {
                    if writable.is_err() {
                        return outbox.finish();
                    }
                }
                () = outbox.called() => {}
            },
        }
    }
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
async fn write(mut sink: impl Sink<Message> + Unpin, outbox: &Outbox) {
    loop {
        let mut next = Some(outbox.next().await);
        let mut fed = 0;
        while let Some(out) = next {
            let sent = match out {
                Outgoing::Text(text) => sink.feed(Message::Text(text)).await,
                Outgoing::Heartbeat => sink.feed(Message::Ping(Default::default())).await,
                Outgoing::Pong(payload) => sink.feed(Message::Pong(payload)).await,
                Outgoing::Close(close) => {
                    let _ = sink.send(Message::Close(Some(close.frame()))).await;
                    outbox.finish();
                    return;
                }
            };
            if sent.is_err() {
                return outbox.finish();
            }
            fed += 1;
            next = if fed < BATCH { outbox.try_next() } else { None };
        }
        if sink.flush().await.is_err() {
            return outbox.finish();
        }
        outbox.flushed();
    }
}
