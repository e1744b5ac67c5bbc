//! How many flash-sale orders are accepted in a second: `make bench-sale`.
//!
//! One purchase is what a shopper does in the second that counts: they show a pass. It leaves a real order behind: the order,
//! its line, its timeline, the purchase, the customer's count, the stock that is put aside and the facts for the outbox, all in
//! a commit that survives a power cut. A thousand callers wait at once. Beside it, in alternation and on the same database:
//!
//! - **bare**, the limit: the same rows, in the same batches and the same shape of transaction, written by the bare driver into
//!   tables with the same keys, checks and indexes, with nothing to decide and nothing to carry over the wire;
//! - **one by one**: the same purchases with one transaction per order, 32 at once.
//!
//! Then 1, 2 and 4 hot sales, one and two processes on one PostgreSQL, answers of "sold out", and the way over HTTP: the
//! GraphQL mutation beside a plain JSON handler that calls the same service. How soon five thousand watchers see that nothing
//! is left while a second sale goes on selling ([`screens`]). And the other play's crowd: fifty helpers at once on one bargain
//! record ([`helps`]).
//!
//! SQLite always; PostgreSQL when `BENCH_POSTGRES` names a server (`postgres://user@host:port`) on which databases may be
//! made. `BENCH_ORDERS` (6000) is how many orders one turn takes, `BENCH_ROUNDS` (5) how often each has its turn. The last line
//! is the table as JSON.

mod bare;
mod desks;
mod helps;
mod http;
mod mall;
mod score;
mod screens;

use std::{sync::Arc, time::Instant};

use bench_kit::{figures::machine, say, setting};
use campaign::flash_sale::{
    admission::Limits,
    desk::{Desk, Outcome},
    passes::Pass,
    rules::counter::Answer,
};
use futures_util::future::join_all;
use kernel::FlashSaleId;
use platform::limiter::Rate;
use sea_orm::{ConnectionTrait, Database};

use crate::{
    bare::Bare,
    mall::Mall,
    score::{Score, Table},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many wait at once.
const CALLERS: usize = 1_000;

/// How many transactions of one order run at once.
const ALONE: usize = 32;

/// Lets everybody in; what is measured is the line, not the door.
fn open_door(batch: Option<usize>) -> Limits {
    let rate = Rate { burst: u32::MAX, period: std::time::Duration::from_secs(1) };
    Limits { line: usize::MAX, of_customer: usize::MAX, told_from: usize::MAX, rate, batch }
}

/// So many callers show passes until there are none left. A desk each for some of them, or one for all.
async fn show(mall: &Mall, (desks, passes): (&[Arc<Desk>], Vec<Arc<Pass>>), (callers, expected): (usize, fn(Answer) -> bool)) -> Score {
    let waiting = std::sync::Mutex::new(passes);
    let began = Instant::now();
    let callers = (0..callers).map(async |caller| {
        let desk = &desks[caller % desks.len()];
        let (op, mut took) = (mall.platform.system("bench"), Vec::new());
        loop {
            let Some(pass) = waiting.lock().expect("nobody panicked").pop() else { return took };
            let one = Instant::now();
            match desk.serve(&op, &pass).await.expect("is served") {
                Outcome::Answered(answer) if expected(answer) => took.push(one.elapsed()),
                other => panic!("{other:?}"),
            }
        }
    });
    let each = join_all(callers).await.into_iter().flatten().collect();
    Score::of(began.elapsed(), each)
}

fn accepted(answer: Answer) -> bool {
    answer == Answer::Accepted
}

async fn compare(name: &str, url: &str, table: &mut Table) {
    let (rounds, orders) = (setting("BENCH_ROUNDS", 5), setting("BENCH_ORDERS", 6_000));
    let batch = if url.starts_with("sqlite") { 256 } else { 64 };
    let mall = Mall::opens(url).await;
    let sales = mall.sales(4, orders * (rounds + 1) * 8).await;
    let desk = || Arc::new(Desk::new(open_door(None)));
    let bare = Bare::of(&mall, (sales[0], batch)).await;
    say(&format!("{name}: {rounds} rounds of {orders} orders; batches of at most {batch}; {} rows per order", bare.rows()));

    let mut lines: Vec<(String, Vec<Score>)> = Vec::new();
    let mut add = |what: &str, score: Score| match lines.iter_mut().find(|(known, _)| known == what) {
        Some((_, scores)) => scores.push(score),
        None => lines.push((what.to_owned(), vec![score])),
    };
    for _ in 0..rounds {
        for hot in [1, 2, 4] {
            let passes = mall.passes(&sales[..hot], orders);
            add(&format!("{hot} hot"), show(&mall, (&[desk()], passes), (CALLERS, accepted)).await);
        }
        add("64 callers", show(&mall, (&[desk()], mall.passes(&sales[..1], orders)), (64, accepted)).await);
        add("bare", bare.writes(orders).await);
        let alone: Vec<Arc<Desk>> = (0..ALONE).map(|_| Arc::new(Desk::new(open_door(Some(1))))).collect();
        add("one by one", show(&mall, (&alone, mall.passes(&sales[..1], orders / 10)), (ALONE, accepted)).await);
    }
    for _ in 0..rounds {
        let nothing = mall.nothing_left().await;
        let passes = mall.passes(&[nothing], orders);
        let sold_out = desk();
        show(&mall, (std::slice::from_ref(&sold_out), vec![Arc::clone(&passes[0])]), (1, |answer| answer != Answer::Accepted)).await;
        let no = |answer| matches!(answer, Answer::SoldOut { .. });
        add("sold out, first no", show(&mall, (std::slice::from_ref(&sold_out), passes.clone()), (CALLERS, no)).await);
        add("sold out, again", show(&mall, (std::slice::from_ref(&sold_out), passes), (CALLERS, no)).await);
    }
    if batch == 64 {
        let mut one = desks::Desks::open(1, (url, mall.keys()), sales[0]);
        let mut two = desks::Desks::open(2, (url, mall.keys()), sales[0]);
        for _ in 0..rounds {
            add("one process", one.show(orders));
            add("two processes", two.show(orders));
        }
    }
    let over_http = orders / 4;
    for _ in 0..rounds {
        for way in [http::Way::Json, http::Way::GraphQl] {
            add(way.name(), http::show(&mall, (way, mall.passes(&sales[..1], over_http))).await);
        }
    }
    let limit = of(&lines, "bare");
    for (what, scores) in &mut lines {
        table.line((name, what), scores, limit);
    }
    let ours = of(&lines, "1 hot");
    let share = |what: &str, of_what: f64| format!("{what} {:.2}", of_what);
    say(&format!(
        "  {} · {} · {} · {} · {}\n",
        share("of bare", ours / limit),
        share("times one by one", ours / of(&lines, "one by one")),
        share("GraphQL of JSON", of(&lines, http::Way::GraphQl.name()) / of(&lines, http::Way::Json.name())),
        share("sold out of accepted", of(&lines, "sold out, again") / ours),
        share("two processes of one", of(&lines, "two processes") / of(&lines, "one process")),
    ));
    helps::compare((name, &mall), rounds, table).await;
    screens::compare((name, url, &mall), table).await;
}

fn of(lines: &[(String, Vec<Score>)], what: &str) -> f64 {
    lines.iter().find(|(known, _)| known == what).map_or(f64::NAN, |(_, scores)| score::median(scores))
}

/// A sale that is measured.
pub(crate) type SaleId = FlashSaleId;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["desk", url, keys, sale, callers] => desks::serve((url, keys), (sale, callers)),
        ["mall", url, keys, sold_out, goes_on] => screens::serve((url, keys), (sold_out, goes_on)),
        ["watch", address, sale, watchers] => screens::watch(address, (sale, watchers)),
        _ => everything(),
    }
}

#[tokio::main]
async fn everything() {
    say(&machine());
    let mut table = Table::default();
    let file = std::env::temp_dir().join(format!("bench-sale-{}.db", std::process::id()));
    compare("SQLite", &format!("sqlite://{}", file.display()), &mut table).await;
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
    match std::env::var("BENCH_POSTGRES") {
        Ok(server) => {
            let name = format!("bench_sale_{}", std::process::id());
            let admin = Database::connect(format!("{server}/postgres")).await.expect("the server answers");
            admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database can be made");
            compare("PostgreSQL", &format!("{server}/{name}"), &mut table).await;
            admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("it is dropped");
        }
        Err(_) => say("PostgreSQL is left out: BENCH_POSTGRES names no server"),
    }
    say(&table.json());
}
