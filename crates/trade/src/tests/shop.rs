//! A mall with two teas, two banks, and as many customers as one likes.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use catalog::{
    inventory::service::{self as inventory, Shelf},
    product::{
        query,
        rules::{Axis, Draft, SkuDraft},
        service as products,
    },
};
use entity::{
    platform::outbox,
    trade::{
        payment as payment_row,
        payment_event::{self, PaymentEventKind},
    },
};
use kernel::{Actor, Currency, CustomerId, Failure, LocalizedText, Money, OrderId, Permission, ProductId, SessionId, SkuId, StaffId};
use platform::{
    Op, Registry,
    ports::Ports,
    testing::TestPlatform,
    worker::{Backlog, Worker, WorkerSettings},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::bank::Bank;
use crate::{
    TradeSettings, ledger,
    order::{
        self,
        rules::{ShippingAddress, Status},
        service::{self as orders, Order, PlaceOrder},
    },
    payment::{
        NotifyRefused,
        gateway::{Gateways, Notification},
        service::{self as payments, PayOrder, Payment},
    },
    quote::{
        PlayPrice, PlayPrices, PlayRef, PlayRefused,
        service::{self as quotes, NewQuote, Quote, WantedLine},
    },
};

/// What one tea costs.
pub(super) const PRICE: i64 = 10_000;

/// How many of each lie there.
pub(super) const STOCK: i64 = 50;

/// A mall with two teas, two banks, and as many customers as one likes.
pub(super) struct Shop {
    pub(super) test: TestPlatform,
    pub(super) bank: Arc<Bank>,
    pub(super) other_bank: Arc<Bank>,
    pub(super) worker: Worker,
    pub(super) product: ProductId,
    pub(super) skus: Vec<SkuId>,
}

/// Everything is ten yuan off in the only play there is.
struct TenOff;

#[async_trait]
impl PlayPrices for TenOff {
    async fn price(&self, _: &Op, _: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>> {
        let off = |line: &WantedLine| PlayPrice { sku: line.sku, unit_price: cny(PRICE - 1_000), code: "GROUP_BUY".into() };
        Ok(lines.iter().map(off).collect())
    }
}

pub(super) fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

pub(super) fn address() -> ShippingAddress {
    ShippingAddress {
        recipient: "王小明".into(),
        phone: "13800138000".into(),
        region: "浙江省杭州市西湖区".into(),
        street: "文三路 1 号".into(),
        region_code: Some("330106".into()),
    }
}

impl Shop {
    pub(super) async fn opens() -> Self {
        Self::opens_with(|_| {}).await
    }

    /// A mall into which something more is plugged.
    pub(super) async fn opens_with(more: impl FnOnce(&mut Ports)) -> Self {
        let (bank, other_bank) = (Arc::new(Bank::new("sandbox")), Arc::new(Bank::new("other")));
        let gateways = Gateways::new().with(Arc::<Bank>::clone(&bank)).with(Arc::<Bank>::clone(&other_bank));
        let test = TestPlatform::open(move |ports| {
            crate::plug(ports, TradeSettings::new("https://mall.example"));
            ports.plug(Arc::new(gateways));
            ports.plug::<dyn PlayPrices>(Arc::new(TenOff));
            more(ports);
        })
        .await;
        let mut registry = Registry::default();
        catalog::register(&mut registry);
        crate::register(&mut registry);
        let worker = Worker::new(Arc::clone(&test.platform), registry, WorkerSettings::default());
        let op = test.platform.system("shop");
        let sku = |code: &str, choice| SkuDraft {
            id: None,
            code: code.to_owned(),
            choices: vec![choice],
            price: cny(PRICE),
            market_price: None,
            weight_grams: 50,
            image: None,
            stock: Some(STOCK),
        };
        let size =
            Axis { name: LocalizedText::new("规格", "Size"), values: ["50 克", "100 克"].map(|v| LocalizedText::new(v, v)).to_vec() };
        let draft = Draft {
            title: LocalizedText::new("龙井", "Longjing"),
            options: vec![size],
            skus: vec![sku("TEA-50", 0), sku("TEA-100", 1)],
            ..Draft::default()
        };
        let product = products::create(&op, draft).await.expect("is made").id;
        products::publish(&op, product).await.expect("is published");
        let skus = query::skus_of(&op, &[product]).await.expect("reads").remove(&product).expect("has SKUs");
        let shop = Self { test, bank, other_bank, worker, product, skus: skus.into_iter().map(|sku| sku.id).collect() };
        shop.settle().await;
        shop
    }

    pub(super) fn op(&self) -> Op {
        self.test.platform.system("test")
    }

    /// The operation of customer `n`.
    pub(super) fn by(&self, n: u128) -> Op {
        let id = CustomerId(Uuid::from_u128(n));
        Op { actor: Actor::Customer { id, session: SessionId(Uuid::from_u128(n)) }, ..self.op() }
    }

    /// The operation of a member of staff who may do everything.
    pub(super) fn staff(&self) -> Op {
        self.staff_with(Permission::ALL.into_iter().collect())
    }

    /// The operation of a member of staff who may do this and nothing else.
    pub(super) fn staff_who_may(&self, permission: Permission) -> Op {
        self.staff_with(BTreeSet::from([permission]))
    }

    fn staff_with(&self, permissions: BTreeSet<Permission>) -> Op {
        Op { actor: Actor::Staff { id: StaffId(Uuid::from_u128(1)), session: SessionId(Uuid::from_u128(1)), permissions }, ..self.op() }
    }

    pub(super) async fn settle(&self) {
        self.worker.settle().await.expect("settles");
    }

    pub(super) async fn advance(&self, by: std::time::Duration) {
        self.test.clock.advance(by);
        self.settle().await;
    }

    pub(super) async fn quotes(&self, by: &Op, quantity: i64) -> Quote {
        let lines = vec![WantedLine { sku: self.skus[0], quantity }];
        quotes::create(by, NewQuote { lines, ..Default::default() }).await.expect("is promised")
    }

    /// An order of this many of the first tea, not paid yet.
    pub(super) async fn orders(&self, by: &Op, quantity: i64) -> Order {
        let quote = self.quotes(by, quantity).await;
        orders::place_own(by, purchase(&quote), &format!("place-{}", quote.id)).await.expect("is placed")
    }

    /// An order that waits for its play once it is paid.
    pub(super) async fn orders_held(&self, by: &Op) -> Order {
        let quote = self.quotes(by, 1).await;
        let origin = order::rules::Origin { kind: "group_buy".into(), id: "seat".into() };
        let prepared = orders::prepare(by, PlaceOrder { hold: true, ..purchase(&quote) }).await.expect("holds").with_origin(origin);
        let mut tx = by.begin().await.expect("begins");
        let order = orders::place(&mut tx, by, prepared).await.expect("is placed");
        tx.commit().await.expect("commits");
        order
    }

    /// The attempt at the first bank.
    pub(super) async fn begins_to_pay(&self, by: &Op, order: OrderId) -> Payment {
        payments::pay(by, at("sandbox", order), &format!("pay-{order}")).await.expect("begins")
    }

    /// Pays an order and lets the bank report it.
    pub(super) async fn pays(&self, by: &Op, order: OrderId) -> Payment {
        let payment = self.begins_to_pay(by, order).await;
        self.bank.takes(&payment.payment_no);
        self.hears(&self.bank.report(&payment.payment_no)).await.expect("is believed");
        payment
    }

    /// The bank reports.
    pub(super) async fn hears(&self, report: &Notification) -> Result<(), Failure<NotifyRefused>> {
        let code = report.event_id.split('-').next().expect("names its bank");
        let headers = [("signature".to_owned(), code.to_owned())];
        payments::notified(&self.op(), code, (&headers, &serde_json::to_vec(report).expect("plain data"))).await
    }

    pub(super) async fn order(&self, id: OrderId) -> Order {
        orders::get(&self.op(), id).await.expect("reads").expect("is there")
    }

    pub(super) async fn status(&self, id: OrderId) -> Status {
        self.order(id).await.status
    }

    pub(super) async fn shelf(&self) -> Shelf {
        inventory::shelves(&self.op(), &[self.skus[0]]).await.expect("reads")[&self.skus[0]]
    }

    /// How often a fact was told.
    pub(super) async fn told(&self, name: &str) -> u64 {
        outbox::Entity::find().filter(outbox::Column::Name.eq(name)).count(self.op().reader()).await.expect("counts")
    }

    /// Nothing is left undone, nothing failed; the payments are the sums of their events, the ledger proves itself, and
    /// its clearing accounts say what the banks hold.
    pub(super) async fn adds_up(&self) {
        self.settle().await;
        let backlog = platform::worker::backlog(&self.test.platform).await.expect("counts");
        assert_eq!(backlog, Backlog::default());
        let op = self.op();
        let rows = payment_row::Entity::find().all(op.reader()).await.expect("reads");
        let events = payment_event::Entity::find().all(op.reader()).await.expect("reads");
        for row in rows {
            let sum = |kind: PaymentEventKind| -> i64 {
                events.iter().filter(|event| event.payment_id == row.id && event.kind == kind).map(|event| event.amount_minor).sum()
            };
            assert_eq!(sum(PaymentEventKind::ChargeSucceeded), row.charged_minor, "{}", row.payment_no);
            assert_eq!(sum(PaymentEventKind::RefundSucceeded), row.refunded_minor, "{}", row.payment_no);
        }
        let report = ledger::service::verify(&op, |_| {}).await.expect("walks");
        assert_eq!(report.breaks, []);
        let balances = ledger::service::balances(&op).await.expect("sums");
        let clearing: i64 = balances.iter().filter(|b| b.account.starts_with("gateway_clearing")).map(|b| b.amount.minor).sum();
        assert_eq!(clearing, self.bank.balance() + self.other_bank.balance());
    }
}

/// A purchase at a promised price.
pub(super) fn purchase(quote: &Quote) -> PlaceOrder {
    PlaceOrder::new(quote.id, quote.total, address())
}

pub(super) fn at(gateway: &str, order: OrderId) -> PayOrder {
    PayOrder::new(order, gateway)
}

/// The refusal of a command that must be refused.
pub(super) fn refusal<T: std::fmt::Debug, R: kernel::Refusal>(result: Result<T, Failure<R>>) -> &'static str {
    match result {
        Err(Failure::Refused(refused)) => refused.code(),
        other => panic!("not refused: {other:?}"),
    }
}
