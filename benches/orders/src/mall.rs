//! A mall with one SKU everybody wants, and a bank that answers at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bench_kit::say;
use catalog::product::{
    query,
    rules::{Draft, SkuDraft},
    service as products,
};
use kernel::{Actor, Currency, CustomerId, LocalizedText, Money, SessionId, SkuId};
use platform::{
    Op, Platform, Registry, Settings, StorageSettings,
    clock::SystemClock,
    crypto::Crypto,
    worker::{Worker, WorkerSettings},
};
use trade::{
    TradeSettings,
    order::{
        rules::ShippingAddress,
        service::{self as orders, PlaceOrder},
    },
    payment::{
        gateway::{
            ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, Gateways, NewCharge, NewRefund, Notification, NotificationKind,
            NotificationRefused, PayAction, RefundRef, RefundState,
        },
        service::{self as payments, PayOrder},
    },
    quote::service::{self as quotes, NewQuote, WantedLine},
};
use uuid::Uuid;

use crate::at;

/// How many transactions a purchase has: quote, order, payment begun, payment opened, report.
pub const TRANSACTIONS: usize = 5;

/// How many shoppers there are for every client.
const SHOPPERS: u64 = 64;

/// A bank in this process: it answers at once, and its reports are what the caller wrote.
struct AtOnce;

#[async_trait]
impl Gateway for AtOnce {
    fn code(&self) -> &'static str {
        "sandbox"
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        let action = PayAction::Redirect("https://bank.example/".to_owned());
        Ok(ChargeCreated { provider_charge_id: charge.charge_no, action })
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        Ok(ChargeState::Pending { provider_charge_id: charge.charge_no.clone() })
    }

    async fn close(&self, _: &ChargeRef) -> Result<ChargeState, GatewayError> {
        Ok(ChargeState::Closed)
    }

    async fn refund(&self, _: NewRefund) -> Result<RefundState, GatewayError> {
        Err(GatewayError::Unavailable("nothing is given back here".to_owned()))
    }

    async fn query_refund(&self, _: &RefundRef) -> Result<RefundState, GatewayError> {
        Ok(RefundState::Absent)
    }

    async fn verify_notification(&self, _: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        serde_json::from_slice(body).map_err(|error| NotificationRefused::Malformed(error.to_string()))
    }
}

/// How long the steps of one purchase took.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    quote: Duration,
    place: Duration,
    pay: Duration,
    report: Duration,
}

/// How long the steps of all purchases took.
#[derive(Default)]
pub struct Steps(Vec<Step>);

impl Steps {
    /// One more.
    pub fn add(&mut self, step: Step) {
        self.0.push(step);
    }

    /// Says the middle and the slowest hundredth of each.
    pub fn say(&self) {
        let shown = |name: &str, of: fn(&Step) -> Duration| {
            let mut all: Vec<Duration> = self.0.iter().map(of).collect();
            all.sort();
            format!("{name} {:.2}/{:.2}", at(&all, 50), at(&all, 99))
        };
        let all = [shown("quote", |s| s.quote), shown("place", |s| s.place), shown("pay", |s| s.pay), shown("report", |s| s.report)];
        say(&format!("  steps, p50/p99 in ms: {}", all.join(", ")));
    }
}

/// The mall.
pub struct Mall {
    /// What it runs on.
    pub platform: Arc<Platform>,
    worker: Worker,
    sku: SkuId,
    purchases: AtomicU64,
}

impl Mall {
    /// Opens one on an empty database.
    pub async fn opens(database_url: &str) -> Self {
        let settings = Settings {
            database_url: database_url.to_owned(),
            database_connections: 32,
            redis_url: None,
            redis_prefix: "bench".to_owned(),
            secret_keys: Crypto::generate("bench"),
            storage: StorageSettings::Memory,
            clock: Arc::new(SystemClock),
        };
        let gateways = Gateways::new().with(Arc::new(AtOnce));
        let plug = |ports: &mut platform::ports::Ports| {
            trade::plug(ports, TradeSettings::new("https://mall.example"));
            ports.plug(Arc::new(gateways));
        };
        let platform = Platform::open(settings, plug).await.expect("an empty database opens");
        let mut registry = Registry::default();
        catalog::register(&mut registry);
        trade::register(&mut registry);
        let worker = Worker::new(Arc::clone(&platform), registry, WorkerSettings::default());
        let op = platform.system("bench");
        let sku = SkuDraft {
            id: None,
            code: "BENCH".to_owned(),
            choices: vec![],
            price: Money::new(9_900, Currency::Cny),
            market_price: None,
            weight_grams: 100,
            image: None,
            stock: Some(100_000_000),
        };
        let draft = Draft { title: LocalizedText::new("茶", "Tea"), skus: vec![sku], ..Draft::default() };
        let product = products::create(&op, draft).await.expect("is made").id;
        products::publish(&op, product).await.expect("is published");
        let skus = query::skus_of(&op, &[product]).await.expect("reads").remove(&product).expect("has a SKU");
        Self { platform, worker, sku: skus[0].id, purchases: AtomicU64::new(0) }
    }

    fn shopper(&self, n: u64) -> Op {
        let id = Uuid::from_u128(u128::from(n) + 1);
        Op { actor: Actor::Customer { id: CustomerId(id), session: SessionId(id) }, ..self.platform.system("bench") }
    }

    /// Somebody buys and pays one.
    pub async fn buys(&self, client: usize) -> Step {
        let number = self.purchases.fetch_add(1, Ordering::Relaxed);
        let by = self.shopper(client as u64 * SHOPPERS + number % SHOPPERS);
        let began = Instant::now();
        let wanted = NewQuote { lines: vec![WantedLine { sku: self.sku, quantity: 1 }], ..NewQuote::default() };
        let quote = quotes::create(&by, wanted).await.expect("is promised");
        let quoted = Instant::now();
        let address = ShippingAddress {
            recipient: "王小明".to_owned(),
            phone: "13800138000".to_owned(),
            region: "浙江省杭州市西湖区".to_owned(),
            street: "文三路 1 号".to_owned(),
            region_code: Some("330106".to_owned()),
        };
        let order = PlaceOrder::new(quote.id, quote.total, address);
        let order = orders::place_own(&by, order, &format!("place-{number:08}")).await.expect("is placed");
        let placed = Instant::now();
        let payment = payments::pay(&by, PayOrder::new(order.id, "sandbox"), &format!("pay-{number:08}")).await.expect("begins");
        let paying = Instant::now();
        let report = Notification {
            event_id: format!("event-{number:08}"),
            kind: NotificationKind::ChargeSucceeded,
            charge_no: payment.payment_no.clone(),
            refund_no: None,
            provider_id: payment.payment_no.clone(),
            amount: payment.amount,
            merchant: "mall".to_owned(),
            happened_at: by.now(),
            reason: None,
            raw: "{}".to_owned(),
        };
        let body = serde_json::to_vec(&report).expect("plain data");
        payments::notified(&self.platform.system("bank"), "sandbox", (&[], &body)).await.expect("is believed");
        Step { quote: quoted - began, place: placed - quoted, pay: paying - placed, report: paying.elapsed() }
    }

    /// What follows the purchases so far: the relay and the jobs.
    pub async fn follows(&self) {
        self.worker.settle().await.expect("is done");
    }

    /// How many statements were sent so far.
    pub fn statements(&self) -> u64 {
        self.platform.db.statements()
    }

    /// Closes it.
    pub async fn closes(&self) {
        self.platform.db.clone().close().await.expect("the connections close");
    }
}
