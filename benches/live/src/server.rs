//! The three servers. Each tells an event to all its subscribers for every line `single` or `batched` it is sent.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_graphql::{EmptyMutation, Object, Request, Response, Schema, SimpleObject, Subscription};
use axum::{
    Router,
    extract::{WebSocketUpgrade, ws::Message},
    routing::any,
};
use bench_kit::nanoseconds;
use futures_util::{SinkExt, Stream, StreamExt, stream::BoxStream};
use kernel::{Clock, Timestamp};
use realtime::{
    Allowance, Audience, Authenticated, Call, Denied, Endpoint, Handshake, Hello, MemoryBuckets, Settings, Sharing, Streams, Transport,
    TrustedDocuments,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::broadcast,
};

/// What is told: the number of the event, and when, in nanoseconds of the machine's clock.
#[derive(Clone, Copy)]
struct Told {
    seq: i64,
    at: u128,
}

#[derive(SimpleObject)]
struct Team {
    cursor: String,
    seats: i64,
    state: &'static str,
    at: String,
}

struct Query;
#[Object]
impl Query {
    async fn hello(&self) -> i32 {
        1
    }
}

struct Live(broadcast::Sender<Told>);

#[Subscription]
impl Live {
    /// A state first, then whatever is told.
    async fn team(&self) -> impl Stream<Item = Team> + use<> {
        teams(&self.0)
    }

    /// The same as facts, none of which is skipped.
    #[graphql(directive = facts::apply())]
    async fn facts(&self) -> impl Stream<Item = Team> + use<> {
        teams(&self.0)
    }
}

/// The schema's own mark for facts, under the name the engine knows.
#[async_graphql::TypeDirective(location = "FieldDefinition", name = "feed")]
fn facts() {}

fn teams(told: &broadcast::Sender<Told>) -> impl Stream<Item = Team> + use<> {
    let mut told = told.subscribe();
    async_stream::stream! {
        yield team(Told { seq: 0, at: 0 });
        while let Ok(told) = told.recv().await {
            yield team(told);
        }
    }
}

fn team(Told { seq, at }: Told) -> Team {
    Team { cursor: format!("bench:{seq}"), seats: seq, state: "FORMING", at: at.to_string() }
}

struct Mall {
    schema: Schema<Query, EmptyMutation, Live>,
    sharing: Sharing,
}

struct Now;
impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(nanoseconds() / 1_000_000).unwrap_or(i64::MAX))
    }
}

impl Endpoint for Mall {
    type Caller = ();

    fn clock(&self) -> &dyn Clock {
        &Now
    }
    fn request_id(&self) -> String {
        static IDS: AtomicI64 = AtomicI64::new(0);
        IDS.fetch_add(1, Ordering::Relaxed).to_string()
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

/// Serves one design until it is killed.
pub fn serve(design: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let told = broadcast::Sender::new(1_024);
        let schema = Schema::new(Query, EmptyMutation, Live(told.clone()));
        let (listener, control) = (bound().await, bound().await);
        let addresses = [&listener, &control].map(|listener| listener.local_addr().expect("bound").to_string());
        bench_kit::say(&addresses.join(","));
        tokio::spawn(publish(control, told.clone()));
        let app = match design {
            "engine" => engine(schema),
            "direct" => return direct(listener, told).await,
            "task" => raw(told),
            "stock" => Router::new().route_service("/", async_graphql_axum::GraphQLSubscription::new(schema)),
            other => panic!("there is no design {other}"),
        };
        axum::serve(listener, app).await.expect("it serves");
    });
}

async fn bound() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

/// Tells so many events for every line that asks for them.
async fn publish(control: TcpListener, told: broadcast::Sender<Told>) {
    let (socket, _) = control.accept().await.expect("the load client comes");
    socket.set_nodelay(true).expect("a socket");
    let (read, mut write) = socket.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut seq = 0;
    while let Ok(Some(line)) = lines.next_line().await {
        for _ in 0..line.parse::<usize>().unwrap_or(1) {
            seq += 1;
            let _ = told.send(Told { seq, at: nanoseconds() });
        }
        let _ = write.write_all(b"told\n").await;
    }
}

fn engine(schema: Schema<Query, EmptyMutation, Live>) -> Router {
    let sharing = Sharing::of(&schema.sdl()).expect("our own SDL");
    let mut settings = Settings { streams: Streams { pace: Duration::ZERO, ..Streams::default() }, ..Settings::default() };
    settings.connections.per_ip = usize::MAX;
    let bucket = MemoryBuckets::new(Arc::new(Now), Allowance { capacity: u32::MAX, ..Allowance::default() });
    let transport = Transport::new(Mall { schema, sharing }, settings, Arc::new(bucket), TrustedDocuments::default());
    Router::new()
        .route("/", any(move |handshake: Handshake| std::future::ready(realtime::upgrade(&transport, handshake, Hello::default()))))
}

const FIRST: &str = r#"{"id":"1","type":"next","payload":{"data":{"team":{"cursor":"bench:0","seats":0,"state":"FORMING","at":"0"}}}}"#;

/// The text the engine makes of an event.
fn text(told: Told) -> String {
    let Team { cursor, seats, state, at } = team(told);
    let team = format!(r#"{{"cursor":"{cursor}","seats":{seats},"state":"{state}","at":"{at}"}}"#);
    format!(r#"{{"id":"1","type":"next","payload":{{"data":{{"team":{team}}}}}}}"#)
}

/// The least there is: one loop writes the same bytes into every socket.
async fn direct(listener: TcpListener, told: broadcast::Sender<Told>) {
    let sockets: Arc<Mutex<Vec<Arc<TcpStream>>>> = Arc::default();
    let mut events = told.subscribe();
    let all = sockets.clone();
    tokio::spawn(async move {
        let mut frames = Vec::new();
        while let Ok(told) = events.recv().await {
            frames.clear();
            framed(&text(told), &mut frames);
            while let Ok(told) = events.try_recv() {
                framed(&text(told), &mut frames);
            }
            let sockets = all.lock().expect("nobody panicked").clone();
            for (nth, socket) in sockets.iter().enumerate() {
                let mut rest = &frames[..];
                while !rest.is_empty() {
                    match socket.try_write(rest) {
                        Ok(written) => rest = &rest[written..],
                        Err(_) => socket.writable().await.expect("a socket"),
                    }
                }
                if nth % 64 == 63 {
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    while let Ok((socket, _)) = listener.accept().await {
        let sockets = sockets.clone();
        tokio::spawn(async move {
            socket.set_nodelay(true).expect("a socket");
            let socket = Arc::new(socket);
            let accepted = format!(
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-accept: {}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n",
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
            );
            let (mut ack, mut first) = (Vec::new(), Vec::new());
            framed(r#"{"type":"connection_ack"}"#, &mut ack);
            framed(FIRST, &mut first);
            // The upgrade, the hello, the subscription: each is answered.
            for answer in [accepted.into_bytes(), ack, first] {
                hear(&socket).await;
                socket.try_write(&answer).expect("room for an answer");
            }
            sockets.lock().expect("nobody panicked").push(socket.clone());
            while hear(&socket).await > 0 {}
        });
    }
}

async fn hear(socket: &TcpStream) -> usize {
    loop {
        socket.readable().await.expect("a socket");
        if let Ok(heard) = heard(socket) {
            return heard;
        }
    }
}

fn heard(socket: &TcpStream) -> std::io::Result<usize> {
    socket.try_read(&mut [0; 4_096])
}

fn framed(text: &str, into: &mut Vec<u8>) {
    into.push(0x81);
    match u8::try_from(text.len()) {
        Ok(short @ 0..=125) => into.push(short),
        _ => {
            into.push(126);
            into.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
        }
    }
    into.extend(text.as_bytes());
}

/// A task per socket that forwards a broadcast of the same bytes.
fn raw(told: broadcast::Sender<Told>) -> Router {
    let frames: broadcast::Sender<axum::extract::ws::Utf8Bytes> = broadcast::Sender::new(1_024);
    let (sender, mut events) = (frames.clone(), told.subscribe());
    tokio::spawn(async move {
        while let Ok(told) = events.recv().await {
            let _ = sender.send(text(told).into());
        }
    });
    Router::new().route(
        "/",
        any(move |ws: WebSocketUpgrade| {
            let mut frames = frames.subscribe();
            let ws = ws.read_buffer_size(1_024).write_buffer_size(4_096).protocols(["graphql-transport-ws"]);
            std::future::ready(ws.on_upgrade(async move |mut socket| {
                // The hello and the subscription; then the first state.
                let _ = socket.recv().await;
                let _ = socket.send(Message::Text(r#"{"type":"connection_ack"}"#.into())).await;
                let _ = socket.recv().await;
                let _ = socket.send(Message::Text(FIRST.into())).await;
                let mut next = frames.recv().await;
                while let Ok(frame) = next {
                    if socket.feed(Message::Text(frame)).await.is_err() {
                        return;
                    }
                    while let Ok(frame) = frames.try_recv() {
                        if socket.feed(Message::Text(frame)).await.is_err() {
                            return;
                        }
                    }
                    if socket.flush().await.is_err() {
                        return;
                    }
                    next = frames.recv().await;
                }
            }))
        }),
    )
}
