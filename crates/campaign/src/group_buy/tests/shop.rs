//! A small mall with real orders, stock, a bank and a ledger: everything between a quote and the money back.

use std::sync::Arc;

use entity::campaign::{group_buy_seat as seat, group_buy_team as team};
use kernel::{Bps, Currency, CustomerId, Failure, GroupBuyId, LocalizedText, Money, OrderId, SkuId, TeamId, days};
use platform::{
    Op, Registry,
    testing::TestPlatform,
    worker::{Backlog, Worker, WorkerSettings},
};
use sea_orm::EntityTrait;
use trade::{
    TradeSettings,
    order::rules::Status,
    payment::{
        gateway::Gateways,
        service::{self as payments, PayOrder},
    },
    quote::{PlayPrices, PlayRef, service as quotes},
};

use super::bank::Bank;
use crate::{
    demo::{address, shopper},
    group_buy::{
        KIND,
        campaigns::{self, Draft},
        error::SitRefused,
        query,
        rules::{
            campaign::{Step, Window},
            team::WhenFull,
            terms::{Joiners, LeaderDiscount, TeamPrice, Terms},
        },
        service::{self, JoinTeam, OpenTeam, Purchase, Seated},
        store,
    },
};

/// The mall, its bank, its hands, one running campaign on one SKU, and its customers.
pub(crate) struct Shop {
    pub(crate) test: TestPlatform,
    pub(crate) bank: Arc<Bank>,
    pub(crate) campaign: GroupBuyId,
    pub(crate) sku: SkuId,
    pub(crate) customers: Vec<CustomerId>,
    worker: Worker,
}

/// Teams of 2 for 59.00 and of 3 for 49.00 on a tea of 79.00.
pub(crate) fn terms(sku: SkuId) -> Terms {
    let price = |size, minor| TeamPrice { sku, size, minor };
    Terms {
        currency: Currency::Cny,
        prices: vec![price(2, 5_900), price(3, 4_900)],
        team_hours: 24,
        seat_hold_minutes: 10,
        joiners: Joiners::Anyone,
        leader_discount: LeaderDiscount::Amount(500),
        leader_commission: Bps(500),
        most_per_order: 2,
        most_per_customer: Some(4),
        virtual_from_percent: None,
    }
}

impl Shop {
    pub(crate) async fn opens() -> Self {
        Self::opens_with(|_| {}).await
    }

    /// A mall whose campaign has other terms than [`terms`].
    pub(crate) async fn opens_with(change: impl FnOnce(&mut Terms)) -> Self {
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
        let (sku, customers) = (stocked(&op).await, people(&op).await);
        let mut terms = terms(sku);
        change(&mut terms);
        let campaign = campaigns::create(&op, draft(&op, terms).await).await.expect("is written");
        campaigns::step(&op, campaign, Step::Publish).await.expect("is published");
        let shop = Self { test, bank, campaign, sku, customers, worker };
        shop.settle().await;
        shop
    }

    /// A mall without a campaign: its SKU is free for another play.
    pub(crate) async fn opens_idle() -> Self {
        let shop = Self::opens().await;
        campaigns::step(&shop.op(), shop.campaign, Step::End).await.expect("is ended");
        shop.settle().await;
        shop
    }

    /// What the SKU's product is.
    pub(crate) async fn product(&self) -> kernel::ProductId {
        let known = catalog::product::service::skus(&self.op(), &[self.sku]).await.expect("reads");
        known[&self.sku].product
    }

    /// How many of the SKU can be bought.
    pub(crate) async fn available(&self) -> i64 {
        catalog::inventory::service::available(&self.op(), &[self.sku]).await.expect("reads")[&self.sku]
    }

    pub(crate) fn op(&self) -> Op {
        self.test.platform.system("shop")
    }

    /// The operation of customer `n`.
    pub(crate) fn by(&self, n: usize) -> Op {
        shopper(&self.op(), self.customers[n])
    }

    /// Everything that is due is done.
    pub(crate) async fn settle(&self) {
        self.worker.settle().await.expect("settles");
    }

    /// What is left undone or has failed.
    pub(crate) async fn backlog(&self) -> Backlog {
        platform::worker::backlog(&self.test.platform).await.expect("counts")
    }

    /// Moves the clock and lets everything happen that is due.
    pub(crate) async fn advance(&self, by: std::time::Duration) {
        self.test.clock.advance(by);
        self.settle().await;
    }

    /// What customer `n` says to buy one unit at the price of this team (or of a new one of `size`).
    pub(crate) async fn purchase(&self, n: usize, (team, size): (Option<TeamId>, Option<u32>), when_full: WhenFull) -> Purchase {
        let play = PlayRef { kind: KIND.to_owned(), id: self.campaign.to_string(), team, team_size: size };
        let lines = vec![quotes::WantedLine { sku: self.sku, quantity: 1 }];
        let quote =
            quotes::create(&self.by(n), quotes::NewQuote { lines, play: Some(play), ..Default::default() }).await.expect("has a price");
        Purchase {
            quote: quote.id,
            expected_total: quote.total,
            address: address(),
            confirms_exceptions: false,
            when_full,
            inviter: None,
            idempotency_key: format!("key-{}", quote.id),
        }
    }

    /// Customer `n` opens a team of `size`, unpaid.
    pub(crate) async fn opens_team(&self, n: usize, size: u32) -> Seated {
        let purchase = self.purchase(n, (None, Some(size)), WhenFull::Refund).await;
        service::open(&self.by(n), OpenTeam { group_buy: self.campaign, size: Some(size), purchase }).await.expect("opens")
    }

    /// Customer `n` sits down, unpaid.
    pub(crate) async fn joins(&self, n: usize, team: TeamId, when_full: WhenFull) -> Result<Seated, SitRefused> {
        let purchase = self.purchase(n, (Some(team), None), when_full).await;
        match service::join(&self.by(n), JoinTeam { team, purchase }).await {
            Ok(seated) => Ok(seated),
            Err(Failure::Refused(refused)) => Err(refused),
            Err(Failure::Fault(fault)) => panic!("{fault}"),
        }
    }

    /// Customer `n` pays an order at the bank, which reports it; everything that follows happens.
    pub(crate) async fn pays(&self, n: usize, order: OrderId) {
        self.pays_unheard(n, order).await;
        self.settle().await;
    }

    /// Customer `n` pays an order at the bank, which reports it; nothing has followed yet.
    pub(crate) async fn pays_unheard(&self, n: usize, order: OrderId) {
        let wanted = PayOrder::new(order, "sandbox");
        let payment = payments::pay(&self.by(n), wanted, &format!("pay-{order}")).await.expect("the bank takes the charge");
        let report = self.bank.takes(&payment.payment_no, self.op().now());
        payments::notified(&self.op(), "sandbox", (&[], &report)).await.expect("the report is believed");
    }

    /// The bank is out of order for refunds of this order.
    pub(crate) async fn forbids_refunds_of(&self, order: OrderId) {
        let order = trade::order::service::get(&self.op(), order).await.expect("reads").expect("is there");
        self.bank.refuses_refunds_of(&self.bank.charge_of(&order.order_no).expect("was asked for"));
    }

    /// Customer `n` opens a team of `size` and has paid.
    pub(crate) async fn leads(&self, n: usize, size: u32) -> Seated {
        let seated = self.opens_team(n, size).await;
        self.pays(n, seated.order).await;
        seated
    }

    /// Customer `n` sits down and has paid.
    pub(crate) async fn joins_and_pays(&self, n: usize, team: TeamId) -> Seated {
        let seated = self.joins(n, team, WhenFull::Refund).await.expect("there is a seat");
        self.pays(n, seated.order).await;
        seated
    }

    /// Everything that can still be bought is taken off the shelf.
    pub(crate) async fn empties_the_shelf(&self) {
        use catalog::inventory::service::{AdjustStock, adjust, available};
        let left = available(&self.op(), &[self.sku]).await.expect("reads").remove(&self.sku).unwrap_or_default();
        let breakage = AdjustStock { sku: self.sku, delta: -left, reason: "breakage".to_owned(), key: "break-it-all".to_owned() };
        adjust(&self.op(), breakage).await.expect("is taken away");
    }

    pub(crate) async fn team(&self, id: TeamId) -> team::Model {
        query::team(&self.op(), id).await.expect("reads").expect("is there")
    }

    pub(crate) async fn seat(&self, seated: Seated) -> seat::Model {
        seat::Entity::find_by_id(seated.seat).one(self.op().reader()).await.expect("reads").expect("is there")
    }

    pub(crate) async fn status(&self, order: OrderId) -> Status {
        trade::order::service::get(&self.op(), order).await.expect("reads").expect("is there").status
    }

    pub(crate) async fn seats_of(&self, order: OrderId) -> Vec<seat::Model> {
        store::seats_of(self.op().reader(), order).await.expect("reads")
    }
}

/// The campaign as staff write it.
pub(crate) async fn draft(op: &Op, terms: Terms) -> Draft {
    let sku = *terms.skus().first().expect("sells something");
    let info = catalog::product::service::skus(op, &[sku]).await.expect("reads").remove(&sku).expect("is there");
    let window = Window { starts_at: op.now(), ends_at: op.now() + days(30) };
    Draft { title: LocalizedText::new("龙井三人团", "Tea for three"), product: info.product, window, terms }
}

/// A tea of 79.00, a hundred in stock.
pub(crate) async fn stocked(op: &Op) -> SkuId {
    use catalog::product::rules::{Draft, SkuDraft};
    let sku = SkuDraft {
        id: None,
        code: "TEA".to_owned(),
        choices: vec![],
        price: Money::new(7_900, Currency::Cny),
        market_price: None,
        weight_grams: 100,
        image: None,
        stock: Some(100),
    };
    let draft = Draft { title: LocalizedText::new("龙井", "Longjing"), skus: vec![sku], ..Draft::default() };
    let made = catalog::product::service::create(op, draft).await.expect("is made");
    catalog::product::service::publish(op, made.id).await.expect("is published");
    let mut skus = catalog::product::query::skus_of(op, &[made.id]).await.expect("reads");
    skus.remove(&made.id).expect("is there")[0].id
}

/// Two dozen customers.
pub(crate) async fn people(op: &Op) -> Vec<CustomerId> {
    people_of(op, 24).await
}

/// So many customers.
pub(crate) async fn people_of(op: &Op, n: usize) -> Vec<CustomerId> {
    use identity::customer::demo::{DemoCustomer, ensure_all};
    let person = |n: usize| DemoCustomer {
        handle: format!("buyer-{n}"),
        nickname: format!("Buyer {n}"),
        avatar_url: None,
        phone: None,
        registered_at: op.now(),
    };
    ensure_all(op, (0..n).map(person).collect()).await.expect("are made")
}
