//! A small schema behind the real handler, asked over real HTTP.

use std::{process::Stdio, sync::Arc};

use async_graphql::{
    Context, Object, Request, Response, Schema, Subscription,
    futures_util::{
        StreamExt,
        stream::{self, BoxStream},
    },
};
use axum::Router;
use kernel::{Clock, Timestamp};
use realtime::{Allowance, Authenticated, Call, Code, Denied, Endpoint, Hello, MemoryBuckets, Settings, Transport, TrustedDocuments};
use reqwest::header;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp(1_000)
    }
}

struct Query;
#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_else(|| "you".into()))
    }
    async fn me(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data::<Option<String>>().ok()?.clone()
    }
    async fn broken(&self) -> async_graphql::Result<String> {
        Err("password=hunter2".into())
    }
    async fn panics(&self) -> String {
        [String::new()].into_iter().nth(1).expect("a bug")
    }
    async fn inner(&self) -> Inner {
        Inner
    }
}

struct Inner;
#[Object]
impl Inner {
    async fn inner(&self) -> Inner {
        Inner
    }
    async fn leaf(&self) -> i32 {
        1
    }
}

struct Mutation;
#[Object]
impl Mutation {
    async fn rename(&self, name: String) -> String {
        name
    }
}

struct Ticks;
#[Subscription]
impl Ticks {
    async fn count(&self, to: i32) -> impl stream::Stream<Item = i32> {
        stream::iter(1..=to)
    }
    async fn endless(&self) -> impl stream::Stream<Item = i32> {
        stream::once(async { 1 }).chain(stream::pending())
    }
    async fn fails(&self) -> async_graphql::Result<stream::Empty<i32>> {
        Err("not today".into())
    }
}

#[derive(Clone)]
struct Mall(Schema<Query, Mutation, Ticks>);

impl Endpoint for Mall {
    type Caller = Option<String>;

    fn clock(&self) -> &dyn Clock {
        &Fixed
    }
    fn request_id(&self) -> String {
        "req-1".into()
    }
    async fn authenticate(&self, hello: Hello) -> Result<Authenticated<Option<String>>, Denied> {
        match hello.bearer.as_deref() {
            Some("bad") => Err(Denied { code: Code::Unauthenticated, message: "unknown token".into() }),
            Some("old") => Ok(Authenticated { caller: None, key: None, expires_at: Some(Timestamp(999)) }),
            name => Ok(Authenticated { caller: name.map(str::to_owned), key: name.map(str::to_owned), expires_at: None }),
        }
    }
    async fn execute(&self, call: Call<Option<String>>, request: Request) -> Response {
        self.0.execute(request.data(call.caller)).await
    }
    fn execute_stream(&self, call: Call<Option<String>>, request: Request) -> BoxStream<'static, Response> {
        self.0.execute_stream(request.data(call.caller))
    }
}

struct Server {
    url: String,
    http: reqwest::Client,
}

impl Server {
    async fn start(settings: Settings, allowance: Allowance, trusted: TrustedDocuments) -> Self {
        let schema = Schema::new(Query, Mutation, Ticks);
        let buckets = MemoryBuckets::new(Arc::new(Fixed), allowance);
        let transport = Transport::new(Mall(schema), settings, Arc::new(buckets), trusted);
        let examples = [
            super::Example { query: "# </script>\n{ hello }", ..Default::default() },
            super::Example { query: "# Counts.\nsubscription { endless }", ..Default::default() },
        ];
        let app: Router = Router::new().route("/graphql", super::endpoint(transport, &examples)).merge(super::graphiql::assets());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/graphql", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, http: reqwest::Client::new() }
    }

    async fn plain() -> Self {
        Self::start(Settings::default(), Allowance::default(), TrustedDocuments::default()).await
    }

    /// Posts and answers status and body.
    async fn ask(&self, accept: &str, body: Value) -> (u16, Value) {
        let request = self.http.post(&self.url).header(header::ACCEPT, accept).json(&body);
        read(request.send().await.unwrap()).await
    }
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

const STRICT: &str = "application/graphql-response+json";
const PLAIN: &str = "application/json";

#[tokio::test]
async fn statuses_follow_the_media_type() {
    let server = Server::plain().await;
    for (body, wanted, strict, plain) in [
        (json!({ "query": "{ hello }" }), "none", 200, 200),
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED", 400, 200),
        (json!({ "query": "{ nothing }" }), "GRAPHQL_VALIDATION_FAILED", 400, 200),
        (json!({ "query": "query Q($n: String!) { hello(name: $n) }", "variables": { "n": null } }), "GRAPHQL_VALIDATION_FAILED", 400, 200),
        (json!({ "query": "subscription { count(to: 1) }" }), "GRAPHQL_VALIDATION_FAILED", 400, 200),
        (json!({ "query": "{ inner ".to_owned() + &"{ inner ".repeat(20) + "{ leaf }" + &"}".repeat(21) }), "TOO_DEEP", 400, 200),
        (json!({ "query": "{ hello }", "variables": [] }), "BAD_REQUEST", 400, 400),
        (json!([{ "query": "{ hello }" }]), "BAD_REQUEST", 400, 400),
        (json!({ "query": "{ broken }" }), "INTERNAL", 200, 200),
        (json!({ "query": "{ panics }" }), "INTERNAL", 500, 500),
    ] {
        for (accept, status) in [(STRICT, strict), (PLAIN, plain)] {
            let (got, answer) = server.ask(accept, body.clone()).await;
            assert_eq!((got, code(&answer)), (status, wanted), "{body} {answer}");
            if wanted != "none" {
                assert_eq!(answer["errors"][0]["extensions"]["requestId"], "req-1");
            }
            assert!(!answer.to_string().contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn what_is_not_graphql_over_http_is_refused_with_its_own_status() {
    let server = Server::plain().await;
    let post = |kind: &str, body: String| server.http.post(&server.url).header(header::CONTENT_TYPE, kind).body(body);
    let hello = json!({ "query": "{ hello }" }).to_string();
    for (request, status, wanted) in [
        (post("text/plain", hello.clone()), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (post("application/json; charset=latin1", hello.clone()), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (post("application/json", hello.clone()).header(header::CONTENT_ENCODING, "gzip"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (post("application/json", hello.clone()).header(header::ACCEPT, "image/png"), 406, "NOT_ACCEPTABLE"),
        (post("application/json", "{".into()), 400, "BAD_REQUEST"),
        (post("application/json", " ".repeat(2 << 20)), 413, "PAYLOAD_TOO_LARGE"),
        (post("application/json", hello.clone()).bearer_auth("bad"), 401, "UNAUTHENTICATED"),
        (post("application/json", hello.clone()).bearer_auth("old"), 401, "UNAUTHENTICATED"),
        (server.http.put(&server.url).body(hello.clone()), 405, "METHOD_NOT_ALLOWED"),
        (server.http.get(&server.url).query(&[("query", "mutation { rename(name: \"x\") }")]), 405, "METHOD_NOT_ALLOWED"),
        (server.http.get(&server.url), 400, "BAD_REQUEST"),
        (server.http.get(&server.url).query(&[("query", "{ hello }"), ("variables", "[")]), 400, "BAD_REQUEST"),
    ] {
        let response = request.header("accept-language", "en").send().await.unwrap();
        if status == 401 {
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        }
        if status == 405 {
            assert!(response.headers().contains_key(header::ALLOW));
        }
        let (got, body) = read(response).await;
        assert_eq!((got, code(&body)), (status, wanted), "{body}");
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_cut_at_the_limit() {
    let server = Server::plain().await;
    let address = server.url.trim_start_matches("http://").trim_end_matches("/graphql").to_owned();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..17 {
        socket.write_all(chunk.as_bytes()).await.unwrap();
    }
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn queries_travel_by_get_and_tokens_by_header() {
    let server = Server::plain().await;
    let query = [("query", "query Q($n: String) { hello(name: $n) me }"), ("variables", r#"{"n":"a b&c=团"}"#), ("operationName", "Q")];
    let response = server.http.get(&server.url).query(&query).bearer_auth("ann").send().await.unwrap();
    let (status, body) = read(response).await;
    assert_eq!((status, &body["data"]), (200, &json!({ "hello": "hello a b&c=团", "me": "ann" })));
}

#[tokio::test]
async fn the_cost_is_told_and_an_empty_bucket_refuses() {
    let allowance = Allowance { capacity: 25, restore_rate: 5, ..Allowance::default() };
    let server = Server::start(Settings::default(), allowance, TrustedDocuments::default()).await;
    let rename = json!({ "query": "mutation { rename(name: \"x\") }" });
    let (_, body) = server.ask(PLAIN, rename.clone()).await;
    assert_eq!(body["extensions"]["cost"], json!({ "requested": 10, "available": 15, "restoreRate": 5 }));
    server.ask(PLAIN, rename.clone()).await;
    let response = server.http.post(&server.url).json(&rename).send().await.unwrap();
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    let (status, body) = read(response).await;
    assert_eq!((status, code(&body)), (429, "RATE_LIMITED"));
    assert_eq!(body["errors"][0]["extensions"]["cost"]["available"], 5);
}

#[tokio::test]
async fn only_registered_documents_run_when_that_is_switched_on() {
    let mut trusted = TrustedDocuments::new(true);
    let hash = "001c3174e099bd72b729d0c0a529ba9f5a740c446e2a6e1d71b283cb84ec3065";
    trusted.register("web@1", &json!({ hash: "{ hello }" }).to_string()).unwrap();
    let server = Server::start(Settings::default(), Allowance::default(), trusted).await;
    for known in [
        json!({ "documentId": hash }),
        json!({ "extensions": { "persistedQuery": { "sha256Hash": hash } } }),
        json!({ "query": "{ hello }" }),
    ] {
        let (status, body) = server.ask(STRICT, known).await;
        assert_eq!((status, &body["data"]["hello"]), (200, &json!("hello you")));
    }
    for unknown in [json!({ "query": "{ me }" }), json!({ "documentId": "0" })] {
        let (status, body) = server.ask(STRICT, unknown).await;
        assert_eq!((status, code(&body)), (403, "DOCUMENT_NOT_TRUSTED"));
    }
    let by_get = server.http.get(&server.url).query(&[("documentId", hash)]).send().await.unwrap();
    assert_eq!(by_get.status(), 200);
}

#[tokio::test]
async fn a_browser_gets_graphiql_and_a_program_does_not() {
    let server = Server::plain().await;
    let page = server.http.get(&server.url).header(header::ACCEPT, "text/html,*/*;q=0.8").send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'self'"));
    let page = page.text().await.unwrap();
    assert!(page.contains("GraphiQL") && !page.contains("# </script>"));
}

#[tokio::test]
async fn operations_stream_as_events() {
    let server = Server::plain().await;
    let ask = |query: &str| server.http.post(&server.url).header(header::ACCEPT, "text/event-stream").json(&json!({ "query": query }));
    let count = ask("subscription { count(to: 2) }").send().await.unwrap();
    assert_eq!(count.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(
        count.text().await.unwrap(),
        "event: next\ndata: {\"data\":{\"count\":1}}\n\nevent: next\ndata: {\"data\":{\"count\":2}}\n\nevent: complete\ndata: \n\n"
    );
    let invalid = ask("{ nothing }").send().await.unwrap();
    assert_eq!(invalid.status(), 200);
    let invalid = invalid.text().await.unwrap();
    assert!(invalid.starts_with("event: next\ndata: {\"errors\"") && invalid.ends_with("event: complete\ndata: \n\n"), "{invalid}");
    let get =
        server.http.get(&server.url).header(header::ACCEPT, "text/event-stream").query(&[("query", "{ hello }")]).send().await.unwrap();
    assert!(get.text().await.unwrap().contains("hello you"));
    assert_eq!(ask("{ hello }").bearer_auth("bad").send().await.unwrap().status(), 401);
    let either = server.http.post(&server.url).header(header::ACCEPT, "application/json, text/event-stream");
    let single = either.json(&json!({ "query": "{ hello }" })).send().await.unwrap();
    assert_eq!(single.json::<Value>().await.unwrap()["data"]["hello"], "hello you");
}

/// Installs a folder's npm packages once.
async fn npm(folder: &str, done: &str, command: &[&str]) {
    if !std::path::Path::new(folder).join(done).exists() {
        assert!(tokio::process::Command::new("npm").args(command).current_dir(folder).status().await.unwrap().success());
    }
}

/// Runs a script against the server; its count line is in the output.
async fn node(folder: &str, script: &str, arguments: &[&str]) {
    let mut node = tokio::process::Command::new("node");
    let out = node.arg(script).args(arguments).current_dir(folder).stdout(Stdio::piped()).output().await.unwrap();
    assert!(out.status.success(), "{script}\n{}", String::from_utf8_lossy(&out.stdout));
}

/// The official packages, as `make test` runs them against the whole application.
#[tokio::test]
async fn the_official_packages_are_content() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protocol");
    npm(folder, "node_modules/graphql-http", &["ci"]).await;
    let mut settings = Settings::default();
    settings.connections.init_timeout = kernel::seconds(1);
    let server = Server::start(settings, Allowance::default(), TrustedDocuments::default()).await;
    let documents = json!({
        "query": "{ hello }",
        "invalid": "{ nothing }",
        "mutation": "mutation { rename(name: \"x\") }",
        "subscription": "subscription { count(to: 3) }",
        "endless": "subscription { endless }",
        "token": "ann",
    })
    .to_string();
    for script in ["http-audit.mjs", "ws.mjs", "sse.mjs"] {
        node(folder, script, &[&server.url, &documents]).await;
    }
}

/// GraphiQL works in a browser that reaches nothing but the server.
#[tokio::test]
async fn graphiql_needs_nobody_else() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/graphiql");
    npm(folder, "node_modules/graphiql", &["ci"]).await;
    npm(folder, "dist/index.html", &["run", "build"]).await;
    let server = Server::plain().await;
    node(folder, "check.mjs", &[&server.url]).await;
}
