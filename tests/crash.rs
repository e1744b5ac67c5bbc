//! The real binary, killed with SIGKILL in the middle of joining, paying and forming, several times, and started again.
//! The bank lives in the test and goes on reporting. Whatever was interrupted, afterwards everybody has what they paid
//! for or their money, once.
//!
//! ```text
//! arrange (in the test) ─▶ [ start ─ load ─ kill after n requests ] × rounds ─▶ in the test: time passes, all settles ─▶ check
//! ```

mod bargain;
mod funding;

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
use sandbox::{ApiFault, Bank, Faults, Operation, protocol::ChargeStatus};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use testkit::{
    Api, Backend, Client, Database, Deal, Mall,
    app::{PushedClock, open_bank},
    fresh_key, invariants,
    people::Customer,
    process::{Program, free_port},
    providers::{PAY_THROUGH, Providers, SYNC, handed, known_at_once, pay_input, price},
    servers,
    shopping::{Cashier, JOIN, OPEN, PAY, QUOTE},
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
    providers: Providers,
    clock: PushedClock,
    port: u16,
    settings: Vec<(&'static str, String)>,
    folder: tempfile::TempDir,
}

impl World {
    async fn new(backend: Backend) -> Self {
        let clock = PushedClock::default();
        let (bank, mut settings, _) = open_bank(Arc::new(clock.clone())).await;
        let (providers, told) = Providers::open(Arc::new(clock.clone())).await;
        settings.extend(told);
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
        providers.report_to(&format!("http://127.0.0.1:{port}"));
        Self { database, bank, providers, clock, port, settings, folder }
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

/// A customer whose requests are counted.
struct Shopper<'a> {
    client: &'a Client,
    asked: &'a watch::Sender<usize>,
}

impl Shopper<'_> {
    /// What a field answers, if anybody does.
    async fn ask(&self, document: &str, variables: Value, field: &str) -> Option<Value> {
        self.asked.send_modify(|n| *n += 1);
        let answer = self.client.attempt(Api::Shop, document, variables).await?;
        assert!(answer.error() != Some("INTERNAL"), "{}", answer.shown());
        Some(answer.body["data"][field].clone())
    }

    /// Pays an order at the bank.
    async fn pays(&self, order: &str) -> Option<()> {
        let input = json!({ "orderId": order, "gateway": "sandbox", "idempotencyKey": fresh_key() });
        let paying = self.ask(PAY, json!({ "input": input }), "orderPay").await?;
        let cashier = paying["payment"]["action"]["url"].as_str()?.to_owned();
        self.asked.send_modify(|n| *n += 1);
        reqwest::Client::new().post(format!("{cashier}/pay")).send().await.ok()?;
        Some(())
    }
}

async fn buy(client: &Client, field: &Field, opens: bool, asked: &watch::Sender<usize>) -> Option<()> {
    let shopper = Shopper { client, asked };
    let ask = async |document: &str, variables: Value, field: &str| shopper.ask(document, variables, field).await;
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
    shopper.pays(seated["order"]["id"].as_str()?).await?;
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
            world.providers.settled().await;
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
    assert!(paid > 60 && formed > 0 && refunds > 5, "{paid} paid, {formed} formed, {refunds} refunds");
    mall.stop().await;
}

/// Whoever takes money: the built-in bank, and the simulated providers.
const TILLS: [&str; 5] = ["sandbox", "wechat", "alipay", "stripe", "paypal"];

impl World {
    fn faults(&self, till: &str) -> &Faults {
        if till == "sandbox" { self.bank.faults() } else { self.providers.faults(till) }
    }

    fn charges(&self, till: &str) -> usize {
        if till == "sandbox" { self.bank.charges().len() } else { self.providers.charges(till).len() }
    }

    fn refunds(&self, till: &str) -> usize {
        if till == "sandbox" { self.bank.refunds().len() } else { self.providers.refunds(till).len() }
    }

    /// What a till holds for the mall, in cents.
    fn held(&self, till: &str) -> i64 {
        let currency = price(till).currency;
        let held = if till == "sandbox" { self.bank.balance("m1", currency) } else { self.providers.balance((till, currency)) };
        held.minor
    }

    async fn shopper_pays(&self, till: &str, handed: String) {
        match till {
            "sandbox" => assert_eq!(Cashier { url: handed, number: String::new() }.pay().await, reqwest::StatusCode::SEE_OTHER),
            _ => assert!(self.providers.shopper_pays((till, &handed)), "{till}: {handed}"),
        }
    }
}

/// An order and the till it is paid at.
struct Bought {
    till: &'static str,
    order: String,
}

impl Bought {
    fn input(&self) -> Value {
        pay_input((self.till, known_at_once(self.till), &self.order))
    }

    /// Asks for the money and hears nothing, because the mall dies.
    async fn asks_in_vain(&self, ann: &Customer) {
        assert!(ann.attempt(Api::Shop, PAY_THROUGH, self.input()).await.is_none(), "{}: nobody answers", self.till);
    }

    /// Asks for the money: the payment and what the device holds.
    async fn asks(&self, ann: &Customer) -> (String, String) {
        let answer = ann.shop(PAY_THROUGH, self.input()).await;
        let payment = &answer.ok("orderPay")["payment"];
        (payment["id"].as_str().expect("an id").to_owned(), handed(&payment["action"]))
    }

    async fn is(&self, ann: &Customer, status: &str) -> bool {
        ann.order(&self.order).await["status"] == status
    }
}

/// Killed when every provider has done what it was asked and its answer is still on its way: asked again, it is the same
/// charge, the same collection, the same payout and the same refund.
async fn asks_again_for_what_it_cannot_know(backend: Backend) {
    let world = World::new(backend).await;
    let mall = world.mall().await;
    let (ann, owner) = (mall.customer("ann").await, mall.owner().await);
    let mut all = Vec::new();
    for till in TILLS {
        let tea = mall.product("tea", price(till), 10).await;
        all.push(Bought { till, order: ann.buys(&tea, 1).await.order });
    }
    world.providers.knows(&mall, &ann).await;
    let given = json!({ "customerId": ann.id, "amount": { "amount": 10_000, "currency": "CNY" }, "reason": "welcome", "idempotencyKey": fresh_key() });
    let give = "mutation($input: WalletAdjustInput!) { walletAdjust(input: $input) { userErrors { code message } } }";
    owner.admin(give, json!({ "input": given })).await.ok("walletAdjust");
    mall.stop().await;

    let running = world.program().start(&["serve"], &world.url()).await;
    for till in TILLS {
        world.faults(till).next(Operation::CreateCharge, ApiFault::HangAfterWork);
    }
    let unanswered = futures_util::future::join_all(all.iter().map(|one| one.asks_in_vain(&ann)));
    let killed = async {
        until(async || TILLS.iter().all(|till| world.charges(till) == 1)).await;
        running.kill().await;
    };
    tokio::join!(unanswered, killed);

    // PayPal only collects what was approved when it is asked to, so there is a call more to die in.
    let running = world.program().start(&["serve"], &world.url()).await;
    world.faults("paypal").next(Operation::CaptureCharge, ApiFault::HangAfterWork);
    world.faults("wechat").next(Operation::CreateTransfer, ApiFault::HangAfterWork);
    let mut approved = String::new();
    for one in &all {
        let (payment, handed) = one.asks(&ann).await;
        world.shopper_pays(one.till, handed).await;
        approved = payment;
    }
    let (paypal, others) = all.split_last().expect("there are five");
    for one in others {
        until(async || one.is(&ann, "TO_SHIP").await).await;
    }
    let out = "mutation($input: WalletWithdrawalInput!) { walletWithdrawalRequest(input: $input) { userErrors { code message } } }";
    let input = json!({ "amount": { "amount": 10_000, "currency": "CNY" }, "gateway": "wechat", "idempotencyKey": fresh_key() });
    ann.shop(out, json!({ "input": input })).await.ok("walletWithdrawalRequest");
    until(async || world.held(paypal.till) > 0 && world.providers.wechat.transfers().len() == 1).await;
    running.kill().await;

    let running = world.program().start(&["serve"], &world.url()).await;
    ann.shop(SYNC, json!({ "id": approved })).await.ok("paymentSync");
    until(async || paypal.is(&ann, "TO_SHIP").await).await;
    for till in TILLS {
        assert_eq!((world.charges(till), world.held(till)), (1, 7_900), "{till}: asked twice, charged once");
        world.faults(till).next(Operation::CreateRefund, ApiFault::HangAfterWork);
    }
    let refund = "mutation($input: OrderRefundInput!) { orderRefund(input: $input) { userErrors { code message } } }";
    for one in &all {
        let input = json!({ "orderId": one.order, "reason": "goodwill", "idempotencyKey": fresh_key() });
        owner.admin(refund, json!({ "input": input })).await.ok("orderRefund");
    }
    until(async || TILLS.iter().all(|till| world.refunds(till) == 1)).await;
    running.kill().await;

    let mall = world.mall().await;
    comes_to_rest(&world, &mall).await;
    let ann = mall.customer("ann").await;
    for one in &all {
        assert_eq!((world.refunds(one.till), world.held(one.till)), (1, 0), "{}: asked twice, given back once", one.till);
        assert!(one.is(&ann, "REFUNDED").await, "{}", one.till);
    }
    let mine = "{ walletWithdrawals { edges { node { withdrawalNo state } } } }";
    let waits = ann.shop(mine, json!({})).await.ok("walletWithdrawals")["edges"].clone();
    assert_eq!((waits[0]["node"]["state"].as_str(), waits.as_array().map(Vec::len)), (Some("AWAITING_PAYEE"), Some(1)), "{waits}");
    assert_eq!(world.providers.wechat.transfers().len(), 1, "asked twice, paid out once");
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
async fn killed_between_any_providers_work_and_the_commit_on_sqlite() {
    asks_again_for_what_it_cannot_know(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_any_providers_work_and_the_commit_on_postgres() {
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
