//! A small mall with real orders, stock, a bank and a flash sale.

use std::{collections::BTreeMap, sync::Arc};

use catalog::inventory::service::Shelf;
use entity::campaign::{flash_sale_item as item, flash_sale_purchase as purchase};
use kernel::{Currency, CustomerId, FlashSaleId, LocalizedText, Money, OrderId, SkuId, hours, minutes};
use platform::{
    Op, Platform, Registry,
    ports::Ports,
    testing::TestPlatform,
    worker::{Backlog, Worker, WorkerSettings},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use trade::{
    TradeSettings,
    order::rules::Status,
    payment::{
        gateway::Gateways,
        service::{self as payments, PayOrder},
    },
    quote::PlayPrices,
};

use crate::{
    demo::{address, shopper},
    flash_sale::{
        desk::{Desk, Outcome},
        passes::{self, NewPass, Pass},
        query,
        rules::{
            counter::Answer,
            sale::{Item, Step, Terms, Window},
        },
        sales::{self, Draft},
        store::Sale,
    },
    group_buy::tests::bank::Bank,
};

/// The mall, its bank, its hands, one sale on one SKU that begins in an hour and lasts one, and its customers.
#[derive(Clone)]
pub(super) struct Shop {
    pub(super) test: Arc<TestPlatform>,
    pub(super) bank: Arc<Bank>,
    pub(super) sale: FlashSaleId,
    pub(super) sku: SkuId,
    pub(super) customers: Vec<CustomerId>,
    worker: Arc<Worker>,
}

/// What a process of the mall is plugged with.
pub(super) fn plugs(bank: Arc<Bank>) -> impl FnOnce(&mut Ports) {
    move |ports| {
        identity::plug(ports, identity::IdentitySettings::default());
        trade::plug(ports, TradeSettings::new("https://mall.example"));
        ports.plug(Arc::new(Gateways::new().with(bank)));
        ports.plug::<dyn PlayPrices>(Arc::new(crate::play_prices()));
        crate::plug(ports);
    }
}

/// So many of a tea of 79.00 for 9.90, one for each.
pub(crate) fn terms(sku: SkuId, stock: i64) -> Terms {
    Terms { currency: Currency::Cny, items: vec![Item { sku, minor: 990, stock }], most_per_order: 1, most_per_customer: 1, pay_minutes: 5 }
}

impl Shop {
    /// A mall whose sale has so many pieces and other terms than [`terms`]; it runs.
    pub(super) async fn sells(stock: i64, change: impl FnOnce(&mut Terms)) -> Self {
        let shop = Self::announces(stock, change).await;
        shop.advance(hours(1)).await;
        shop
    }

    /// The same, an hour before it begins.
    pub(super) async fn announces(stock: i64, change: impl FnOnce(&mut Terms)) -> Self {
        let bank = Arc::new(Bank::default());
        let test = Arc::new(TestPlatform::open(plugs(Arc::clone(&bank))).await);
        let mut registry = Registry::default();
        catalog::register(&mut registry);
        trade::register(&mut registry);
        crate::register(&mut registry);
        let worker = Arc::new(Worker::new(Arc::clone(&test.platform), registry, WorkerSettings::default()));
        let op = test.platform.system("shop");
        let (sku, customers) = (stocked(&op, std::cmp::max(stock - 100, 0)).await, people(&op).await);
        let mut terms = terms(sku, stock);
        change(&mut terms);
        let sale = sales::create(&op, draft(&op, terms)).await.expect("is written");
        sales::step(&op, sale, Step::Publish).await.expect("is published");
        let shop = Self { test, bank, sale, sku, customers, worker };
        shop.settle().await;
        shop
    }

    pub(super) fn op(&self) -> Op {
        self.test.platform.system("shop")
    }

    /// The operation of customer `n`.
    pub(super) fn by(&self, n: usize) -> Op {
        shopper(&self.op(), self.customers[n])
    }

    /// The operation of customer `n` in another process.
    pub(super) fn by_at(&self, platform: &Arc<Platform>, n: usize) -> Op {
        shopper(&platform.system("shop"), self.customers[n])
    }

    pub(super) async fn settle(&self) {
        self.worker.settle().await.expect("settles");
    }

    pub(super) async fn backlog(&self) -> Backlog {
        platform::worker::backlog(&self.test.platform).await.expect("counts")
    }

    pub(super) async fn advance(&self, by: std::time::Duration) {
        self.test.clock.advance(by);
        self.settle().await;
    }

    /// What customer `n` would say to prepare `quantity`.
    pub(super) fn wish(&self, quantity: i64) -> NewPass {
        NewPass { flash_sale: self.sale, sku: self.sku, quantity, delivery: address().into(), note: None, confirms_exceptions: false }
    }

    /// Customer `n` prepares one piece.
    pub(super) async fn prepares(&self, n: usize) -> Arc<Pass> {
        self.prepares_some(n, 1, "once").await
    }

    /// Customer `n` prepares some, with a key of its own for each purchase.
    pub(super) async fn prepares_some(&self, n: usize, quantity: i64, key: &str) -> Arc<Pass> {
        Arc::new(passes::prepare(&self.by(n), self.wish(quantity), &format!("prepare-{key}")).await.expect("is prepared"))
    }

    /// Customer `n` shows a pass.
    pub(super) async fn shows(&self, n: usize, pass: &Pass) -> Answer {
        shows(&self.by(n), pass).await
    }

    /// Customer `n` prepares and buys one piece.
    pub(super) async fn buys(&self, n: usize) -> OrderId {
        let pass = self.prepares_some(n, 1, &format!("{n}-{}", self.op().now().0)).await;
        assert_eq!(self.shows(n, &pass).await, Answer::Accepted);
        pass.order
    }

    /// Customer `n` pays an order at the bank, which reports it; everything that follows happens.
    pub(super) async fn pays(&self, n: usize, order: OrderId) {
        let wanted = PayOrder::new(order, "sandbox");
        let payment = payments::pay(&self.by(n), wanted, &format!("pay-{order}")).await.expect("the bank takes the charge");
        let report = self.bank.takes(&payment.payment_no, self.op().now());
        payments::notified(&self.op(), "sandbox", (&[], &report)).await.expect("the report is believed");
        self.settle().await;
    }

    pub(super) async fn status(&self, order: OrderId) -> Option<Status> {
        trade::order::service::get(&self.op(), order).await.expect("reads").map(|order| order.status)
    }

    pub(super) async fn sale(&self) -> Sale {
        query::sale(&self.op(), self.sale).await.expect("reads").expect("is there")
    }

    pub(super) async fn item(&self) -> item::Model {
        self.sale().await.items.remove(0)
    }

    /// Left, reserved, sold, returned.
    pub(super) async fn counts(&self) -> (i64, i64, i64, i64) {
        let item = self.item().await;
        (item.available, item.reserved, item.sold, item.returned)
    }

    pub(super) async fn shelf(&self) -> Shelf {
        let mut shelves = catalog::inventory::service::shelves(&self.op(), &[self.sku]).await.expect("reads");
        shelves.remove(&self.sku).expect("is there")
    }

    /// Reserved and sold pieces, counted from the purchases.
    async fn recount(&self) -> BTreeMap<SkuId, (i64, i64)> {
        let bought = purchase::Column::FlashSale.eq(self.sale);
        let rows = purchase::Entity::find().filter(bought).all(self.op().reader()).await.expect("reads");
        let mut of: BTreeMap<SkuId, (i64, i64)> = BTreeMap::new();
        for row in rows {
            let (reserved, sold) = of.entry(row.sku).or_default();
            match row.state {
                purchase::FlashSalePurchaseState::Reserved => *reserved += row.quantity,
                purchase::FlashSalePurchaseState::Sold => *sold += row.quantity,
                purchase::FlashSalePurchaseState::Returned => {}
            }
        }
        of
    }

    /// The counters say what the purchases say, every purchase has its order, and the stock is whole.
    pub(super) async fn is_sound(&self) {
        let sale = self.sale().await;
        let counted = self.recount().await;
        for item in &sale.items {
            assert_eq!(item.available + item.reserved + item.sold + item.returned, item.stock);
            let told = counted.get(&item.sku).copied().unwrap_or_default();
            assert_eq!((item.reserved, item.sold), told, "{item:?}");
        }
        let everybody = kernel::PageRequest { first: 100, after: None };
        for (_, purchase) in query::purchases(&self.op(), self.sale, everybody).await.expect("reads").rows {
            assert!(self.status(purchase.order_id).await.is_some(), "{purchase:?} has no order");
        }
    }
}

/// Somebody shows a pass in some process.
pub(super) async fn shows(op: &Op, pass: &Pass) -> Answer {
    let desk = op.port::<Desk>().expect("is plugged");
    match desk.buy(op, pass.id).await.expect("is looked at").1 {
        Outcome::Answered(answer) => answer,
        Outcome::Queued(before) => panic!("stands in line behind {before}"),
    }
}

pub(crate) fn draft(op: &Op, terms: Terms) -> Draft {
    let window = Window { starts_at: op.now() + hours(1), ends_at: op.now() + hours(2) };
    Draft { title: LocalizedText::new("整点秒杀", "On the hour"), window, terms }
}

/// A tea of 79.00, a hundred in stock, or what its sale needs.
async fn stocked(op: &Op, more: i64) -> SkuId {
    use catalog::product::rules::{Draft, SkuDraft};
    let sku = SkuDraft {
        id: None,
        code: "TEA".to_owned(),
        choices: vec![],
        price: Money::new(7_900, Currency::Cny),
        market_price: None,
        weight_grams: 100,
        image: None,
        stock: Some(100 + more),
    };
    let draft = Draft { title: LocalizedText::new("龙井", "Longjing"), skus: vec![sku], ..Draft::default() };
    let made = catalog::product::service::create(op, draft).await.expect("is made");
    catalog::product::service::publish(op, made.id).await.expect("is published");
    let mut skus = catalog::product::query::skus_of(op, &[made.id]).await.expect("reads");
    skus.remove(&made.id).expect("is there")[0].id
}

async fn people(op: &Op) -> Vec<CustomerId> {
    use identity::customer::demo::{DemoCustomer, ensure_all};
    let person = |n: usize| DemoCustomer {
        handle: format!("buyer-{n}"),
        nickname: format!("Buyer {n}"),
        avatar_url: None,
        phone: None,
        registered_at: op.now(),
    };
    ensure_all(op, (0..40).map(person).collect()).await.expect("are made")
}

/// A little longer than an unpaid order waits.
pub(super) fn unpaid() -> std::time::Duration {
    minutes(6)
}
