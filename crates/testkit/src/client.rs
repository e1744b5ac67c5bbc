//! A caller over HTTP.

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap},
};
use serde_json::{Value, json};

use crate::{socket::Socket, sse::Events};

/// Which of the two APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Api {
    /// `/shop/graphql`
    Shop,
    /// `/admin/graphql`
    Admin,
}

impl Api {
    /// Where it answers.
    pub fn path(self) -> &'static str {
        match self {
            Self::Shop => "/shop/graphql",
            Self::Admin => "/admin/graphql",
        }
    }
}

/// Somebody who calls: an address, a token, a language.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    language: &'static str,
}

impl Client {
    /// Somebody nobody knows.
    pub fn anonymous(base: impl Into<String>) -> Self {
        Self { http: http(usize::MAX), base: base.into(), token: None, language: "zh-CN" }
    }

    /// The same caller, with a connection of its own for every request: a server that refuses a body unread closes the
    /// connection, maybe just when the next request would use it.
    #[must_use]
    pub fn unpooled(&self) -> Self {
        Self { http: http(0), ..self.clone() }
    }

    /// The same caller with a token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same caller in another language.
    #[must_use]
    pub fn speaking(&self, language: &'static str) -> Self {
        Self { language, ..self.clone() }
    }

    /// The token, if there is one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Asks one of the APIs.
    pub async fn ask(&self, api: Api, document: &str, variables: Value) -> Answer {
        self.post(api.path(), &json!({ "query": document, "variables": variables })).await
    }

    /// Asks the shoppers' API.
    pub async fn shop(&self, document: &str, variables: Value) -> Answer {
        self.ask(Api::Shop, document, variables).await
    }

    /// Asks the merchants' API.
    pub async fn admin(&self, document: &str, variables: Value) -> Answer {
        self.ask(Api::Admin, document, variables).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [(CONTENT_TYPE, "application/json"), (ACCEPT, "application/graphql-response+json, application/json;q=0.9")];
        self.send(Method::POST, path, &headers, body.to_string().into_bytes()).await
    }

    /// Asks a mall that may die in the middle: nothing when it does.
    pub async fn attempt(&self, api: Api, document: &str, variables: Value) -> Option<Answer> {
        let body = json!({ "query": document, "variables": variables }).to_string().into_bytes();
        self.try_send((Method::POST, api.path()), &[(CONTENT_TYPE, "application/json")], body).await.ok()
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    async fn try_send(
        &self,
        (method, path): (Method, &str),
        headers: &[(reqwest::header::HeaderName, &str)],
        body: Vec<u8>,
    ) -> reqwest::Result<Answer> {
        let request = self.http.request(method, format!("{}{path}", self.base)).header(ACCEPT_LANGUAGE, self.language).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
        let request = self.token.iter().fold(request, |request, token| request.bearer_auth(token));
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        Ok(Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), bytes })
    }

    /// Sends anything at all.
    pub async fn send(&self, method: Method, path: &str, headers: &[(reqwest::header::HeaderName, &str)], body: Vec<u8>) -> Answer {
        self.try_send((method, path), headers, body).await.unwrap_or_else(|error| panic!("{path} does not answer: {error}"))
    }

    /// Sends more than is taken: the connection may close before the answer is read, so it is sent until one arrives.
    pub async fn send_too_much(&self, to: (Method, &str), headers: &[(reqwest::header::HeaderName, &str)], body: Vec<u8>) -> Answer {
        for _ in 0..50 {
            if let Ok(answer) = self.try_send(to.clone(), headers, body.clone()).await {
                return answer;
            }
        }
        panic!("{} never answers", to.1)
    }

    /// Opens a WebSocket, says hello and waits for the acknowledgement.
    pub async fn socket(&self, api: Api) -> Socket {
        let hello = match &self.token {
            Some(token) => json!({ "authorization": format!("Bearer {token}"), "locale": self.language }),
            None => json!({ "locale": self.language }),
        };
        let mut socket = Socket::open(&self.base, api).await;
        socket.say(&json!({ "type": "connection_init", "payload": hello })).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket
    }

    /// Subscribes over a WebSocket of its own.
    pub async fn watch(&self, api: Api, document: &str, variables: Value) -> Watching {
        let mut socket = self.socket(api).await;
        let payload = json!({ "query": document, "variables": variables });
        socket.say(&json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
        Watching { socket }
    }

    /// Subscribes over server-sent events.
    pub async fn events(&self, api: Api, document: &str, variables: Value) -> Events {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = self.http.post(format!("{}{}", self.base, api.path())).header(CONTENT_TYPE, "application/json");
        let request = request.header(ACCEPT, "text/event-stream").header(ACCEPT_LANGUAGE, self.language).body(body);
        let request = self.token.iter().fold(request, |request, token| request.bearer_auth(token));
        Events::new(request.send().await.unwrap_or_else(|error| panic!("{} does not answer: {error}", api.path())))
    }
}

fn http(idle: usize) -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(idle);
    builder.build().expect("a client can be built")
}

/// One subscription on a socket of its own.
pub struct Watching {
    socket: Socket,
}

impl Watching {
    /// The data of the next frame.
    pub async fn next(&mut self) -> Value {
        let heard = self.socket.hear().await;
        assert_eq!(heard["type"], "next", "{heard}");
        assert!(heard["payload"]["errors"].is_null(), "{heard}");
        heard["payload"]["data"].clone()
    }

    /// The next frame whose data satisfies a condition; frames before it are let go, as state conflates.
    pub async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let data = self.next().await;
            if fits(&data) {
                return data;
            }
        }
    }

    /// The code of the error that ends it before its first frame.
    pub async fn refused(&mut self) -> String {
        let heard = self.socket.hear().await;
        let errors = if heard["type"] == "error" { &heard["payload"] } else { &heard["payload"]["errors"] };
        errors[0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("not refused: {heard}")).to_owned()
    }

    /// The socket it runs on.
    pub fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, when it was JSON.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The root field of a query or mutation that went through: no errors, no refusals.
    #[track_caller]
    pub fn ok(&self, field: &str) -> &Value {
        assert!(self.status == StatusCode::OK && self.body["errors"].is_null(), "{field}: {} {}", self.status, self.shown());
        let value = &self.body["data"][field];
        let refusals = value["userErrors"].as_array().map_or(0, Vec::len);
        assert!(refusals == 0, "{field} was refused: {}", self.shown());
        value
    }

    /// The code of the one refusal of a mutation.
    #[track_caller]
    pub fn refused(&self, field: &str) -> &str {
        assert!(self.body["errors"].is_null(), "{field} failed: {} {}", self.status, self.shown());
        let refusals = &self.body["data"][field]["userErrors"];
        refusals[0]["code"].as_str().unwrap_or_else(|| panic!("{field} was not refused: {}", self.shown()))
    }

    /// The code of the first error, or nothing when there is none.
    pub fn error(&self) -> Option<&str> {
        self.body["errors"][0]["extensions"]["code"].as_str()
    }

    /// The message of the first error or refusal.
    pub fn message(&self) -> Option<&str> {
        let refusal =
            self.body["data"].as_object().and_then(|data| data.values().find_map(|value| value["userErrors"][0]["message"].as_str()));
        self.body["errors"][0]["message"].as_str().or(refusal)
    }

    /// The body for a message.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.bytes).chars().take(2_000).collect()
    }
}
