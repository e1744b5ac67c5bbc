//! A small mall with real orders, stock, a bank and a running bargain.

use std::sync::Arc;

use entity::campaign::{bargain_cut as cut_table, bargain_record as record};
use kernel::{BargainId, BargainRecordId, CustomerId, Failure, LocalizedText, OrderId, SkuId, days};
use platform::{
    Op, Registry,
    testing::TestPlatform,
    worker::{Backlog, Worker, WorkerSettings},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use trade::{
    TradeSettings,
    order::{
        rules::{CancelReason, Status},
        service::CancelOrder,
    },
    payment::{
        gateway::Gateways,
        service::{self as payments, PayOrder},
    },
    quote::{PlayPrices, PlayRef, service as quotes},
};

use crate::{
    bargain::{
        KIND,
        campaigns::{self, Draft},
        error::PlayRefused,
        proof::{self, Verdict},
        query,
        rules::{
            campaign::{Step, Window},
            terms::{Terms, tests::terms},
        },
        service::{self, BuyBargain, HelpBargain, Helped, StartBargain},
        store,
    },
    demo::{address, shopper},
    group_buy::tests::{
        bank::Bank,
        shop::{people_of, stocked},
    },
};

/// The mall, its bank, its hands, one running campaign on one SKU, and its customers.
pub(super) struct Shop {
    pub(super) test: TestPlatform,
    pub(super) bank: Arc<Bank>,
    pub(super) campaign: BargainId,
    pub(super) sku: SkuId,
    pub(super) customers: Vec<CustomerId>,
    worker: Worker,
}

impl Shop {
    pub(super) async fn opens() -> Self {
        Self::opens_with(|_| {}).await
    }

    /// A mall whose campaign has other terms than [`terms`].
    pub(super) async fn opens_with(change: impl FnOnce(&mut Terms)) -> Self {
        let bank = Arc::new(Bank::default());
        let gateway = Arc::clone(&bank);
        let test = TestPlatform::open(move |ports| {
            identity::plug(ports, identity::IdentitySettings::default());
            trade::plug(ports, TradeSettings::new("https://mall.example"));
            ports.plug(Arc::new(Gateways::new().with(gateway)));
            ports.plug::<dyn PlayPrices>(Arc::new(crate::play_prices()));
        })
        .await;
        let mut registry = Registry::default();
        catalog::register(&mut registry);
        trade::register(&mut registry);
        crate::register(&mut registry);
        let worker = Worker::new(Arc::clone(&test.platform), registry, WorkerSettings::default());
        let op = test.platform.system("shop");
        let (sku, customers) = (stocked(&op).await, people_of(&op, 64).await);
        let mut terms = terms(sku);
        change(&mut terms);
        let campaign = campaigns::create(&op, draft(&op, terms).await).await.expect("is written");
        campaigns::step(&op, campaign, Step::Publish).await.expect("is published");
        let shop = Self { test, bank, campaign, sku, customers, worker };
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

    /// Everything that is due is done.
    pub(super) async fn settle(&self) {
        self.worker.settle().await.expect("settles");
    }

    pub(super) async fn backlog(&self) -> Backlog {
        platform::worker::backlog(&self.test.platform).await.expect("counts")
    }

    /// Moves the clock and lets everything happen that is due.
    pub(super) async fn advance(&self, by: std::time::Duration) {
        self.test.clock.advance(by);
        self.settle().await;
    }

    /// What customer `n` says to begin.
    pub(super) fn start_of(&self, n: usize) -> StartBargain {
        let idempotency_key = format!("start-{n}-{}", self.op().platform.uuid().simple());
        StartBargain { bargain: self.campaign, sku: self.sku, idempotency_key }
    }

    /// Customer `n` begins.
    pub(super) async fn starts(&self, n: usize) -> BargainRecordId {
        service::start(&self.by(n), self.start_of(n)).await.expect("begins")
    }

    /// Customer `n` helps.
    pub(super) async fn helps(&self, n: usize, record: BargainRecordId) -> Result<Helped, PlayRefused> {
        said(service::help(&self.by(n), HelpBargain { record, salt: String::new() }).await)
    }

    /// Customers `from` and so many after them help.
    pub(super) async fn many_help(&self, (from, many): (usize, usize), record: BargainRecordId) {
        for n in from..from + many {
            self.helps(n, record).await.expect("may cut");
        }
    }

    /// What customer `n` says to buy a record at its price.
    pub(super) async fn purchase(&self, n: usize, record: BargainRecordId) -> Result<BuyBargain, &'static str> {
        use kernel::Refusal;
        let play = PlayRef { kind: KIND.to_owned(), id: record.to_string(), team: None, team_size: None };
        let lines = vec![quotes::WantedLine { sku: self.sku, quantity: 1 }];
        match quotes::create(&self.by(n), quotes::NewQuote { lines, play: Some(play), ..Default::default() }).await {
            Ok(quote) => Ok(BuyBargain {
                record,
                quote: quote.id,
                expected_total: quote.total,
                address: address(),
                confirms_exceptions: false,
                idempotency_key: format!("buy-{}", quote.id),
            }),
            Err(Failure::Refused(refused)) => Err(refused.code()),
            Err(Failure::Fault(fault)) => panic!("{fault}"),
        }
    }

    /// Customer `n` orders a record at its price.
    pub(super) async fn buys(&self, n: usize, record: BargainRecordId) -> OrderId {
        let wanted = self.purchase(n, record).await.expect("has a price");
        service::buy(&self.by(n), wanted).await.expect("is ordered")
    }

    /// Customer `n` pays an order at the bank, which reports it; everything that follows happens.
    pub(super) async fn pays(&self, n: usize, order: OrderId) {
        let wanted = PayOrder::new(order, "sandbox");
        let payment = payments::pay(&self.by(n), wanted, &format!("pay-{order}")).await.expect("the bank takes the charge");
        let report = self.bank.takes(&payment.payment_no, self.op().now());
        payments::notified(&self.op(), "sandbox", (&[], &report)).await.expect("the report is believed");
        self.settle().await;
    }

    /// Customer `n` cancels an order.
    pub(super) async fn cancels(&self, n: usize, order: OrderId) {
        let cancel = CancelOrder { order, reason: CancelReason::Shopper };
        trade::order::service::cancel(&self.by(n), cancel).await.expect("is cancelled");
        self.settle().await;
    }

    pub(super) async fn record(&self, id: BargainRecordId) -> record::Model {
        query::record(&self.op(), id).await.expect("reads").expect("is there")
    }

    pub(super) async fn cuts(&self, id: BargainRecordId) -> Vec<cut_table::Model> {
        let of = cut_table::Entity::find().filter(cut_table::Column::Record.eq(id)).order_by_asc(cut_table::Column::No);
        of.all(self.op().reader()).await.expect("reads")
    }

    pub(super) async fn status(&self, order: OrderId) -> Status {
        trade::order::service::get(&self.op(), order).await.expect("reads").expect("is there").status
    }

    /// What must hold of a record at any moment, whoever did what.
    pub(super) async fn is_sound(&self, id: BargainRecordId) {
        let (row, cuts) = (self.record(id).await, self.cuts(id).await);
        let known = store::aggregate(&row).expect("is sound");
        assert_eq!(row.price_minor, row.first_minor - cuts.iter().map(|cut| cut.amount_minor).sum::<i64>(), "first minus the cuts");
        assert_eq!(row.cuts_made, cuts.len() as i64, "all counted");
        assert!(row.price_minor >= row.floor_minor);
        assert_eq!(row.price_minor == row.floor_minor, row.cuts_made == row.cuts, "exactly N cuts reach the floor");
        assert_eq!(known.remaining().minor, row.price_minor - row.floor_minor);
        let proof = query::proof(&self.op(), id).await.expect("reads").expect("is there");
        assert_eq!(proof.seed.is_some(), known.is_decided());
        let verdict = if known.is_decided() { Verdict::Proved } else { Verdict::Sealed };
        assert_eq!(proof::verify(&proof), (verdict, vec![]));
    }
}

/// A refusal, or what was done.
pub(super) fn said<T>(answer: Result<T, Failure<PlayRefused>>) -> Result<T, PlayRefused> {
    match answer {
        Ok(done) => Ok(done),
        Err(Failure::Refused(refused)) => Err(refused),
        Err(Failure::Fault(fault)) => panic!("{fault}"),
    }
}

/// The campaign as staff write it.
pub(crate) async fn draft(op: &Op, terms: Terms) -> Draft {
    let sku = *terms.skus().first().expect("sells something");
    let info = catalog::product::service::skus(op, &[sku]).await.expect("reads").remove(&sku).expect("is there");
    let window = Window { starts_at: op.now(), ends_at: op.now() + days(30) };
    Draft { title: LocalizedText::new("龙井砍价", "Tea, cut by friends"), product: info.product, window, terms }
}
