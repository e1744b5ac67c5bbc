//! How many helpers cut one bargain record in a second.
//!
//! Cuts of one record follow one another under its lock, each told what it took to the cent, so there is nothing to batch: the
//! limit is the same rows and the same lock in one transaction each, written by the bare driver.

use std::{sync::Arc, time::Instant};

use campaign::bargain::{
    campaigns::{self, Draft},
    rules::{
        campaign::{Step, Window},
        terms::{BuyAt, FirstCut, Goal, Prices, Terms},
    },
    service::{self, HelpBargain, StartBargain},
};
use futures_util::future::join_all;
use kernel::{BargainId, BargainRecordId, Currency, LocalizedText, SkuId, hours};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{
    bare::{columns, make_copy, run},
    mall::Mall,
    score::{Score, Table, median},
};

/// How many help at once.
const HELPERS: usize = 50;

/// How many cuts lead to the floor.
const CUTS: usize = 1_000;

/// Rounds in alternation with the limit.
pub async fn compare((name, mall): (&str, &Mall), rounds: usize, table: &mut Table) {
    let (bargain, sku) = campaign(mall).await;
    let bare = Bare::of(mall, record(mall, (bargain, sku)).await).await;
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let record = record(mall, (bargain, sku)).await;
        ours.push(turn(async |_| help(mall, record).await).await);
        limit.push(turn(async |_| bare.help().await).await);
    }
    let bare = median(&limit);
    table.line((name, "helps, one record"), &ours, bare);
    table.line((name, "helps, bare"), &limit, bare);
}

async fn turn(help: impl AsyncFn(usize)) -> Score {
    let (waiting, help) = (std::sync::atomic::AtomicUsize::new(0), &help);
    let began = Instant::now();
    let helpers = (0..HELPERS).map(async |_| {
        let mut took = Vec::new();
        loop {
            let n = waiting.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if n >= CUTS {
                return took;
            }
            let one = Instant::now();
            help(n).await;
            took.push(one.elapsed());
        }
    });
    let each = join_all(helpers).await.into_iter().flatten().collect();
    Score::of(began.elapsed(), each)
}

async fn help(mall: &Mall, record: BargainRecordId) {
    let helped = service::help(&mall.somebody(), HelpBargain { record, salt: String::new() }).await;
    assert!(helped.is_ok(), "{helped:?}");
}

async fn campaign(mall: &Mall) -> (BargainId, SkuId) {
    let (op, (product, sku)) = (mall.platform.system("bench"), mall.article().await);
    let terms = Terms {
        currency: Currency::Cny,
        prices: vec![Prices { sku, first: 7_900, floor: 990 }],
        goal: Goal::Cuts(u32::try_from(CUTS).expect("few")),
        run_hours: 24,
        pay_hours: 24,
        first_cut: FirstCut::Helper,
        new_customer_draws: 1,
        helper_daily_limit: Some(20),
        buy: BuyAt::CurrentPrice,
        most_per_customer: None,
    };
    let window = Window { starts_at: op.now(), ends_at: op.now() + hours(20) };
    let draft = Draft { title: LocalizedText::new("砍价", "Bargain"), product, window, terms };
    let bargain = campaigns::create(&op, draft).await.expect("is written");
    campaigns::step(&op, bargain, Step::Publish).await.expect("is published");
    (bargain, sku)
}

async fn record(mall: &Mall, (bargain, sku): (BargainId, SkuId)) -> BargainRecordId {
    let idempotency_key = mall.platform.uuid().to_string();
    service::start(&mall.somebody(), StartBargain { bargain, sku, idempotency_key }).await.expect("begins")
}

/// The limit.
struct Bare<'a> {
    mall: &'a Mall,
    statements: Arc<[Statement]>,
}

impl<'a> Bare<'a> {
    /// Lets one real helper cut a record and keeps the rows.
    async fn of(mall: &'a Mall, record: BargainRecordId) -> Self {
        help(mall, record).await;
        let backend = mall.platform.db.backend();
        let (random, lock) = match backend {
            DbBackend::Sqlite => ("randomblob(16)", ""),
            _ => ("gen_random_uuid()", " FOR UPDATE"),
        };
        // The outbox was copied for the orders.
        for name in ["bargain_record", "bargain_cut", "bargain_helper_day"] {
            make_copy(mall, name).await;
            run(mall, &format!("CREATE TABLE sample_{name} AS SELECT * FROM {name} LIMIT 1")).await;
        }
        run(mall, "CREATE TABLE sample_help AS SELECT * FROM outbox ORDER BY position DESC LIMIT 1").await;
        run(mall, "INSERT INTO bare_bargain_record SELECT * FROM sample_bargain_record").await;
        let insert = async |name: &str, sample: &str, (ids, numbers): (&[&str], &[&str])| {
            let all: Vec<String> = columns(mall, name).await.into_iter().filter(|column| column != "position").collect();
            let made: Vec<&str> = all
                .iter()
                .map(|column| match column.as_str() {
                    known if ids.contains(&known) => random,
                    known if numbers.contains(&known) => "(SELECT cuts_made + 1 FROM bare_bargain_record)",
                    known => known,
                })
                .collect();
            format!("INSERT INTO bare_{name} ({}) SELECT {} FROM {sample}", all.join(", "), made.join(", "))
        };
        let statements = [
            format!("SELECT * FROM bare_bargain_record{lock}"),
            insert("bargain_helper_day", "sample_bargain_helper_day", (&["helper"], &[])).await,
            insert("bargain_cut", "sample_bargain_cut", (&["helper"], &["no", "share_no"])).await,
            "UPDATE bare_bargain_record SET price_minor = price_minor, cuts_made = cuts_made + 1".to_owned(),
            insert("outbox", "sample_help", (&["event"], &[])).await,
        ];
        // Rounds go on where the last one stopped: only the count may grow beyond what was promised.
        run(mall, "UPDATE bare_bargain_record SET cuts = 1000000").await;
        Self { mall, statements: statements.into_iter().map(|sql| Statement::from_string(backend, sql)).collect() }
    }

    async fn help(&self) {
        let tx = self.mall.platform.db.begin().await.expect("begins");
        for statement in self.statements.iter() {
            tx.execute_raw(statement.clone()).await.expect("is written");
        }
        tx.commit().await.expect("is kept");
    }
}
