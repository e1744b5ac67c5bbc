//! A mall with flash sales of one tea, and passes without end.

use std::sync::Arc;

use campaign::flash_sale::{
    passes::{self, NewPass, Pass},
    rules::sale::{Item, Step, Terms, Window},
    sales::{self, Draft},
};
use catalog::product::{
    query,
    rules::{Draft as ProductDraft, SkuDraft},
    service as products,
};
use entity::campaign::flash_sale_pass;
use kernel::{Actor, Currency, CustomerId, LocalizedText, Money, SessionId, SkuId, hours};
use platform::{Op, Platform, Settings, StorageSettings, clock::SystemClock, crypto::Crypto, ports::Ports};
use sea_orm::EntityTrait;
use trade::{TradeSettings, order::rules::ShippingAddress, quote::PlayPrices};

use crate::SaleId;

/// The mall.
pub struct Mall {
    /// What its services run on.
    pub platform: Arc<Platform>,
    keys: String,
    buyer: CustomerId,
    samples: std::sync::Mutex<Vec<(SaleId, Pass)>>,
}

fn plugs(ports: &mut Ports) {
    identity::plug(ports, identity::IdentitySettings::default());
    trade::plug(ports, TradeSettings::new("https://mall.example"));
    ports.plug::<dyn PlayPrices>(Arc::new(campaign::play_prices()));
    campaign::plug(ports);
}

async fn platform(url: &str, keys: &str) -> Arc<Platform> {
    let settings = Settings {
        database_url: url.to_owned(),
        database_connections: 40,
        redis_url: None,
        redis_prefix: "bench".to_owned(),
        secret_keys: keys.to_owned(),
        storage: StorageSettings::Memory,
        clock: Arc::new(SystemClock),
    };
    Platform::open(settings, plugs).await.expect("the mall opens")
}

impl Mall {
    /// A new one in an empty database.
    pub async fn opens(url: &str) -> Self {
        let keys = Crypto::generate("bench");
        let platform = platform(url, &keys).await;
        let buyer = platform.system("bench").new_id();
        Self { platform, keys, buyer, samples: std::sync::Mutex::default() }
    }

    /// Another process of the same mall.
    pub async fn again(url: &str, keys: &str) -> Self {
        Self::on(platform(url, keys).await, keys).await
    }

    /// A mall whose sales were made by another process.
    pub async fn on(platform: Arc<Platform>, keys: &str) -> Self {
        let buyer = platform.system("bench").new_id();
        let rows = flash_sale_pass::Entity::find().all(platform.db.reader()).await.expect("reads");
        let samples = rows.into_iter().map(|row| (row.flash_sale, Pass::of(row).expect("plain data"))).collect();
        Self { platform, keys: keys.to_owned(), buyer, samples: std::sync::Mutex::new(samples) }
    }

    /// The secret keys another process needs.
    pub fn keys(&self) -> &str {
        &self.keys
    }

    /// A customer nobody knew before.
    pub fn somebody(&self) -> Op {
        let op = self.platform.system("bench");
        Op { actor: Actor::Customer { id: op.new_id(), session: SessionId(self.platform.uuid()) }, ..op }
    }

    fn shopper(&self) -> Op {
        let op = self.platform.system("bench");
        Op { actor: Actor::Customer { id: self.buyer, session: SessionId(self.platform.uuid()) }, ..op }
    }

    /// So many sales that run, with so many pieces each.
    pub async fn sales(&self, sales: usize, stock: usize) -> Vec<SaleId> {
        let mut made = Vec::new();
        for _ in 0..sales {
            made.push(self.sale(i64::try_from(stock).expect("a number").min(1_000_000)).await);
        }
        made
    }

    /// A sale whose only piece is taken.
    pub async fn nothing_left(&self) -> SaleId {
        let sale = self.sale(1).await;
        let pass = self.passes(&[sale], 1).remove(0);
        let desk = campaign::flash_sale::desk::Desk::default();
        desk.serve(&self.platform.system("bench"), &pass).await.expect("is served");
        sale
    }

    /// An article of its own for every sale: one play sells a SKU at a time.
    pub async fn article(&self) -> (kernel::ProductId, SkuId) {
        let op = self.platform.system("bench");
        let sku = SkuDraft {
            id: None,
            code: format!("TEA-{}", self.platform.uuid().simple()),
            choices: vec![],
            price: Money::new(7_900, Currency::Cny),
            market_price: None,
            weight_grams: 100,
            image: None,
            stock: Some(100_000_000),
        };
        let draft = ProductDraft { title: LocalizedText::new("龙井", "Longjing"), skus: vec![sku], ..ProductDraft::default() };
        let made = products::create(&op, draft).await.expect("is made");
        products::publish(&op, made.id).await.expect("is published");
        let mut skus = query::skus_of(&op, &[made.id]).await.expect("reads");
        (made.id, skus.remove(&made.id).expect("is there")[0].id)
    }

    /// A sale that runs.
    pub async fn sale(&self, stock: i64) -> SaleId {
        let (op, (_, sku)) = (self.platform.system("bench"), self.article().await);
        let window = Window { starts_at: op.now(), ends_at: op.now() + hours(20) };
        let items = vec![Item { sku, minor: 990, stock }];
        let terms = Terms { currency: Currency::Cny, items, most_per_order: 1, most_per_customer: 1, pay_minutes: 1_440 };
        let draft = Draft { title: LocalizedText::new("秒杀", "Sale"), window, terms };
        let id = sales::create(&op, draft).await.expect("is written");
        sales::step(&op, id, Step::Publish).await.expect("is published");
        let address = ShippingAddress {
            recipient: "安".to_owned(),
            phone: "13800138000".to_owned(),
            region: "浙江省杭州市西湖区".to_owned(),
            street: "龙井路 1 号".to_owned(),
            region_code: Some("330106".to_owned()),
        };
        let wanted = NewPass { flash_sale: id, sku, quantity: 1, delivery: address.into(), note: None, confirms_exceptions: false };
        let pass = passes::prepare(&self.shopper(), wanted, &format!("prepare-{id}")).await;
        let pass = match pass {
            Ok(pass) => pass,
            Err(failure) => panic!("{failure:?}"),
        };
        self.samples.lock().expect("nobody panicked").push((id, pass));
        id
    }

    /// Passes of as many customers, spread over these sales: copies of a real one, each with ids of its own.
    pub fn passes(&self, sales: &[SaleId], how_many: usize) -> Vec<Arc<Pass>> {
        let samples = self.samples.lock().expect("nobody panicked");
        let copy = |n: usize| {
            let sale = sales[n % sales.len()];
            let (_, sample) = samples.iter().find(|(id, _)| *id == sale).expect("every sale has one");
            let (customer, order): (CustomerId, kernel::OrderId) = (self.platform.uuid().into(), self.platform.uuid().into());
            let mut prepared = serde_json::to_value(sample.prepared()).expect("plain data");
            prepared["id"] = serde_json::to_value(order).expect("plain data");
            prepared["quote"]["id"] = serde_json::to_value(kernel::QuoteId(self.platform.uuid())).expect("plain data");
            prepared["quote"]["customer"] = serde_json::to_value(customer).expect("plain data");
            let row = flash_sale_pass::Model {
                id: self.platform.uuid().into(),
                flash_sale: sale,
                customer,
                sku: sample.sku,
                quantity: 1,
                order_id: order,
                total_minor: sample.total.minor,
                currency: sample.total.currency,
                prepared,
                created_at: sample.created_at,
            };
            Arc::new(Pass::of(row).expect("plain data"))
        };
        (0..how_many).map(copy).collect()
    }
}
