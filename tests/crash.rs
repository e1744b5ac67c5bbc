//! The real binary, killed with SIGKILL in the middle of joining, paying and forming, several times, and started again.
//! The bank lives in the test and goes on reporting. Whatever was interrupted, afterwards everybody has what they paid
//! for or their money, once.
//!
//! ```text
//! arrange (in the test) ─▶ [ start ─ load ─ kill after n requests ] × rounds ─▶ in the test: time passes, all settles ─▶ check
//! ```

use std::sync::{Arc, Mutex};

use entity::campaign::group_buy_team::{self, TeamState};
use identity::customer::demo::mint_demo_tokens;
use kernel::{hours, minutes};
use liebian::{
    app::{Demo, Hands, Start},
    config::Sources,
};
use platform::{
    crypto::{Crypto, random_bytes},
    worker::backlog,
};
use sandbox::{ApiFault, Bank, Operation, protocol::ChargeStatus};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use testkit::{
    Api, Backend, Client, Database, Deal, Mall,
    app::{PushedClock, open_bank},
    fresh_key, invariants,
    process::{Program, free_port},
    servers,
    shopping::{JOIN, OPEN, PAY, QUOTE},
    yuan,
};
use tokio::sync::watch;

const LIEBIAN: &str = env!("CARGO_BIN_EXE_liebian");

/// How often the mall is killed.
const KILLS: usize = 5;

/// Who buys, and in how many campaigns; each may be in one team of each.
const CUSTOMERS: usize = 36;
const CAMPAIGNS: usize = 12;

/// Everything that outlives the mall.
struct World {
    database: Database,
    bank: Bank,
    clock: PushedClock,
    port: u16,
    settings: Vec<(&'static str, String)>,
    folder: tempfile::TempDir,
}

impl World {
    async fn new(backend: Backend) -> Self {
        let clock = PushedClock::default();
        let (bank, mut settings, _) = open_bank(Arc::new(clock.clone())).await;
        let (database, port, folder) = (Database::new(backend).await, free_port(), tempfile::tempdir().expect("a temporary folder"));
        settings.extend([
            ("LISTEN", format!("127.0.0.1:{port}")),
            ("DATABASE_URL", database.url.clone()),
            ("SECRET_KEYS", Crypto::generate("k1")),
            ("STORAGE_FOLDER", folder.path().join("media").display().to_string()),
            ("REDIS_PREFIX", format!("crash-{}", hex(&random_bytes::<6>()))),
            ("DRAIN_SECONDS", "5".to_owned()),
        ]);
        if backend == Backend::Postgres {
            settings.push(("REDIS_URL", servers::redis().redis_url()));
        }
        Self { database, bank, clock, port, settings, folder }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The mall within the test, with still hands and a clock that can be pushed.
    async fn mall(&self) -> Mall {
        let sources = self.settings.iter().fold(Sources::default(), |sources, (name, value)| sources.with(name, value));
        let config = sources.read().expect("possible settings");
        let start = Start { clock: Arc::new(self.clock.clone()), hands: Hands::Still, demo: Demo::Absent };
        Mall::new(liebian::app::start(&config, start).await.expect("the mall starts"))
    }

    fn program(&self) -> Program {
        let program = Program::new(LIEBIAN, self.folder.path());
        self.settings.iter().fold(program, |program, (name, value)| program.with(name, value))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A group buy and the teams of it somebody opened.
struct Field {
    group_buy: String,
    sku: String,
    teams: Mutex<Vec<String>>,
}

/// Keeps a customer busy: opens or joins teams and pays, whether the mall answers or not.
async fn shop(client: Client, fields: Arc<Vec<Field>>, (seed, asked): (usize, watch::Sender<usize>)) {
    for turn in 0..1_000_usize {
        let field = &fields[(seed + turn) % fields.len()];
        // Every third customer leads, the others follow as soon as there is somebody to follow.
        let _ = buy(&client, field, seed.is_multiple_of(3), &asked).await;
        tokio::task::yield_now().await;
    }
}

async fn buy(client: &Client, field: &Field, opens: bool, asked: &watch::Sender<usize>) -> Option<()> {
    let ask = async |document: &str, variables: Value, field: &str| -> Option<Value> {
        asked.send_modify(|n| *n += 1);
        let answer = client.attempt(Api::Shop, document, variables).await?;
        assert!(answer.error() != Some("INTERNAL"), "{}", answer.shown());
        Some(answer.body["data"][field].clone())
    };
    let team = match opens {
        true => None,
        false => Some(field.teams.lock().expect("nobody panicked").last().cloned()?),
    };
    let play = json!({ "kind": "group_buy", "id": field.group_buy, "teamId": team });
    let input = json!({ "lines": [{ "skuId": field.sku, "quantity": 1 }], "play": play });
    let quote = ask(QUOTE, json!({ "input": input }), "quoteCreate").await?["quote"].clone();
    let mut input = json!({
        "quoteId": quote["id"].as_str()?,
        "expectedTotal": { "amount": quote["total"]["amount"], "currency": "CNY" },
        "whenFull": if opens { "REFUND" } else { "JOIN_OTHER" },
        "idempotencyKey": fresh_key(),
        "shippingAddress": { "recipient": "x", "phone": "13800138000", "region": "福建", "street": "1" },
    });
    let seated = match &team {
        Some(team) => {
            input["teamId"] = json!(team);
            let seated = ask(JOIN, json!({ "input": input }), "groupBuyTeamJoin").await?;
            if seated["userErrors"][0]["code"].is_string() {
                field.teams.lock().expect("nobody panicked").retain(|known| known != team);
            }
            seated
        }
        None => {
            input["groupBuyId"] = json!(field.group_buy);
            ask(OPEN, json!({ "input": input }), "groupBuyTeamOpen").await?
        }
    };
    let order = seated["order"]["id"].as_str()?.to_owned();
    let input = json!({ "orderId": order, "gateway": "sandbox", "idempotencyKey": fresh_key() });
    let paying = ask(PAY, json!({ "input": input }), "orderPay").await?;
    let cashier = paying["payment"]["action"]["url"].as_str()?.to_owned();
    asked.send_modify(|n| *n += 1);
    reqwest::Client::new().post(format!("{cashier}/pay")).send().await.ok()?;
    if team.is_none() {
        field.teams.lock().expect("nobody panicked").push(seated["team"]["id"].as_str()?.to_owned());
    }
    Some(())
}

/// Puts up what is sold, and customers who are signed in for the whole test.
async fn arrange(world: &World) -> (Vec<Field>, Vec<Client>) {
    let mall = world.mall().await;
    let mut fields = Vec::new();
    for n in 0..CAMPAIGNS {
        let tea = mall.product(&format!("tea{n}"), yuan(79), 1_000).await;
        let deal = mall.group_buy(&tea, Deal { hours: 1, ..Deal::of(3, yuan(59)) }).await;
        fields.push(Field { group_buy: deal.id, sku: tea.sku.to_string(), teams: Mutex::default() });
    }
    let tokens = mint_demo_tokens(&mall.op(), CUSTOMERS).await.expect("demo customers sign in");
    let clients = tokens.into_iter().map(|token| Client::anonymous(world.url()).with_token(token)).collect();
    mall.work().await;
    mall.stop().await;
    (fields, clients)
}

/// Time passes in the mall within the test, until everything that was begun has come to its end.
async fn comes_to_rest(world: &World, mall: &Mall) {
    mall.app().worker().take_over().await.expect("what was running is given back");
    for step in [minutes(1), minutes(20), hours(2), minutes(15), minutes(15), minutes(15), hours(1), hours(1)] {
        world.clock.push(step);
        for _ in 0..5 {
            mall.work().await;
            world.bank.settled().await;
        }
    }
    let left = backlog(mall.platform()).await.expect("counts");
    assert_eq!((left.events, left.due, left.dead), (0, 0, 0), "{left:?}");
    let report = trade::ledger::service::verify(&mall.op(), |_| ()).await.expect("the ledger can be walked");
    assert!(report.breaks.is_empty(), "{:?}", report.breaks);
    invariants::check(&world.database.connect().await, &world.bank).await;
}

async fn survives(backend: Backend) {
    let world = World::new(backend).await;
    let (fields, clients) = arrange(&world).await;
    let fields = Arc::new(fields);
    for round in 0..KILLS {
        let running = world.program().start(&["serve"], &world.url()).await;
        let (asked, mut counted) = watch::channel(0_usize);
        let load: Vec<_> = clients
            .iter()
            .enumerate()
            .map(|(n, client)| tokio::spawn(shop(client.clone(), Arc::clone(&fields), (n + round, asked.clone()))))
            .collect();
        // Somewhere between the first requests and many of them, another place each time.
        let [low, high] = random_bytes::<2>();
        let target = 100 + usize::from(low) + usize::from(high);
        counted.wait_for(|n| *n >= target).await.expect("the load goes on");
        let faults: Vec<String> = running.said().lines().filter(|line| line.contains("fault")).map(str::to_owned).collect();
        running.kill().await;
        assert!(faults.is_empty(), "{} faults, the first:\n{}", faults.len(), faults[..faults.len().min(5)].join("\n"));
        for task in load {
            task.abort();
            if let Err(error) = task.await {
                assert!(error.is_cancelled(), "{error}");
            }
        }
    }
    // Everything that was begun comes to its end: holds lapse, deadlines pass, refunds are made.
    let mall = world.mall().await;
    comes_to_rest(&world, &mall).await;
    let db = world.database.connect().await;
    // A load that left nothing behind would prove nothing.
    let paid = world.bank.charges().iter().filter(|charge| charge.status == ChargeStatus::Succeeded).count();
    let formed = group_buy_team::Entity::find().filter(group_buy_team::Column::State.eq(TeamState::Formed)).count(&db).await;
    let formed = formed.expect("teams can be counted");
    let refunds = world.bank.refunds().len();
    assert!(paid > 60 && formed > 5 && refunds > 5, "{paid} paid, {formed} formed, {refunds} refunds");
    mall.stop().await;
}

/// Killed when the bank has done what it was asked and the answer is still on its way: asked again, it is the same charge
/// and the same refund.
async fn asks_again_for_what_it_cannot_know(backend: Backend) {
    let world = World::new(backend).await;
    let mall = world.mall().await;
    let (ann, owner, tea) = (mall.customer("ann").await, mall.owner().await, mall.product("tea", yuan(79), 10).await);
    let order = ann.buys(&tea, 1).await;
    mall.stop().await;

    let running = world.program().start(&["serve"], &world.url()).await;
    world.bank.faults().next(Operation::CreateCharge, ApiFault::HangAfterWork);
    let unanswered = tokio::spawn({
        let input = json!({ "orderId": order.order, "gateway": "sandbox", "idempotencyKey": fresh_key() });
        let ann = ann.clone();
        async move { ann.attempt(Api::Shop, PAY, json!({ "input": input })).await.is_none() }
    });
    until(async || world.bank.charges().len() == 1).await;
    running.kill().await;
    assert!(unanswered.await.expect("asking ends"), "nobody answered");

    let running = world.program().start(&["serve"], &world.url()).await;
    let order = order.paid().await;
    until(async || order.status().await == "TO_SHIP").await;
    assert_eq!(world.bank.charges().len(), 1, "asked twice, charged once");

    world.bank.faults().next(Operation::CreateRefund, ApiFault::HangAfterWork);
    let refund = "mutation($input: OrderRefundInput!) { orderRefund(input: $input) { userErrors { code message } } }";
    let input = json!({ "orderId": order.order, "reason": "goodwill", "idempotencyKey": fresh_key() });
    owner.admin(refund, json!({ "input": input })).await.ok("orderRefund");
    until(async || world.bank.refunds().len() == 1).await;
    running.kill().await;

    let mall = world.mall().await;
    comes_to_rest(&world, &mall).await;
    assert_eq!(world.bank.refunds().len(), 1, "asked twice, given back once");
    assert_eq!(mall.customer("ann").await.order(&order.order).await["status"], "REFUNDED");
    mall.stop().await;
}

/// Looks until it is so; a minute at most.
async fn until(fits: impl AsyncFn() -> bool) {
    let looking = async {
        let mut look = tokio::time::interval(std::time::Duration::from_millis(20));
        while !fits().await {
            look.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), looking).await.expect("it happens within a minute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_the_banks_work_and_the_commit_on_sqlite() {
    asks_again_for_what_it_cannot_know(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_the_banks_work_and_the_commit_on_postgres() {
    asks_again_for_what_it_cannot_know(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_on_sqlite() {
    survives(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_on_postgres() {
    survives(Backend::Postgres).await;
}
