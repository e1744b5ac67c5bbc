//! How many orders are placed and paid in a second: `make bench-orders`.
//!
//! One purchase is what a shopper does: a quote, the order, the payment at a bank that answers at once, and the bank's
//! report of it. Four calls of the services in process, each with a commit that survives a power cut, and everybody wants
//! the same SKU. Beside it, in alternation and on the same database:
//!
//! - **bare**, the limit: the rows one purchase leaves behind and the update of one hot row, in one transaction of the bare
//!   driver, into tables without keys;
//! - **bare, five**: the same rows in as many transactions as a purchase has.
//!
//! What follows a purchase (the relay and the jobs of its events) is measured apart. SQLite always; Postgres when
//! `BENCH_POSTGRES` names a server (`postgres://user@host:port`) on which databases may be made.
//!
//! `BENCH_TURN_MS` (1500) is how long one turn takes, `BENCH_ROUNDS` (7) how often each has its turn.

mod bare;
mod mall;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bench_kit::{figures::machine, say, setting};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Database};

use crate::{
    bare::Bare,
    mall::{Mall, Steps},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many buy at once.
const CLIENTS: [usize; 3] = [1, 16, 64];

/// What one turn of one contender came to.
struct Turn {
    per_second: f64,
    each: Vec<Duration>,
}

/// So many clients, each a task of its own, do it again and again for one turn.
async fn turn<T, F>(clients: usize, length: Duration, once: impl Fn(usize) -> F + Clone + Send + 'static) -> (Turn, Vec<T>)
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let began = Instant::now();
    let working = (0..clients).map(|client| {
        let once = once.clone();
        tokio::spawn(async move {
            let mut done = Vec::new();
            while began.elapsed() < length {
                let one = Instant::now();
                let what = once(client).await;
                done.push((one.elapsed(), what));
            }
            done
        })
    });
    let done: Vec<(Duration, T)> = join_all(working).await.into_iter().flat_map(|client| client.expect("no panic")).collect();
    let took = began.elapsed().as_secs_f64();
    let (each, what): (Vec<Duration>, Vec<T>) = done.into_iter().unzip();
    (Turn { per_second: each.len() as f64 / took, each }, what)
}

/// All turns of one contender.
#[derive(Default)]
struct Score {
    rates: Vec<f64>,
    each: Vec<Duration>,
}

impl Score {
    fn add(&mut self, turn: Turn) {
        self.rates.push(turn.per_second);
        self.each.extend(turn.each);
    }

    fn median(&mut self) -> f64 {
        self.rates.sort_by(f64::total_cmp);
        self.rates.get(self.rates.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn say(&mut self, what: &str) {
        let median = self.median();
        let (low, high) = (self.rates.first().copied().unwrap_or(f64::NAN), self.rates.last().copied().unwrap_or(f64::NAN));
        self.each.sort();
        say(&format!(
            "  {what:<22} {median:>9.1} /s  ({low:.1} … {high:.1})   p50 {:>8.2} ms   p99 {:>8.2} ms",
            at(&self.each, 50),
            at(&self.each, 99)
        ));
    }
}

/// Milliseconds below which so many of a hundred lie.
fn at(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
}

async fn compare(name: &str, url: &str) {
    let (rounds, length) = (setting("BENCH_ROUNDS", 7), Duration::from_millis(setting("BENCH_TURN_MS", 1_500) as u64));
    let mall = Arc::new(Mall::opens(url).await);
    mall.buys(0).await;
    mall.follows().await;
    let before = mall.statements();
    let rows = Bare::counts(&mall).await;
    mall.buys(0).await;
    let statements = mall.statements() - before;
    let bare = Arc::new(Bare::of(Arc::clone(&mall), &rows).await);
    let buys = {
        let mall = Arc::clone(&mall);
        move |client| {
            let mall = Arc::clone(&mall);
            async move { mall.buys(client).await }
        }
    };
    let writes = |transactions: usize| {
        let bare = Arc::clone(&bare);
        move |_| {
            let bare = Arc::clone(&bare);
            async move { bare.writes(transactions).await }
        }
    };
    say(&format!("{name}: a purchase is {statements} statements in {} transactions and leaves {} rows", mall::TRANSACTIONS, bare.rows()));
    for clients in CLIENTS {
        let (mut ours, mut one, mut five) = (Score::default(), Score::default(), Score::default());
        let (mut steps, mut followed, mut bought) = (Steps::default(), Duration::ZERO, 0);
        for _ in 0..rounds {
            let (done, took) = turn(clients, length, buys.clone()).await;
            bought += took.len();
            took.into_iter().for_each(|step| steps.add(step));
            ours.add(done);
            let began = Instant::now();
            mall.follows().await;
            followed += began.elapsed();
            one.add(turn(clients, length, writes(1)).await.0);
            five.add(turn(clients, length, writes(mall::TRANSACTIONS)).await.0);
        }
        say(&format!("{name}, {clients} at once, {rounds} rounds of {length:?}"));
        ours.say("purchases");
        one.say("bare");
        five.say("bare, five commits");
        let (limit, alike) = (ours.median() / one.median(), ours.median() / five.median());
        say(&format!("  purchases are {:.1} % of bare, {:.1} % of the same commits", limit * 1e2, alike * 1e2));
        steps.say();
        say(&format!("  what follows a purchase takes {:.2} ms of one worker", followed.as_secs_f64() * 1e3 / bought.max(1) as f64));
    }
    mall.closes().await;
}

/// A new database on a server, and how careful that server is.
async fn on_server(server: &str) -> String {
    let admin = Database::connect(format!("{server}/postgres")).await.expect("the Postgres server answers");
    let name = format!("bench_{}", hex::encode(platform::crypto::random_bytes::<6>()));
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("the user may create databases");
    for setting in ["fsync", "synchronous_commit"] {
        let answer = admin.query_one_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, format!("SHOW {setting}"))).await;
        let value: String = answer.expect("the server answers").expect("one row").try_get_by_index(0).expect("text");
        say(&format!("Postgres: {setting} is {value}"));
    }
    format!("{server}/{name}")
}

#[tokio::main]
async fn main() {
    say(&machine());
    let file = std::env::temp_dir().join(format!("liebian-bench-{}.db", hex::encode(platform::crypto::random_bytes::<6>())));
    compare("SQLite", &format!("sqlite://{}", file.display())).await;
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
    match std::env::var("BENCH_POSTGRES") {
        Ok(server) => compare("Postgres", &on_server(&server).await).await,
        Err(_) => say("Postgres is left out: BENCH_POSTGRES names no server"),
    }
}
