//! Two servers on one PostgreSQL and one Redis, both as processes of their own: what happens on one is told on the other,
//! and nothing is missed when Redis dies, when a node is killed between its commit and the telling, or when both are.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use identity::customer::demo::mint_demo_tokens;
use kernel::Permission;
use liebian::{
    app::{Demo, Hands, Start},
    config::Sources,
};
use platform::{
    clock::SystemClock,
    crypto::{Crypto, random_bytes},
};
use sandbox::Bank;
use serde_json::{Value, json};
use testkit::{
    Api, Backend, Client, Database, Mall, Watching,
    app::open_bank,
    fresh_key,
    process::{Program, Running, free_port},
    servers::Server,
    shopping::{PLACE, QUOTE},
    yuan,
};

const LIEBIAN: &str = env!("CARGO_BIN_EXE_liebian");

const STOCK: &str = "subscription($id: ID!, $after: String) { skuStockChanged(skuId: $id, after: $after) { available cursor gap } }";
const ADJUST: &str = "mutation($input: SkuStockAdjustInput!) { skuStockAdjust(input: $input) { stock { onHand } userErrors { code } } }";
const FEED: &str = "subscription($after: String) { orderFeed(after: $after) { cursor gap counts { count } fact { name order { id } } } }";
const ORDERS: &str = "query($after: String) { orders(first: 100, after: $after) { edges { cursor node { id } } } }";

struct Cluster {
    redis: Option<Server>,
    redis_url: String,
    settings: Vec<(&'static str, String)>,
    folders: [tempfile::TempDir; 2],
    ports: [u16; 2],
    nodes: [Option<Running>; 2],
    sku: String,
    staff: String,
    shoppers: Vec<String>,
    _bank: Bank,
}

impl Cluster {
    /// Puts up what is sold and who is there, then starts both.
    async fn start() -> Self {
        let (database, redis) = (Database::new(Backend::Postgres).await, Server::redis());
        let redis_url = redis.redis_url();
        let (bank, mut settings, _) = open_bank(Arc::new(SystemClock)).await;
        let folder = || tempfile::tempdir().expect("a temporary folder");
        let folders = [folder(), folder()];
        settings.extend([
            ("DATABASE_URL", database.url.clone()),
            ("DATABASE_CONNECTIONS", "8".to_owned()),
            ("SECRET_KEYS", Crypto::generate("k1")),
            ("STORAGE_FOLDER", folders[0].path().join("media").display().to_string()),
            ("REDIS_URL", redis_url.clone()),
            ("REDIS_PREFIX", format!("cluster-{}", random_bytes::<6>().iter().map(|byte| format!("{byte:02x}")).collect::<String>())),
        ]);
        let sources = settings.iter().fold(Sources::default(), |sources, (name, value)| sources.with(name, value));
        let config = sources.with("LISTEN", "127.0.0.1:0").read().expect("possible settings");
        let start = Start { clock: Arc::new(SystemClock), hands: Hands::Still, demo: Demo::Absent };
        let mall = Mall::new(liebian::app::start(&config, start).await.expect("the mall starts"));
        let sku = mall.product("tea", yuan(59), 10_000).await.sku.to_string();
        let permissions = [Permission::CatalogRead, Permission::CatalogWrite, Permission::OrderRead];
        let staff = mall.staff(&permissions).await.token().expect("staff have one").to_owned();
        let shoppers = mint_demo_tokens(&mall.op(), 8).await.expect("shoppers sign in");
        mall.work().await;
        mall.stop().await;
        let mut cluster = Self {
            redis: Some(redis),
            redis_url,
            settings,
            folders,
            ports: [free_port(), free_port()],
            nodes: [None, None],
            sku,
            staff,
            shoppers,
            _bank: bank,
        };
        cluster.start_node(0).await;
        cluster.start_node(1).await;
        cluster
    }

    fn url(&self, node: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[node])
    }

    async fn start_node(&mut self, node: usize) {
        let program = Program::new(LIEBIAN, self.folders[node].path()).with("LISTEN", format!("127.0.0.1:{}", self.ports[node]));
        let program = self.settings.iter().fold(program, |program, (name, value)| program.with(name, value));
        self.nodes[node] = Some(program.start(&["serve"], &self.url(node)).await);
    }

    /// SIGKILL.
    async fn kill_node(&mut self, node: usize) {
        self.nodes[node].take().expect("it runs").kill().await;
    }

    fn kill_redis(&mut self) {
        drop(self.redis.take());
    }

    fn start_redis(&mut self) {
        self.redis = Some(Server::redis_at(&self.redis_url));
    }

    fn staff(&self, node: usize) -> Client {
        Client::anonymous(self.url(node)).with_token(self.staff.clone())
    }

    fn shopper(&self, node: usize, nth: usize) -> Client {
        Client::anonymous(self.url(node)).with_token(self.shoppers[nth].clone())
    }

    async fn put_on_the_shelf(&self, node: usize) {
        let input = json!({ "skuId": self.sku, "delta": 1, "reason": "found", "idempotencyKey": fresh_key() });
        self.staff(node).admin(ADJUST, json!({ "input": input })).await.ok("skuStockAdjust");
    }

    async fn follow(&self, node: usize, after: Option<&str>) -> Follower {
        Follower { watching: self.staff(node).watch(Api::Admin, FEED, json!({ "after": after })).await, seen: Seen::default() }
    }

    /// Every order there is.
    async fn orders(&self, node: usize) -> BTreeSet<String> {
        let (mut all, mut after) = (BTreeSet::new(), Value::Null);
        loop {
            let answer = self.staff(node).admin(ORDERS, json!({ "after": after })).await;
            let edges = answer.ok("orders")["edges"].as_array().expect("a list").clone();
            all.extend(edges.iter().map(|edge| text(&edge["node"]["id"])));
            match edges.last() {
                Some(last) if edges.len() == 100 => after = last["cursor"].clone(),
                _ => return all,
            }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Places an order, if the node lives long enough.
async fn place(shopper: &Client, sku: &str) -> Option<String> {
    let input = json!({ "lines": [{ "skuId": sku, "quantity": 1 }] });
    let quote = shopper.attempt(Api::Shop, QUOTE, json!({ "input": input })).await?;
    let quote = &quote.body["data"]["quoteCreate"]["quote"];
    let input = json!({
        "quoteId": quote["id"].as_str()?,
        "expectedTotal": { "amount": quote["total"]["amount"], "currency": "CNY" },
        "idempotencyKey": fresh_key(),
        "shippingAddress": { "recipient": "x", "phone": "13800138000", "region": "福建", "street": "1" },
    });
    let placed = shopper.attempt(Api::Shop, PLACE, json!({ "input": input })).await?;
    Some(placed.body["data"]["orderPlace"]["order"]["id"].as_str()?.to_owned())
}

/// What a follower of the feed has been told.
#[derive(Default)]
struct Seen {
    cursor: Option<String>,
    placed: Vec<String>,
    gaps: usize,
}

struct Follower {
    watching: Watching,
    seen: Seen,
}

impl Follower {
    async fn next(&mut self) {
        let data = self.watching.next().await;
        let frame = &data["orderFeed"];
        let cursor = text(&frame["cursor"]);
        let number = |cursor: &str| cursor.rsplit_once(':').and_then(|(_, number)| number.parse::<i64>().ok()).expect("a cursor");
        if let Some(before) = &self.seen.cursor
            && frame["gap"] != json!(true)
            && frame["fact"].is_object()
        {
            assert_eq!(number(&cursor), number(before) + 1, "no fact is skipped");
        }
        self.seen.cursor = Some(cursor);
        self.seen.gaps += usize::from(frame["gap"] == json!(true));
        if frame["fact"]["name"] == "trade.order_placed.v1" {
            self.seen.placed.push(text(&frame["fact"]["order"]["id"]));
        }
    }

    /// Listens until it was told of so many orders.
    async fn until(&mut self, placed: usize) {
        while self.seen.placed.len() < placed {
            self.next().await;
        }
    }

    /// The node is gone: goes on at another one, behind what was seen.
    async fn moves_to(self, cluster: &Cluster, node: usize) -> Self {
        let Self { watching, seen } = self;
        drop(watching);
        let again = cluster.follow(node, seen.cursor.as_deref()).await;
        Self { watching: again.watching, seen }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_on_one_node_is_told_on_the_other_whatever_dies() {
    let mut cluster = Cluster::start().await;
    let mut stock = Client::anonymous(cluster.url(1)).watch(Api::Shop, STOCK, json!({ "id": cluster.sku })).await;
    assert_eq!(stock.next().await["skuStockChanged"]["available"], 10_000);
    let (mut here, mut there) = (cluster.follow(0, None).await, cluster.follow(1, None).await);
    here.next().await;
    there.next().await;

    // From one to the other, both ways.
    cluster.put_on_the_shelf(0).await;
    stock.until(|data| data["skuStockChanged"]["available"] == 10_001).await;
    for node in [0, 1, 0] {
        place(&cluster.shopper(node, 0), &cluster.sku).await.expect("an order");
    }
    here.until(3).await;
    there.until(3).await;
    assert_eq!(here.seen.placed, there.seen.placed, "in the same order");

    // Without Redis it takes a moment longer. Then Redis is back, empty.
    cluster.kill_redis();
    for node in [0, 1, 0] {
        place(&cluster.shopper(node, 1), &cluster.sku).await.expect("an order, also without Redis");
    }
    here.until(6).await;
    there.until(6).await;
    cluster.start_redis();
    for node in [0, 1, 0] {
        place(&cluster.shopper(node, 2), &cluster.sku).await.expect("an order");
    }
    here.until(9).await;
    there.until(9).await;

    // A node dies under load, somewhere between a commit and its telling. Its followers go on at the other node.
    let load: Vec<_> = (0..8)
        .map(|nth| {
            let (shopper, sku) = (cluster.shopper(0, nth), cluster.sku.clone());
            tokio::spawn(async move { while place(&shopper, &sku).await.is_some() {} })
        })
        .collect();
    there.until(25).await;
    cluster.kill_node(0).await;
    for shopper in load {
        shopper.await.expect("the load stops with its node");
    }
    let mut here = here.moves_to(&cluster, 1).await;
    let all = cluster.orders(1).await;
    here.until(all.len()).await;
    there.until(all.len()).await;
    assert_eq!(here.seen.placed.iter().cloned().collect::<BTreeSet<_>>(), all);
    assert_eq!(here.seen.placed, there.seen.placed, "everything once, in the same order");

    // Both die; what was seen before still tells where to go on.
    cluster.kill_node(1).await;
    cluster.start_node(0).await;
    cluster.start_node(1).await;
    let (mut here, mut there) = (here.moves_to(&cluster, 0).await, there.moves_to(&cluster, 1).await);
    place(&cluster.shopper(1, 3), &cluster.sku).await.expect("an order");
    here.until(all.len() + 1).await;
    there.until(all.len() + 1).await;
    assert_eq!((here.seen.placed == there.seen.placed, here.seen.gaps, there.seen.gaps), (true, 0, 0));

    // A cursor of another database, or of the future, is a gap, and said to be one.
    for strange in ["elsewhere:3".to_owned(), here.seen.cursor.clone().expect("a cursor").replace(':', ":9999")] {
        let mut lost = cluster.follow(0, Some(&strange)).await;
        lost.next().await;
        assert_eq!(lost.seen.gaps, 1, "{strange}");
    }
    let mut stock = Client::anonymous(cluster.url(0)).watch(Api::Shop, STOCK, json!({ "id": cluster.sku })).await;
    let now = stock.next().await["skuStockChanged"]["available"].clone();
    cluster.put_on_the_shelf(1).await;
    let more = json!(now.as_i64().expect("a number") + 1);
    tokio::time::timeout(Duration::from_secs(30), stock.until(|data| data["skuStockChanged"]["available"] == more)).await.expect("told");
}
