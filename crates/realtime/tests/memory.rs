//! What sockets cost, in a process of its own so that memory can be measured: readers that never read, and coming and
//! going a hundred thousand times.

use std::{future::Future, sync::Arc, time::Duration};

use async_graphql::{Context, EmptyMutation, Object, Request, Response, Schema, SimpleObject, Subscription};
use axum::{Router, routing::any};
use futures_util::{Stream, StreamExt, stream::BoxStream};
use kernel::{Clock, Timestamp};
use platform::graphql::feed;
use realtime::{
    Allowance, Audience, Authenticated, Call, Denied, Endpoint, Handshake, Hello, MemoryBuckets, PROTOCOL, Settings, Sharing, Streams,
    Transport, TrustedDocuments,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::watch,
};

/// Bytes of a payload.
const PADDING: usize = 4_000;

struct Still;
impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

#[derive(SimpleObject)]
struct Number {
    cursor: String,
    value: i64,
    padding: String,
}

fn number(value: i64) -> Number {
    Number { cursor: format!("e:{value}"), value, padding: "x".repeat(PADDING) }
}

struct Query;
#[Object]
impl Query {
    async fn hello(&self) -> i32 {
        1
    }
}

struct Live;
#[Subscription]
impl Live {
    async fn state(&self, ctx: &Context<'_>) -> async_graphql::Result<impl Stream<Item = Number> + use<>> {
        let mut value = ctx.data::<watch::Sender<i64>>()?.subscribe();
        Ok(async_stream::stream! {
            loop {
                let now = *value.borrow_and_update();
                yield number(now);
                if value.changed().await.is_err() {
                    return;
                }
            }
        })
    }

    #[graphql(directive = feed::apply())]
    async fn facts(&self, ctx: &Context<'_>) -> async_graphql::Result<impl Stream<Item = Number> + use<>> {
        let mut value = ctx.data::<watch::Sender<i64>>()?.subscribe();
        Ok(async_stream::stream! {
            let mut told = *value.borrow_and_update();
            yield number(told);
            while value.changed().await.is_ok() {
                let now = *value.borrow_and_update();
                while told < now {
                    told += 1;
                    yield number(told);
                }
            }
        })
    }
}

struct App {
    schema: Schema<Query, EmptyMutation, Live>,
    sharing: Sharing,
}

impl Endpoint for App {
    type Caller = ();

    fn clock(&self) -> &dyn Clock {
        &Still
    }
    fn request_id(&self) -> String {
        "r".into()
    }
    async fn authenticate(&self, _: Hello) -> Result<Authenticated<()>, Denied> {
        Ok(Authenticated { caller: (), key: None, expires_at: None })
    }
    fn sharing(&self) -> Option<&Sharing> {
        Some(&self.sharing)
    }
    fn audience(&self, _: &Call<()>) -> Option<Audience<()>> {
        Some(Audience { name: "all".to_owned(), face: (), anonymous: true })
    }
    async fn execute(&self, _: Call<()>, request: Request) -> Response {
        self.schema.execute(request).await
    }
    fn execute_stream(&self, _: Call<()>, request: Request) -> BoxStream<'static, Response> {
        self.schema.execute_stream(request).boxed()
    }
}

struct Server {
    transport: Arc<Transport<App>>,
    value: watch::Sender<i64>,
    address: std::net::SocketAddr,
}

impl Server {
    async fn start() -> Self {
        let value = watch::Sender::new(0);
        let schema = Schema::build(Query, EmptyMutation, Live).data(value.clone()).finish();
        let sharing = Sharing::of(&schema.sdl()).expect("our own SDL");
        let settings = Settings { streams: Streams { pace: Duration::ZERO, ..Streams::default() }, ..Settings::default() };
        let bucket = MemoryBuckets::new(Arc::new(Still), Allowance { capacity: u32::MAX, ..Allowance::default() });
        let transport = Transport::new(App { schema, sharing }, settings, Arc::new(bucket), TrustedDocuments::default());
        let served = transport.clone();
        let socket = any(move |handshake: Handshake| std::future::ready(realtime::upgrade(&served, handshake, Hello::default())));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", socket)).await });
        Self { transport, value, address }
    }

    /// A socket past its acknowledgement; the kernel keeps little for it.
    async fn open(&self) -> Client {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(8 << 10).expect("a small buffer");
        let mut io = socket.connect(self.address).await.expect("the server listens");
        let head = format!(
            "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: {PROTOCOL}\r\n\r\n"
        );
        io.set_nodelay(true).expect("a socket");
        io.write_all(head.as_bytes()).await.expect("written");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(soon(io.read_u8()).await.expect("an answer"));
        }
        let mut client = Client(io);
        client.send(&[json!({ "type": "connection_init" })]).await;
        assert_eq!(client.next().await["type"], "connection_ack");
        client
    }

    /// Tells so much, one after the other.
    async fn tell(&self, times: i64) {
        for _ in 0..times {
            self.value.send_modify(|value| *value += 1);
            tokio::task::yield_now().await;
        }
    }
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.expect("no answer in a minute")
}

struct Client(TcpStream);

impl Client {
    /// Sends them in one go.
    async fn send(&mut self, messages: &[Value]) {
        let mut bytes = Vec::new();
        for message in messages {
            let text = message.to_string();
            bytes.push(0x81);
            bytes.extend([0x80 | 126]);
            bytes.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
            bytes.extend([0; 4]);
            bytes.extend(text.as_bytes());
        }
        self.0.write_all(&bytes).await.expect("written");
    }

    /// The head and the payload of the next frame that is no heartbeat.
    async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            match self.any_frame().await? {
                (0x89, _) => {}
                frame => return Some(frame),
            }
        }
    }

    async fn any_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let head = soon(self.0.read_u8()).await.ok()?;
        let length = match self.0.read_u8().await.ok()? {
            126 => usize::from(self.0.read_u16().await.ok()?),
            127 => usize::try_from(self.0.read_u64().await.ok()?).ok()?,
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await.ok()?;
        Some((head, payload))
    }

    async fn next(&mut self) -> Value {
        let (head, payload) = self.frame().await.expect("a frame");
        assert_eq!(head, 0x81);
        serde_json::from_slice(&payload).expect("JSON")
    }

    async fn watch(&mut self, field: &str) {
        let query = format!("subscription {{ {field} {{ cursor value padding }} }}");
        self.send(&[json!({ "id": "1", "type": "subscribe", "payload": { "query": query } })]).await;
        assert_eq!(self.next().await["type"], "next");
    }
}

/// Bytes of memory this process holds for itself.
fn memory() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("it has memory");
    line.trim().trim_end_matches(" kB").parse::<i64>().expect("a number") * 1_024
}

/// One test, so that nobody else's memory is measured.
#[tokio::test]
async fn sockets_cost_little_whatever_their_peers_do() {
    readers_that_never_read().await;
    coming_and_going().await;
}

async fn readers_that_never_read() {
    // As many as the process may open.
    let files = std::fs::read_to_string("/proc/self/limits").expect("Linux tells");
    let files = files.lines().find_map(|line| line.strip_prefix("Max open files")).expect("a limit");
    let files: usize = files.split_whitespace().next().expect("a number").parse().unwrap_or(usize::MAX);
    let many = 1_000.min((files - 60) / 2);

    let server = Server::start().await;
    let mut reader = server.open().await;
    reader.watch("state").await;
    let mut silent = Vec::new();
    for _ in 0..many {
        let mut client = server.open().await;
        client.watch("state").await;
        silent.push(client);
    }
    // They stop reading; the first megabyte fills what the kernel keeps.
    server.tell(256).await;
    let before = memory();
    server.tell(1_000).await;
    let grown = memory() - before;
    // Eight times as much was told to each as the whole process may grow, all told.
    assert!(grown < 8 << 20, "{many} readers that never read cost {grown} bytes while {} bytes were told to each", 1_000 * PADDING);

    // Nobody else waits for them.
    let last = *server.value.borrow();
    while soon(reader.next()).await["payload"]["data"]["state"]["value"] != last {}
    // Who reads on skips what is no longer true and ends with the latest.
    let (mut frames, mut late) = (0, silent.pop().expect("one of many"));
    while late.next().await["payload"]["data"]["state"]["value"] != last {
        frames += 1;
    }
    assert!(frames < 200, "{frames} old states were kept for it");

    // Facts cannot be skipped: who does not read them is sent away, and costs at most a megabyte before.
    let mut slow = Vec::new();
    for _ in 0..10 {
        let mut client = server.open().await;
        client.watch("facts").await;
        slow.push(client);
    }
    server.tell(600).await;
    for mut client in slow {
        let code = loop {
            match client.frame().await {
                Some((0x88, payload)) => break u16::from_be_bytes([payload[0], payload[1]]),
                Some(_) => {}
                None => panic!("no close frame"),
            }
        };
        assert_eq!(code, 4513);
    }
    drop(silent);
    drop(reader);
    // Executions linger; sockets do not.
    soon(async {
        while server.transport.alive() > server.transport.executions() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

async fn coming_and_going() {
    const AT_ONCE: usize = 50;
    let server = Server::start().await;
    let mut client = server.open().await;
    let query = "subscription { state { value } }";
    let subscribe: Vec<Value> =
        (0..AT_ONCE).map(|id| json!({ "id": id.to_string(), "type": "subscribe", "payload": { "query": query } })).collect();
    let complete: Vec<Value> = (0..AT_ONCE).map(|id| json!({ "id": id.to_string(), "type": "complete" })).collect();
    let mut before = 0;
    for round in 0..100_000 / AT_ONCE {
        client.send(&subscribe).await;
        for _ in 0..AT_ONCE {
            let (head, _) = client.frame().await.expect("a frame");
            assert_eq!(head, 0x81);
        }
        client.send(&complete).await;
        if round == 200 {
            before = memory();
        }
    }
    let grown = memory() - before;
    // A leak of thirty bytes each would be three megabytes.
    assert!(grown < 2 << 20, "ninety thousand subscriptions left {grown} bytes behind");
    assert_eq!(server.transport.executions(), 1);
}
