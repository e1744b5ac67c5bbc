//! A bank on a port of its own, a merchant who calls it, and a shop that listens.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use kernel::{Clock, Timestamp};
use reqwest::{Method, RequestBuilder};
use sandbox::{
    Bank, BankConfig, CallbackPolicy, MerchantCredentials,
    protocol::{self, CallbackEvent, SigningKey, VerifyingKey},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// When every test begins.
pub const START: Timestamp = Timestamp(1_762_819_200_000);

/// A clock a test moves.
#[derive(Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START.0)))
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Serves a router on a free port; answers its address.
pub async fn serve(listener: TcpListener, router: Router) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
}

pub async fn free_port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// One thing the bank told the shop.
#[derive(Clone, Debug)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Heard {
    pub fn event(&self) -> CallbackEvent {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// True when one of these keys signed it.
    pub fn genuine(&self, keys: &[(String, String)]) -> bool {
        let Some((_, key)) = keys.iter().find(|(serial, _)| serial == self.header(protocol::SERIAL)) else { return false };
        let message = protocol::answer_message(self.header(protocol::TIMESTAMP).parse().unwrap(), self.header(protocol::NONCE), &self.body);
        VerifyingKey::from_base64(key).unwrap().verify(&message, self.header(protocol::SIGNATURE))
    }
}

/// A shop that writes down what it hears and answers what it is told to.
#[derive(Clone, Default)]
pub struct Shop {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Shop {
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The next callbacks are answered so; then with 204.
    pub fn answer_next(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers.lock().unwrap().extend(statuses);
    }

    async fn listen(State(shop): State<Self>, headers: HeaderMap, body: Bytes) -> StatusCode {
        shop.heard.lock().unwrap().push(Heard { headers, body: body.to_vec() });
        let status = shop.answers.lock().unwrap().pop_front().unwrap_or(204);
        StatusCode::from_u16(status).unwrap()
    }
}

pub const PATIENCE: CallbackPolicy = CallbackPolicy {
    attempts: 6,
    first_pause: Duration::from_millis(5),
    longest_pause: Duration::from_millis(20),
    timeout: Duration::from_secs(2),
};

/// Bank, merchant and shop.
pub struct World {
    pub clock: Hand,
    pub bank: Bank,
    pub url: String,
    pub config: BankConfig,
    pub credentials: MerchantCredentials,
    pub shop: Shop,
    pub shop_url: String,
    pub http: reqwest::Client,
    server: tokio::task::JoinHandle<()>,
}

impl World {
    pub async fn new() -> Self {
        Self::with_journal(None).await
    }

    pub async fn with_journal(journal: Option<PathBuf>) -> Self {
        let (listener, origin) = free_port().await;
        let (mut config, credentials) = BankConfig::fresh(format!("{origin}/sandbox"), "m1");
        (config.journal, config.callbacks) = (journal, PATIENCE);
        let clock = Hand::new();
        let bank = Bank::open(config.clone(), Arc::new(clock.clone())).unwrap();
        // Mounted below a prefix, as in the demo.
        let server = serve(listener, Router::new().nest("/sandbox", sandbox::router(bank.clone()))).await;
        let (listener, shop_url) = free_port().await;
        let shop = Shop::default();
        serve(listener, Router::new().route("/notify", post(Shop::listen)).with_state(shop.clone())).await;
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { clock, bank, url: config.public_url.clone(), config, credentials, shop, shop_url, http, server }
    }

    /// The bank is gone, as by a kill: nothing more is written or sent by it.
    pub async fn kill_bank(self) -> (BankConfig, Hand) {
        self.server.abort();
        let _ = self.server.await;
        (self.config, self.clock)
    }

    pub fn charge(&self, no: &str, minor: i64) -> Value {
        json!({
            "merchant_charge_no": no,
            "amount": { "minor": minor, "currency": "CNY" },
            "description": "三罐茶 <three tins>",
            "notify_url": format!("{}/notify", self.shop_url),
            "return_url": format!("{}/orders?a=1&b=2", self.shop_url),
            "expires_at": (START + kernel::minutes(30)).to_rfc3339(),
        })
    }

    pub fn refund(&self, no: &str, charge_no: &str, minor: i64) -> Value {
        json!({ "merchant_refund_no": no, "merchant_charge_no": charge_no, "amount": { "minor": minor, "currency": "CNY" }, "reason": "未成团" })
    }

    /// A properly signed request.
    pub fn request(&self, method: Method, path: &str, body: &str) -> RequestBuilder {
        let key = SigningKey::from_pkcs8_base64(&self.credentials.merchant_key).unwrap();
        let (at, nonce) = (protocol::header_seconds(self.clock.now()), protocol::nonce());
        let message = protocol::request_message(method.as_str(), &format!("/sandbox{path}"), at, &nonce, body.as_bytes());
        self.http
            .request(method, format!("{}{path}", self.url))
            .header("Content-Type", "application/json")
            .header(protocol::MERCHANT, &self.credentials.merchant_id)
            .header(protocol::TIMESTAMP, at)
            .header(protocol::NONCE, nonce)
            .header(protocol::SIGNATURE, key.sign(&message))
            .body(body.to_owned())
    }

    /// Sends it; the status and the JSON of an answer the bank signed.
    pub async fn send(&self, request: RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let heard = Heard { headers, body: answer.bytes().await.unwrap().to_vec() };
        assert!(heard.genuine(&self.credentials.bank_public_keys), "every answer is signed");
        (status, serde_json::from_slice(&heard.body).unwrap())
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.send(self.request(Method::GET, path, "")).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(self.request(Method::POST, path, &body.to_string())).await
    }

    /// A charge of `minor` fen the shopper has paid, the shop has heard of.
    pub async fn paid(&self, no: &str, minor: i64) {
        assert_eq!(self.post("/v1/charges", &self.charge(no, minor)).await.0, 200);
        self.bank.pay(no).unwrap();
        self.bank.settled().await;
    }
}
