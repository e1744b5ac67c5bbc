//! The server under test and its client.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use async_graphql::{Context, Object, Request, Response, Schema, Subscription};
use axum::{Router, http::HeaderMap, routing::any};
use futures_util::{
    SinkExt, Stream, StreamExt,
    stream::{self, BoxStream},
};
use kernel::{Clock, Timestamp};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{Notify, Semaphore, broadcast, watch},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, error::Error as WsError, http::StatusCode, protocol::frame::CloseFrame},
};

use crate::*;

/// What the tests hold in their hands.
pub struct Hands {
    pub clock: AtomicI64,
    /// Drives `ticks`.
    pub ticks: broadcast::Sender<i32>,
    /// Lets `slow` and the token `slow` go on, one permit each.
    pub gate: Semaphore,
    /// Told when a `slow` mutation is done.
    pub done: AtomicUsize,
    /// Items taken from `hot` and `big`.
    pub taken: AtomicUsize,
    /// Told when a watched stream is dropped.
    pub dropped: Notify,
    pub calls: Mutex<HashMap<String, usize>>,
    /// What was accepted of `ann` is taken back when it grows.
    pub revoked: watch::Sender<i64>,
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::SeqCst))
    }
}

/// Tells when it is dropped.
struct Watched<S>(S, Arc<Hands>);
impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.1.dropped.notify_one();
    }
}
impl<S: Stream + Unpin> Stream for Watched<S> {
    type Item = S::Item;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<S::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

pub struct Query;
#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "you"
    }
    async fn me(&self, ctx: &Context<'_>) -> String {
        ctx.data::<Call<String>>().unwrap().caller.clone()
    }
    async fn request(&self, ctx: &Context<'_>) -> String {
        ctx.data::<Call<String>>().unwrap().request_id.to_string()
    }
    async fn panics(&self) -> String {
        [String::new()].into_iter().nth(1).expect("a bug")
    }
    async fn slow(&self, ctx: &Context<'_>) -> i32 {
        let hands = ctx.data::<Arc<Hands>>().unwrap();
        let _watched = Watched((), hands.clone());
        hands.gate.acquire().await.unwrap().forget();
        1
    }
}

pub struct Mutation;
#[Object]
impl Mutation {
    async fn slow(&self, ctx: &Context<'_>) -> i32 {
        let hands = ctx.data::<Arc<Hands>>().unwrap();
        hands.gate.acquire().await.unwrap().forget();
        i32::try_from(hands.done.fetch_add(1, Ordering::SeqCst)).unwrap()
    }
}

pub struct Live;
#[Subscription]
impl Live {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    async fn ticks(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> + 'static {
        let hands = ctx.data::<Arc<Hands>>().unwrap();
        let ticks = tokio_stream::wrappers::BroadcastStream::new(hands.ticks.subscribe());
        let ticks = ticks.filter_map(|tick| std::future::ready(tick.ok())).boxed();
        Watched(stream::once(async { 0 }).boxed().chain(ticks).boxed(), hands.clone())
    }
    async fn hot(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> + 'static {
        let hands = ctx.data::<Arc<Hands>>().unwrap().clone();
        let counted = hands.clone();
        Watched(
            stream::repeat(1).inspect(move |_| {
                counted.taken.fetch_add(1, Ordering::SeqCst);
            }),
            hands,
        )
    }
    async fn big(&self, ctx: &Context<'_>, size: usize) -> impl Stream<Item = String> + 'static {
        let hands = ctx.data::<Arc<Hands>>().unwrap().clone();
        let counted = hands.clone();
        Watched(
            stream::repeat("x".repeat(size)).inspect(move |_| {
                counted.taken.fetch_add(1, Ordering::SeqCst);
            }),
            hands,
        )
    }
    async fn refused(&self) -> async_graphql::Result<stream::Empty<i32>> {
        let error = async_graphql::Error::new("no");
        Err(async_graphql::ErrorExtensions::extend_with(error, |_, e| e.set("code", "NOT_FOUND")))
    }
    async fn panics(&self) -> impl Stream<Item = i32> {
        stream::iter([1, 0]).map(|n| 1_i32.checked_div(n).expect("a bug"))
    }
}

pub struct Stage {
    schema: Schema<Query, Mutation, Live>,
    pub hands: Arc<Hands>,
}

impl Endpoint for Stage {
    type Caller = String;

    fn clock(&self) -> &dyn Clock {
        &*self.hands
    }
    fn request_id(&self) -> String {
        "r".into()
    }
    /// `name`, `name@when it runs out`, `bad`, `broken`, `slow`.
    async fn authenticate(&self, hello: Hello) -> Result<Authenticated<String>, Denied> {
        let token = hello.bearer.unwrap_or_default();
        let (name, until) = token.split_once('@').map_or((token.as_str(), None), |(name, at)| (name, at.parse().ok().map(Timestamp)));
        match name {
            "bad" => return Err(Denied { code: Code::Unauthenticated, message: "unknown token".into() }),
            "broken" => panic!("a bug"),
            "slow" => self.hands.gate.acquire().await.unwrap().forget(),
            _ => {}
        }
        let key = (!name.is_empty()).then(|| name.to_owned());
        Ok(Authenticated { caller: name.to_owned(), key, expires_at: until })
    }
    fn revocation(&self, caller: &String) -> Option<watch::Receiver<i64>> {
        (caller == "ann").then(|| self.hands.revoked.subscribe())
    }
    async fn execute(&self, call: Call<String>, request: Request) -> Response {
        *self.hands.calls.lock().unwrap().entry(call.caller.clone()).or_default() += 1;
        self.schema.execute(request.data(call).data(self.hands.clone())).await
    }
    fn execute_stream(&self, call: Call<String>, request: Request) -> BoxStream<'static, Response> {
        self.schema.execute_stream(request.data(call).data(self.hands.clone()))
    }
}

/// How the server writes its connections.
#[derive(Clone, Copy)]
pub enum Way {
    /// Directly: they are plain TCP.
    Direct,
    /// Through tungstenite, as it does those within TLS.
    Framed,
}

thread_local! {
    /// The way of the test that runs on this thread.
    pub static WAY: std::cell::Cell<Way> = const { std::cell::Cell::new(Way::Direct) };
}

/// Runs tests once per way.
macro_rules! both_ways {
    ($($(#[doc = $doc:literal])* async fn $name:ident() $body:block)*) => {
        $($(#[doc = $doc])* mod $name {
            use super::*;

            #[tokio::test]
            async fn direct() {
                WAY.set(Way::Direct);
                $body
            }

            #[tokio::test]
            async fn through_tungstenite() {
                WAY.set(Way::Framed);
                $body
            }
        })*
    };
}
pub(crate) use both_ways;

/// Hides that its connections are plain TCP.
struct Veiled(tokio::net::TcpListener);

struct Veil(TcpStream);

impl axum::serve::Listener for Veiled {
    type Io = Veil;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Veil, std::net::SocketAddr) {
        let (io, peer) = self.0.accept().await.unwrap();
        (Veil(io), peer)
    }
    fn local_addr(&self) -> std::io::Result<std::net::SocketAddr> {
        self.0.local_addr()
    }
}

impl AsyncRead for Veil {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>, into: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl AsyncWrite for Veil {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

pub struct Server {
    pub transport: Arc<Transport<Stage>>,
    pub hands: Arc<Hands>,
    pub address: String,
}

/// Settings with other connections.
pub fn with(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

impl Server {
    pub async fn start(settings: Settings) -> Self {
        Self::with_allowance(settings, Allowance::default()).await
    }

    pub async fn with_allowance(settings: Settings, allowance: Allowance) -> Self {
        let hands = Arc::new(Hands {
            clock: AtomicI64::new(1_000),
            ticks: broadcast::Sender::new(64),
            gate: Semaphore::new(0),
            done: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            dropped: Notify::new(),
            calls: Mutex::default(),
            revoked: watch::Sender::new(0),
        });
        let stage = Stage { schema: Schema::new(Query, Mutation, Live), hands: hands.clone() };
        let buckets = MemoryBuckets::new(hands.clone(), allowance);
        let transport = Transport::new(stage, settings, Arc::new(buckets), TrustedDocuments::default());
        let served = transport.clone();
        let app = Router::new().route(
            "/",
            any(move |headers: HeaderMap, ws: Handshake| {
                let bearer = headers.get("authorization").and_then(|v| v.to_str().ok()?.strip_prefix("Bearer ").map(str::to_owned));
                let ip = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
                let hello = Hello { bearer, accept_language: Some("en".into()), ip, request_id: "r".into() };
                std::future::ready(upgrade(&served, ws, hello))
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        match WAY.get() {
            Way::Direct => drop(tokio::spawn(async move { axum::serve(listener, app).await })),
            Way::Framed => drop(tokio::spawn(async move { axum::serve(Veiled(listener), app).await })),
        }
        Self { transport, hands, address }
    }

    pub async fn plain() -> Self {
        Self::start(Settings::default()).await
    }

    /// Opens a socket that asks for those subprotocols.
    pub async fn try_open(&self, protocols: &str, token: Option<&str>) -> Result<Client, StatusCode> {
        let mut request = format!("ws://{}/", self.address).into_client_request().unwrap();
        if !protocols.is_empty() {
            request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        }
        if let Some(token) = token {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Client(socket)),
            Err(WsError::Http(response)) => Err(response.status()),
            Err(other) => panic!("{other}"),
        }
    }

    pub async fn open(&self) -> Client {
        self.try_open(PROTOCOL, None).await.unwrap()
    }

    /// A socket acknowledged for `token`.
    pub async fn ready(&self, token: &str) -> Client {
        let mut client = self.open().await;
        client.init(token).await;
        assert_eq!(client.next().await["type"], "connection_ack");
        client
    }

    pub fn set_clock(&self, to: i64) {
        self.hands.clock.store(to, Ordering::SeqCst);
        self.transport.look_at_the_clock();
    }

    /// Waits for a watched stream to be dropped.
    pub async fn stream_dropped(&self) {
        soon(self.hands.dropped.notified()).await;
    }
}

/// Nothing here takes long.
pub async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("no answer in 20 s")
}

pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    pub async fn init(&mut self, token: &str) {
        let payload = if token.is_empty() { Value::Null } else { json!({ "Authorization": format!("Bearer {token}") }) };
        self.send(json!({ "type": "connection_init", "payload": payload })).await;
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    /// The next message.
    pub async fn next(&mut self) -> Value {
        loop {
            match soon(self.0.next()).await.expect("the socket is open").unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// How the server ends the socket; other messages are skipped.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match soon(self.0.next()).await {
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => return (code.into(), reason.to_string()),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The code of the next `error`.
    pub async fn error_code(&mut self, id: &str) -> String {
        let error = self.next().await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!(id)), "{error}");
        error["payload"][0]["extensions"]["code"].as_str().unwrap().to_owned()
    }

    /// The socket still works.
    pub async fn answers(&mut self) {
        self.send(json!({ "type": "ping" })).await;
        assert_eq!(self.next().await, json!({ "type": "pong" }));
    }
}

pub fn next(id: &str, data: Value) -> Value {
    json!({ "id": id, "type": "next", "payload": { "data": data } })
}

pub fn complete(id: &str) -> Value {
    json!({ "id": id, "type": "complete" })
}
