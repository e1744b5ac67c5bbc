//! How soon five thousand watchers see that nothing is left, while another sale goes on selling.
//!
//! The mall is the real one in a process of its own: its schema, its sockets, its relay. The watchers are another process. The
//! clock starts when the last piece is kept and its buyer is told; it stops when the socket has the frame that says so.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use bench_kit::{
    heard, nanoseconds,
    part::Part,
    say, setting,
    socket::{self, Listen, greeted, masked, next},
};
use campaign::flash_sale::{
    desk::{Desk, Outcome},
    rules::counter::Answer,
};
use futures_util::future::join_all;
use liebian::{app::Start, config::Sources};
use platform::worker::backlog;
use tokio::{io::AsyncWriteExt, sync::Semaphore};

use crate::{
    CALLERS, SaleId,
    mall::Mall,
    open_door,
    score::{Score, Table},
};

/// How many watch.
const WATCHERS: usize = 5_000;

/// How many pieces there are.
const PIECES: usize = 2_000;

const WATCH: &str = "subscription($id: ID!) { flashSaleStock(id: $id) { cursor serverTime flashSale { soldOut items { left } } } }";

/// One sale after another is sold out in front of everybody.
pub async fn compare((name, url, mall): (&str, &str, &Mall), table: &mut Table) {
    let mut scores = Vec::new();
    for _ in 0..setting("BENCH_SCREENS", 3) {
        let (sold_out, goes_on) = (mall.sale(PIECES as i64).await, mall.sale(1_000_000).await);
        scores.push(once((url, mall.keys()), (sold_out, goes_on)));
    }
    table.line((name, "sold out on screens"), &scores, f64::NAN);
}

fn once((url, keys): (&str, &str), (sold_out, goes_on): (SaleId, SaleId)) -> Score {
    let mut server = Part::start(&["mall", url, keys, &sold_out.to_string(), &goes_on.to_string()]);
    let address = server.hear();
    let mut watchers = Part::start(&["watch", &address, &sold_out.to_string(), &WATCHERS.to_string()]);
    assert_eq!(watchers.hear(), "watching");
    server.tell("go");
    let at: u128 = server.hear().parse().expect("the moment");
    let seen = watchers.hear();
    server.tell("enough");
    let each: Vec<String> = seen
        .split_whitespace()
        .map(|seen| seen.parse::<u128>().expect("a moment").saturating_sub(at))
        .map(|late| format!("{}", late as f64 / 1e6))
        .collect();
    let last = each.iter().map(|late| late.parse::<f64>().expect("a figure")).fold(0.0, f64::max);
    say(&format!("  the last of {} screens: {last:.1} ms after the last piece was sold", each.len()));
    Score::of_processes(std::time::Duration::from_secs_f64(last.max(0.001) / 1e3), &[each.join(" ")])
}

/// The mall; when told, a thousand callers at once buy at two sales until one has nothing left and go on at the other.
#[tokio::main]
pub async fn serve((url, keys): (&str, &str), (sold_out, goes_on): (&str, &str)) {
    let folder = std::env::temp_dir().join(format!("bench-sale-media-{}", std::process::id()));
    let sources = [
        ("DATABASE_URL", url),
        ("DATABASE_CONNECTIONS", "20"),
        ("SECRET_KEYS", keys),
        ("LISTEN", "127.0.0.1:0"),
        ("STORAGE_FOLDER", &folder.display().to_string()),
    ];
    let sources = sources.into_iter().fold(Sources::default(), |sources, (name, value)| sources.with(name, value));
    let app = liebian::app::start(&sources.read().expect("possible settings"), Start::default()).await.expect("the mall starts");
    let mall = Mall::on(Arc::clone(app.platform()), keys).await;
    let (sold_out, goes_on): (SaleId, SaleId) = (sold_out.parse().expect("a sale"), goes_on.parse().expect("a sale"));
    // What was sold before is told before anybody watches.
    let mut look = tokio::time::interval(std::time::Duration::from_millis(100));
    while backlog(app.platform()).await.expect("counts").events > 0 {
        look.tick().await;
    }
    say(&app.addr().to_string());
    heard();
    let (desk, waiting) = (Desk::new(open_door(None)), Mutex::new(mall.passes(&[sold_out, goes_on], PIECES * 4)));
    let (left, at) = (AtomicUsize::new(PIECES), AtomicU64::new(0));
    let callers = (0..CALLERS).map(async |_| {
        let op = mall.platform.system("bench");
        loop {
            let Some(pass) = waiting.lock().expect("nobody panicked").pop() else { return };
            let answer = desk.serve(&op, &pass).await.expect("is served");
            if pass.flash_sale == sold_out && answer == Outcome::Answered(Answer::Accepted) && left.fetch_sub(1, Ordering::SeqCst) == 1 {
                at.store(u64::try_from(nanoseconds()).expect("this century"), Ordering::SeqCst);
            }
        }
    });
    join_all(callers).await;
    say(&at.load(Ordering::SeqCst).to_string());
    heard();
    let _ = std::fs::remove_dir_all(folder);
}

/// The watchers: each says when it saw that nothing is left.
#[tokio::main(flavor = "current_thread")]
pub async fn watch(address: &str, (sale, watchers): (&str, &str)) {
    let gate = Arc::new(Semaphore::new(64));
    let watch = serde_json::json!({ "id": "1", "type": "subscribe", "payload": { "query": WATCH, "variables": { "id": sale } } });
    let watch: Arc<[u8]> = masked(watch.to_string().as_bytes()).into();
    let sockets = (0..watchers.parse().expect("a number")).map(|nth| {
        let (address, gate, watch) = (address.to_owned(), Arc::clone(&gate), Arc::clone(&watch));
        tokio::spawn(async move {
            let _turn = gate.acquire().await.expect("open");
            let mut buffer = Vec::with_capacity(1_024);
            let mut socket = greeted((&address, "/shop/graphql"), nth, &mut buffer).await;
            socket.write_all(&watch).await.expect("written");
            next(&mut socket, &mut buffer).await;
            (socket, buffer)
        })
    });
    let sockets = join_all(sockets).await;
    say("watching");
    let seen = sockets.into_iter().map(|socket| {
        let (mut socket, mut buffer) = socket.expect("it watches");
        tokio::spawn(async move {
            let mut at = 0;
            let seen = |payload: &[u8]| {
                if !payload.windows(14).any(|words| words == br#""soldOut":true"#) {
                    return Listen::On;
                }
                at = nanoseconds();
                Listen::Enough
            };
            socket::listen(&mut socket, &mut buffer, seen).await;
            (at, socket)
        })
    });
    let seen: Vec<String> = join_all(seen).await.into_iter().map(|seen| seen.expect("it listens").0.to_string()).collect();
    say(&seen.join(" "));
    heard();
}
