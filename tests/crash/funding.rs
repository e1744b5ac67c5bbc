//! Killed between deposit and balance, and between a pledge, its deadline and the money that goes back: every reservation
//! and pledge that was acknowledged is there, what was raised is what was paid, and whoever gets money back gets it once.

use std::collections::BTreeSet;

use entity::campaign::{
    crowdfunding, crowdfunding_pledge as pledge, crowdfunding_tier as tier, presale, presale_reservation as reservation, presale_sku,
};
use kernel::{Clock, Timestamp, days};
use sandbox::protocol::RefundStatus;
use sea_orm::{DatabaseConnection, sea_query::Expr};

use super::*;

const RESERVE: &str =
    "mutation($input: PresaleReserveInput!) { presaleReserve(input: $input) { reservation { id } order { id } userErrors { code } } }";
const BALANCE: &str =
    "mutation($input: PresaleBalanceInput!) { presalePayBalance(input: $input) { reservation { id } order { id } userErrors { code } } }";
const MINE: &str = "{ presaleMyReservations(first: 50) { edges { node { id state balanceOrderId } } } }";
const PLEDGE: &str =
    "mutation($input: CrowdfundingPledgeInput!) { crowdfundingPledge(input: $input) { pledge { id } order { id } userErrors { code } } }";

/// What is paid down for a piece, in cents.
const DEPOSIT: i64 = 1_000;

/// How many pledges the crowdfunding asks for that reaches its goal; the other asks for more than there are customers.
const GOAL: i64 = 3;

/// What is sold, and what was acknowledged.
struct Fair {
    sku: String,
    presale: String,
    /// Crowdfunding, reward and SKU: one that can reach its goal, and one that cannot.
    funds: [(String, String, String); 2],
    told: Mutex<BTreeSet<String>>,
}

impl Fair {
    fn tell(&self, id: &Value) {
        self.told.lock().expect("nobody panicked").extend(id.as_str().map(str::to_owned));
    }
}

async fn arrange(mall: &Mall) -> Fair {
    let owner = mall.owner().await;
    let money = |minor: i64| json!({ "amount": minor, "currency": "CNY" });
    let at = |n: u64| (mall.now() + days(n)).to_rfc3339();
    let title = json!({ "zhCn": "新茶", "en": "New tea" });
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let publish = async |field: &str, id: &str| {
        let document = format!("mutation($id: ID!) {{ {field}(id: $id) {{ userErrors {{ code message }} }} }}");
        owner.admin(&document, json!({ "id": id })).await.ok(field);
    };

    let tea = mall.product("presold", yuan(79), 2_000).await;
    let input = json!({
        "title": title, "productId": tea.product, "mode": "DEPOSIT", "forfeits": true,
        "endsAt": at(5), "balanceUntil": at(8), "shipBy": at(30),
        "skus": [{ "skuId": tea.sku, "price": money(7_000), "deposit": money(DEPOSIT), "depositWorth": money(1_500), "stock": 1_500 }],
    });
    let create = "mutation($input: PresaleInput!) { presaleCreate(input: $input) { presale { id } userErrors { code message } } }";
    let presale = text(&owner.admin(create, json!({ "input": input })).await.ok("presaleCreate")["presale"]["id"]);
    publish("presalePublish", &presale).await;

    let mut funds = Vec::new();
    for (name, goal) in [("reached", GOAL), ("missed", 1_000_000)] {
        let goods = mall.product(name, yuan(79), 2_000).await;
        let input = json!({
            "title": title, "productId": goods.product, "goalKind": "UNITS", "goal": goal, "endsAt": at(7), "shipBy": at(30),
            "tiers": [{ "title": title, "skuId": goods.sku, "price": money(5_900), "stock": 1_500, "numbered": true }],
        });
        let create = "mutation($input: CrowdfundingInput!) { crowdfundingCreate(input: $input) { crowdfunding { id tiers { id } } userErrors { code message } } }";
        let made = owner.admin(create, json!({ "input": input })).await.ok("crowdfundingCreate")["crowdfunding"].clone();
        publish("crowdfundingPublish", &text(&made["id"])).await;
        funds.push((text(&made["id"]), text(&made["tiers"][0]["id"]), goods.sku.to_string()));
    }
    let funds: [_; 2] = funds.try_into().expect("two");
    Fair { sku: tea.sku.to_string(), presale, funds, told: Mutex::default() }
}

/// A customer buys at a play's own door, by a quote for it, and pays.
async fn orders(
    shopper: &Shopper<'_>,
    (play, sku, delivery): (Value, &str, &str),
    (document, field, rest): (&str, &str, Value),
) -> Option<Value> {
    let input = json!({ "lines": [{ "skuId": sku, "quantity": 1 }], "play": play, "delivery": delivery });
    let quote = shopper.ask(QUOTE, json!({ "input": input }), "quoteCreate").await?["quote"].clone();
    let mut input = rest;
    input["quoteId"] = json!(quote["id"].as_str()?);
    input["expectedTotal"] = json!({ "amount": quote["total"]["amount"], "currency": "CNY" });
    input["idempotencyKey"] = json!(fresh_key());
    input["shippingAddress"] = json!({ "recipient": "x", "phone": "13800138000", "region": "福建", "street": "1" });
    shopper.ask(document, json!({ "input": input }), field).await
}

/// Keeps a customer busy: pays down, pays the rest, pledges.
async fn back(client: Client, fair: Arc<Fair>, (seed, asked): (usize, watch::Sender<usize>)) {
    for turn in 0..1_000_usize {
        let shopper = Shopper { client: &client, asked: &asked };
        let _ = one(&shopper, &fair, seed + turn).await;
        tokio::task::yield_now().await;
    }
}

async fn one(shopper: &Shopper<'_>, fair: &Fair, turn: usize) -> Option<()> {
    let (made, id) = match turn % 4 {
        0 => {
            let rest = json!({ "presaleId": fair.presale });
            let play = json!({ "kind": "presale", "id": fair.presale });
            (orders(shopper, (play, &fair.sku, "VIRTUAL"), (RESERVE, "presaleReserve", rest)).await?, "reservation")
        }
        1 => {
            let mine = shopper.ask(MINE, json!({}), "presaleMyReservations").await?;
            let waits = |edge: &&Value| edge["node"]["state"] == "BALANCE_DUE" && edge["node"]["balanceOrderId"].is_null();
            let due = mine["edges"].as_array()?.iter().find(waits)?["node"]["id"].clone();
            let play = json!({ "kind": "presale", "id": due });
            let rest = json!({ "reservationId": due });
            (orders(shopper, (play, &fair.sku, "SHIP"), (BALANCE, "presalePayBalance", rest)).await?, "reservation")
        }
        n => {
            let (_, tier, sku) = &fair.funds[n - 2];
            let play = json!({ "kind": "crowdfunding", "id": tier });
            (orders(shopper, (play, sku, "SHIP"), (PLEDGE, "crowdfundingPledge", json!({ "tierId": tier }))).await?, "pledge")
        }
    };
    fair.tell(&made[id]["id"]);
    shopper.pays(made["order"]["id"].as_str()?).await
}

/// Between two lives of the mall the calendar is turned: what is paid down can be paid in full from now on, for an hour.
async fn balances_open(db: &DatabaseConnection, now: Timestamp) {
    let hour = now + hours(1);
    let presales = presale::Entity::update_many()
        .col_expr(presale::Column::EndsAt, Expr::value(now.0))
        .col_expr(presale::Column::BalanceFrom, Expr::value(now.0))
        .col_expr(presale::Column::BalanceUntil, Expr::value(hour.0));
    presales.exec(db).await.expect("is written");
    let reservations = reservation::Entity::update_many()
        .col_expr(reservation::Column::BalanceFrom, Expr::value(now.0))
        .col_expr(reservation::Column::BalanceUntil, Expr::value(hour.0));
    reservations.exec(db).await.expect("is written");
}

/// Staff end both crowdfundings while the load goes on.
async fn ends(world: &World, fair: &Fair, owner: &str) {
    let client = Client::anonymous(world.url()).with_token(owner);
    for (id, _, _) in &fair.funds {
        let document = "mutation($id: ID!) { crowdfundingEndEarly(id: $id) { userErrors { code message } } }";
        let _ = client.attempt(Api::Admin, document, json!({ "id": id })).await;
    }
}

async fn survives(backend: Backend) {
    let world = World::new(backend).await;
    let mall = world.mall().await;
    let fair = Arc::new(arrange(&mall).await);
    let owner = mall.owner().await.token().expect("is signed in").to_owned();
    let tokens = mint_demo_tokens(&mall.op(), CUSTOMERS).await.expect("demo customers sign in");
    let clients: Vec<Client> = tokens.into_iter().map(|token| Client::anonymous(world.url()).with_token(token)).collect();
    mall.work().await;
    mall.stop().await;
    for round in 0..KILLS {
        if round == 2 {
            balances_open(&world.database.connect().await, world.clock.now()).await;
        }
        let running = world.program().start(&["serve"], &world.url()).await;
        let (asked, mut counted) = watch::channel(0_usize);
        let load: Vec<_> = clients
            .iter()
            .enumerate()
            .map(|(n, client)| tokio::spawn(back(client.clone(), Arc::clone(&fair), (n + round, asked.clone()))))
            .collect();
        let [low, high] = random_bytes::<2>();
        let target = 150 + usize::from(low) + usize::from(high);
        counted.wait_for(|n| *n >= target).await.expect("the load goes on");
        if round + 1 == KILLS {
            ends(&world, &fair, &owner).await;
        }
        running.kill().await;
        for task in load {
            task.abort();
            if let Err(error) = task.await {
                assert!(error.is_cancelled(), "{error}");
            }
        }
    }
    let mall = world.mall().await;
    let owner = mall.owner().await;
    for (id, _, _) in &fair.funds {
        // The last life may have been too short for both; ended already is a success.
        let document = "mutation($id: ID!) { crowdfundingEndEarly(id: $id) { userErrors { code } } }";
        owner.admin(document, json!({ "id": id })).await;
    }
    comes_to_rest(&world, &mall).await;
    let db = world.database.connect().await;
    presales_are_whole(&db, &fair, stands(&mall, "forfeits").await).await;
    crowdfundings_are_whole(&world, &db, &fair).await;
    mall.stop().await;
}

async fn stands(mall: &Mall, account: &str) -> i64 {
    let balances = trade::ledger::service::balances(&mall.op()).await.expect("reads");
    balances.iter().filter(|balance| balance.account == account).map(|balance| balance.amount.minor).sum()
}

/// Everything has come to its end, the counters say what the rows say, and what was lost is what the books earned.
async fn presales_are_whole(db: &DatabaseConnection, fair: &Fair, forfeits: i64) {
    use reservation::ReservationState::{Forfeited, Paid, Refunded, Released};
    let rows = reservation::Entity::find().all(db).await.expect("reads");
    let count = |state: reservation::ReservationState| i64::try_from(rows.iter().filter(|row| row.state == state).count()).expect("few");
    assert_eq!(count(Paid) + count(Forfeited) + count(Refunded) + count(Released), i64::try_from(rows.len()).expect("few"), "{rows:?}");
    assert!(count(Paid) > 0 && count(Forfeited) > 0, "a load that left nothing behind would prove nothing: {rows:?}");
    let row = presale::Entity::find().one(db).await.expect("reads").expect("is there");
    let sku = presale_sku::Entity::find().one(db).await.expect("reads").expect("is there");
    assert_eq!((row.reserved, row.paid, sku.taken), (count(Paid), count(Paid), count(Paid)));
    assert_eq!(forfeits, -DEPOSIT * count(Forfeited));
    let known: BTreeSet<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let told = fair.told.lock().expect("nobody panicked");
    assert!(told.iter().filter(|id| id.starts_with("psr_")).all(|id| known.contains(id)), "every acknowledged reservation exists");
}

/// Who backed what succeeded has an order that goes on; who backed what failed has their money, once.
async fn crowdfundings_are_whole(world: &World, db: &DatabaseConnection, fair: &Fair) {
    use pledge::PledgeState::{Pledged, Refunded, Released};
    let rows = pledge::Entity::find().all(db).await.expect("reads");
    let known: BTreeSet<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let told = fair.told.lock().expect("nobody panicked").clone();
    assert!(told.iter().filter(|id| id.starts_with("cfp_")).all(|id| known.contains(id)), "every acknowledged pledge exists");
    for ((id, _, _), ended) in fair.funds.iter().zip([crowdfunding::CrowdfundingState::Succeeded, crowdfunding::CrowdfundingState::Failed])
    {
        let id: kernel::CrowdfundingId = id.parse().expect("an id");
        let row = crowdfunding::Entity::find_by_id(id).one(db).await.expect("reads").expect("is there");
        assert_eq!(row.state, ended);
        let of_it: Vec<_> = rows.iter().filter(|pledge| pledge.crowdfunding == id).collect();
        let [pledged, refunded] = [Pledged, Refunded].map(|state| of_it.iter().filter(|row| row.state == state).collect::<Vec<_>>());
        let released = of_it.iter().filter(|row| row.state == Released).count();
        assert_eq!(pledged.len() + refunded.len() + released, of_it.len(), "{of_it:?}");
        let succeeded = ended == crowdfunding::CrowdfundingState::Succeeded;
        assert!(succeeded && !pledged.is_empty() || !succeeded && pledged.is_empty() && !refunded.is_empty(), "{of_it:?}");
        if succeeded {
            let raised: i64 = pledged.iter().map(|row| row.amount_minor).sum();
            assert_eq!((row.raised_minor, row.backers), (raised, i64::try_from(pledged.len()).expect("few")));
            let numbers: BTreeSet<_> = pledged.iter().map(|row| row.edition_no).collect();
            assert_eq!(numbers.len(), pledged.len(), "every numbered piece has one owner");
            let tier = tier::Entity::find().filter(tier::Column::Crowdfunding.eq(id)).one(db).await.expect("reads").expect("is there");
            assert_eq!(tier.taken, row.units);
        }
    }
    let mut back = BTreeSet::new();
    for refund in world.bank.refunds().into_iter().filter(|refund| refund.status == RefundStatus::Succeeded) {
        assert!(back.insert(refund.request.merchant_charge_no.clone()), "{} went back twice", refund.request.merchant_charge_no);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deposits_and_pledges_are_whole_on_sqlite() {
    survives(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deposits_and_pledges_are_whole_on_postgres() {
    survives(Backend::Postgres).await;
}
