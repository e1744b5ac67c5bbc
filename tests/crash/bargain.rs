//! Killed while friends cut: every cut that was acknowledged is counted, once, by the amount that was told.

use std::collections::BTreeMap;

use campaign::bargain::{proof, query};
use testkit::bargaining::HELP;

use super::*;

/// How many bargains there are, and how many cuts each takes.
const BARGAINS: usize = 12;
const CUTS: usize = 40;

/// What was acknowledged: by record and helper, the cut's number and amount.
type Told = Arc<Mutex<BTreeMap<(String, usize), (i64, i64)>>>;

/// A friend helps with one bargain after the other, again and again; what is answered is written down.
async fn help(client: Client, records: Arc<Vec<String>>, (n, told, asked): (usize, Told, watch::Sender<usize>)) {
    for turn in 0..10_000_usize {
        let record = &records[(n + turn) % records.len()];
        asked.send_modify(|n| *n += 1);
        if let Some(answer) = client.attempt(Api::Shop, HELP, json!({ "input": { "recordId": record } })).await {
            assert!(answer.error() != Some("INTERNAL"), "{}", answer.shown());
            let cut = &answer.body["data"]["bargainHelp"]["cut"];
            if let (Some(no), Some(amount)) = (cut["no"].as_i64(), cut["amount"]["amount"].as_i64()) {
                let known = told.lock().expect("nobody panicked").insert((record.clone(), n), (no, amount));
                assert!(known.is_none_or(|known| known == (no, amount)), "told {known:?} before and ({no}, {amount}) now");
            }
        }
        tokio::task::yield_now().await;
    }
}

async fn survives(backend: Backend) {
    let world = World::new(backend).await;
    let mall = world.mall().await;
    let tea = mall.product("tea", yuan(79), 1_000).await;
    let bargain = mall.bargain(&tea, (yuan(29), u32::try_from(CUTS).expect("small")), json!({})).await;
    let mut records = Vec::new();
    for n in 0..BARGAINS {
        records.push(mall.customer(&format!("owner{n}")).await.bargains(&bargain).await);
    }
    let tokens = mint_demo_tokens(&mall.op(), CUSTOMERS).await.expect("demo customers sign in");
    let clients: Vec<Client> = tokens.into_iter().map(|token| Client::anonymous(world.url()).with_token(token)).collect();
    mall.work().await;
    mall.stop().await;
    let (records, told) = (Arc::new(records), Told::default());
    for _ in 0..KILLS {
        let running = world.program().start(&["serve"], &world.url()).await;
        let (asked, mut counted) = watch::channel(0_usize);
        let load: Vec<_> = clients
            .iter()
            .enumerate()
            .map(|(n, client)| tokio::spawn(help(client.clone(), Arc::clone(&records), (n, Arc::clone(&told), asked.clone()))))
            .collect();
        let [low] = random_bytes::<1>();
        let target = CUSTOMERS + usize::from(low) / 3;
        counted.wait_for(|n| *n >= target).await.expect("the load goes on");
        running.kill().await;
        for task in load {
            task.abort();
            if let Err(error) = task.await {
                assert!(error.is_cancelled(), "{error}");
            }
        }
    }
    let mall = world.mall().await;
    let told = told.lock().expect("nobody panicked").clone();
    assert!(told.len() > 10, "a load that left nothing behind would prove nothing: {}", told.len());
    let mut counted = 0;
    for record in records.iter() {
        let record = record.parse().expect("an id");
        let proof = query::proof(&mall.op(), record).await.expect("reads").expect("is there");
        let (verdict, breaks) = proof::verify(&proof);
        assert!(verdict != proof::Verdict::Broken, "{breaks:?}");
        counted += proof.made.len();
        for ((_, _), (no, amount)) in told.iter().filter(|((known, _), _)| *known == record.to_string()) {
            let cut = proof.made.iter().find(|cut| i64::from(cut.no) == *no).expect("an acknowledged cut is there");
            assert_eq!(cut.amount_minor, *amount, "what was told is what was cut");
        }
    }
    assert!(counted >= told.len(), "{counted} cuts, {} told", told.len());
    mall.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_cut_counts_once_on_sqlite() {
    survives(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_cut_counts_once_on_postgres() {
    survives(Backend::Postgres).await;
}
