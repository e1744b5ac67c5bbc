//! A flash sale where everything breaks: the real binary, killed in the middle of selling; two of them on one PostgreSQL that
//! crashes and whose Redis is stopped, emptied and gone. Afterwards the stock is whole, every acknowledged order
//! is there, and what nobody knows is there whole or not at all.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use identity::customer::demo::mint_demo_tokens;
use liebian::{
    app::{Demo, Hands, Start},
    config::Sources,
};
use platform::{
    clock::SystemClock,
    crypto::{Crypto, random_bytes},
};
use sandbox::Bank;
use sea_orm::{DatabaseConnection, EntityTrait};
use testkit::{
    Backend, Client, Database, Mall,
    app::open_bank,
    flash_sale::{self, FlashSale, Sale},
    process::{Program, Running, free_port},
    servers::Server,
    yuan,
};
use tokio::{sync::watch, task::JoinHandle};

const LIEBIAN: &str = env!("CARGO_BIN_EXE_liebian");

/// How often the mall is killed.
const KILLS: usize = 5;

/// Who buys; each may have two pieces and prepares three.
const CUSTOMERS: usize = 40;

/// Pieces on sale.
const STOCK: i64 = 60;

/// Everything that outlives the malls.
struct World {
    database: Database,
    redis: Option<Server>,
    redis_url: String,
    settings: Vec<(&'static str, String)>,
    folders: [tempfile::TempDir; 2],
    ports: [u16; 2],
    sale: Option<FlashSale>,
    /// A shopper's token and passes.
    shoppers: Vec<(String, Vec<String>)>,
    _bank: Bank,
}

impl World {
    /// Puts up what is sold, and shoppers who have prepared what they want.
    async fn new(backend: Backend) -> Self {
        Self::on(Database::new(backend).await, backend).await
    }

    /// A PostgreSQL of its own, to be crashed.
    async fn beside(postgres: &Server) -> Self {
        Self::on(Database::of(postgres), Backend::Postgres).await
    }

    async fn on(database: Database, backend: Backend) -> Self {
        let redis = (backend == Backend::Postgres).then(Server::redis);
        let redis_url = redis.as_ref().map(Server::redis_url).unwrap_or_default();
        let (bank, mut settings, _) = open_bank(Arc::new(SystemClock)).await;
        let folder = || tempfile::tempdir().expect("a temporary folder");
        let folders = [folder(), folder()];
        settings.extend([
            ("DATABASE_URL", database.url.clone()),
            ("DATABASE_CONNECTIONS", "8".to_owned()),
            ("SECRET_KEYS", Crypto::generate("k1")),
            ("STORAGE_FOLDER", folders[0].path().join("media").display().to_string()),
            ("REDIS_PREFIX", format!("sale-{}", random_bytes::<6>().iter().map(|byte| format!("{byte:02x}")).collect::<String>())),
            ("DRAIN_SECONDS", "5".to_owned()),
        ]);
        if redis.is_some() {
            settings.push(("REDIS_URL", redis_url.clone()));
        }
        let mut world = Self {
            database,
            redis,
            redis_url,
            settings,
            folders,
            ports: [free_port(), free_port()],
            sale: None,
            shoppers: Vec::new(),
            _bank: bank,
        };
        let mall = world.mall().await;
        let tea = mall.product("tea", yuan(79), 1_000).await;
        world.sale = Some(mall.flash_sale(&tea, Sale { stock: STOCK, price: yuan(9), starts_in: 0, each: 2 }).await);
        let tokens = mint_demo_tokens(&mall.op(), CUSTOMERS).await.expect("demo customers sign in");
        mall.work().await;
        mall.stop().await;
        let node = world.start(0).await;
        let prepared = tokens.into_iter().map(|token| {
            let (client, sale) = (Client::anonymous(world.url(0)).with_token(token.clone()), world.sale.clone().expect("is published"));
            async move {
                let mut passes = Vec::new();
                for n in 0..3 {
                    passes.push(client.prepares(&sale, &format!("prepare-{n}")).await);
                }
                (token, passes)
            }
        });
        world.shoppers = futures_util::future::join_all(prepared).await;
        node.kill().await;
        world
    }

    fn url(&self, node: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[node])
    }

    /// A mall within the test, with still hands.
    async fn mall(&self) -> Mall {
        let sources = self.settings.iter().fold(Sources::default(), |sources, (name, value)| sources.with(name, value));
        let config = sources.with("LISTEN", "127.0.0.1:0").read().expect("possible settings");
        let start = Start { clock: Arc::new(SystemClock), hands: Hands::Still, demo: Demo::Absent };
        Mall::new(liebian::app::start(&config, start).await.expect("the mall starts"))
    }

    async fn start(&self, node: usize) -> Running {
        let program = Program::new(LIEBIAN, self.folders[node].path()).with("LISTEN", format!("127.0.0.1:{}", self.ports[node]));
        let program = self.settings.iter().fold(program, |program, (name, value)| program.with(name, value));
        program.start(&["serve"], &self.url(node)).await
    }

    /// Everybody shows their passes, over and over, at these nodes.
    fn crowd(&self, nodes: &[usize], told: &Arc<Told>) -> Vec<JoinHandle<()>> {
        let crowd = self.shoppers.iter().enumerate().map(|(n, (token, passes))| {
            let client = Client::anonymous(self.url(nodes[n % nodes.len()])).with_token(token.clone());
            tokio::spawn(shops(client, passes.clone(), Arc::clone(told)))
        });
        crowd.collect()
    }

    /// What must hold, and every order that was acknowledged.
    async fn is_sound(&self, told: &Told) {
        let db = self.database.connect().await;
        flash_sale::check(&db).await;
        let orders = orders(&db).await;
        let acknowledged = told.orders.lock().expect("nobody panicked").clone();
        assert!(acknowledged.is_subset(&orders), "acknowledged and gone: {:?}", acknowledged.difference(&orders));
        db.close().await.expect("the connection closes");
    }
}

/// What the crowd was told.
struct Told {
    orders: Mutex<BTreeSet<String>>,
    accepted: watch::Sender<usize>,
    answered: watch::Sender<usize>,
}

impl Told {
    fn nothing() -> Arc<Self> {
        Arc::new(Self { orders: Mutex::default(), accepted: watch::Sender::new(0), answered: watch::Sender::new(0) })
    }

    async fn until_accepted(&self, n: usize) {
        let mut accepted = self.accepted.subscribe();
        accepted.wait_for(|accepted| *accepted >= n).await.expect("the crowd goes on");
    }

    async fn until_answered(&self, more: usize) {
        let mut answered = self.answered.subscribe();
        let goal = *answered.borrow() + more;
        answered.wait_for(|answered| *answered >= goal).await.expect("the crowd goes on");
    }
}

/// Shows passes until somebody stops it, whether the mall answers or not.
async fn shops(client: Client, passes: Vec<String>, told: Arc<Told>) {
    loop {
        for pass in &passes {
            let Some(answer) = client.tries_to_show(pass).await else {
                tokio::task::yield_now().await;
                continue;
            };
            told.answered.send_modify(|n| *n += 1);
            if let (Some("ACCEPTED"), Some(order)) = (answer["answer"].as_str(), answer["order"]["id"].as_str())
                && told.orders.lock().expect("nobody panicked").insert(order.to_owned())
            {
                told.accepted.send_modify(|n| *n += 1);
            }
        }
    }
}

async fn orders(db: &DatabaseConnection) -> BTreeSet<String> {
    let rows = entity::trade::trade_order::Entity::find().all(db).await.expect("orders can be read");
    rows.into_iter().map(|row| row.id.to_string()).collect()
}

async fn stop(crowd: Vec<JoinHandle<()>>) {
    for shopper in crowd {
        shopper.abort();
        if let Err(error) = shopper.await {
            assert!(error.is_cancelled(), "{error}");
        }
    }
}

/// Race 25: killed five times in the middle of selling.
async fn survives(backend: Backend) {
    let world = World::new(backend).await;
    let told = Told::nothing();
    for round in 1..=KILLS {
        let running = world.start(0).await;
        let crowd = world.crowd(&[0], &told);
        // A little further each time, somewhere in the middle of a batch.
        told.until_accepted(round * 8).await;
        running.kill().await;
        stop(crowd).await;
        world.is_sound(&told).await;
    }
    // What is left is sold to the last piece, to nobody above the limit.
    let running = world.start(0).await;
    let crowd = world.crowd(&[0], &told);
    told.until_accepted(usize::try_from(STOCK).expect("few")).await;
    stop(crowd).await;
    running.kill().await;
    world.is_sound(&told).await;
    assert_eq!(told.orders.lock().expect("nobody panicked").len(), usize::try_from(STOCK).expect("few"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_survives_being_killed_on_sqlite() {
    survives(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_survives_being_killed_on_postgres() {
    survives(Backend::Postgres).await;
}

/// Race 14: two servers sell while their Redis is stopped, emptied and gone, and while their PostgreSQL crashes three times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_sell_one_stock_whatever_happens_to_redis_and_to_postgres() {
    let mut postgres = Server::postgres();
    let mut world = World::beside(&postgres).await;
    let nodes = [world.start(0).await, world.start(1).await];
    let told = Told::nothing();
    let crowd = world.crowd(&[0, 1], &told);
    told.until_accepted(8).await;

    let redis = redis_process(&world.redis_url).await;
    signal("-STOP", &redis).await;
    told.until_accepted(16).await;
    signal("-CONT", &redis).await;
    redis_says(&world.redis_url, "FLUSHALL").await;
    told.until_accepted(24).await;
    drop(world.redis.take());
    told.until_accepted(32).await;
    world.redis = Some(Server::redis_at(&world.redis_url));

    for more in 1..=3 {
        postgres = tokio::task::spawn_blocking(move || {
            postgres.postgres_crashes();
            postgres
        })
        .await
        .expect("it starts again");
        told.until_accepted(32 + more * 6).await;
    }
    told.until_accepted(usize::try_from(STOCK).expect("few")).await;
    stop(crowd).await;
    world.is_sound(&told).await;
    assert_eq!(told.orders.lock().expect("nobody panicked").len(), usize::try_from(STOCK).expect("few"));
    for node in nodes {
        node.kill().await;
    }
}

/// The flood: ten thousand requests of three hundred shoppers, each on a socket of its own, on a stock of a hundred.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_requests_buys_exactly_the_stock() {
    let (shoppers, stock, requests) = (300, 100, 10_000);
    let world = World::new(Backend::Postgres).await;
    let mall = world.mall().await;
    let tea = mall.product("tea again", yuan(79), 1_000).await;
    let sale = mall.flash_sale(&tea, Sale { stock, price: yuan(9), starts_in: 0, each: 1 }).await;
    let tokens = mint_demo_tokens(&mall.op(), shoppers).await.expect("demo customers sign in");
    mall.work().await;
    mall.stop().await;
    let node = world.start(0).await;
    let told = Told::nothing();
    let crowd = tokens.into_iter().map(|token| {
        let (client, sale, told) = (Client::anonymous(world.url(0)).with_token(token), sale.clone(), Arc::clone(&told));
        tokio::spawn(async move { shops(client.clone(), vec![client.prepares(&sale, "prepare-once").await], told).await })
    });
    let crowd: Vec<_> = crowd.collect();
    told.until_answered(requests).await;
    stop(crowd).await;
    world.is_sound(&told).await;
    assert_eq!(told.orders.lock().expect("nobody panicked").len(), usize::try_from(stock).expect("few"));
    node.kill().await;
}

async fn redis_says(url: &str, command: &str) -> String {
    let socket = url.trim_start_matches("redis+unix://");
    let said =
        tokio::process::Command::new("redis-cli").args(["-s", socket]).args(command.split(' ')).output().await.expect("redis-cli runs");
    String::from_utf8_lossy(&said.stdout).into_owned()
}

/// The id of the Redis process.
async fn redis_process(url: &str) -> String {
    let said = redis_says(url, "INFO server").await;
    let line = said.lines().find_map(|line| line.strip_prefix("process_id:")).expect("Redis tells");
    line.trim().to_owned()
}

async fn signal(name: &str, process: &str) {
    let told = tokio::process::Command::new("kill").args([name, process]).status().await.expect("kill runs");
    assert!(told.success());
}
