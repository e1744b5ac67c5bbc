//! The load client: so many sockets that subscribe, count and take times.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bench_kit::{
    heard as line, nanoseconds, say,
    socket::{self, Listen, PATIENCE, greeted, masked, next},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::Notify,
};

/// Events before anything is measured.
const WARM_UP: usize = 10;
/// Events at once when batched.
const BATCH: usize = 8;

/// What all sockets share.
#[derive(Default)]
struct Heard {
    frames: AtomicUsize,
    goal: AtomicUsize,
    reached: Notify,
    /// Milliseconds from telling to hearing, of some sockets.
    times: Mutex<Vec<f32>>,
}

impl Heard {
    fn one(&self) {
        if self.frames.fetch_add(1, Ordering::SeqCst) + 1 == self.goal.load(Ordering::SeqCst) {
            self.reached.notify_one();
        }
    }

    async fn until(&self, goal: usize) {
        self.goal.store(goal, Ordering::SeqCst);
        while self.frames.load(Ordering::SeqCst) < goal {
            if tokio::time::timeout(PATIENCE, self.reached.notified()).await.is_err() {
                panic!("{} of {goal} frames came", self.frames.load(Ordering::SeqCst));
            }
        }
    }
}

/// Connects, waits for `go`, warms up, waits for `go`, measures.
pub fn run(addresses: &str, sockets: usize, seconds: usize) {
    let (address, control) = addresses.split_once(',').expect("two addresses");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let batched = line() == "batched";
        let heard = Arc::new(Heard::default());
        let gate = Arc::new(tokio::sync::Semaphore::new(64));
        let subscribed: Vec<_> =
            (0..sockets).map(|nth| tokio::spawn(subscribe(address.to_owned(), batched, gate.clone(), heard.clone(), nth))).collect();
        for subscribed in subscribed {
            subscribed.await.expect("it subscribes");
        }
        heard.until(sockets).await;
        say("connected");
        let mut control = BufReader::new(TcpStream::connect(control).await.expect("the server listens"));
        control.get_ref().set_nodelay(true).expect("a socket");
        let batch = if batched { BATCH } else { 1 };
        let mut told = 1;
        line();
        for _ in 0..WARM_UP {
            tell(&mut control, batch).await;
            told += batch;
            heard.until(told * sockets).await;
        }
        heard.times.lock().expect("nobody panicked").clear();
        say("warm");
        line();
        let (started, before) = (Instant::now(), told);
        while started.elapsed() < Duration::from_secs(seconds as u64) {
            tell(&mut control, batch).await;
            told += batch;
            heard.until(told * sockets).await;
        }
        let elapsed = started.elapsed().as_secs_f64();
        let mut times = heard.times.lock().expect("nobody panicked").clone();
        times.sort_by(f32::total_cmp);
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or(f32::NAN);
        say(&format!("{} {elapsed} {} {}", (told - before) * sockets, at(0.5), at(0.99)));
        line();
    });
}

async fn tell(control: &mut BufReader<TcpStream>, events: usize) {
    control.get_mut().write_all(format!("{events}\n").as_bytes()).await.expect("the server listens");
    let mut told = String::new();
    control.read_line(&mut told).await.expect("the server answers");
}

async fn subscribe(address: String, batched: bool, gate: Arc<tokio::sync::Semaphore>, heard: Arc<Heard>, nth: usize) {
    let turn = gate.acquire().await.expect("open");
    let mut buffer = Vec::with_capacity(512);
    let mut socket = greeted((&address, "/"), nth, &mut buffer).await;
    let field = if batched { "facts" } else { "team" };
    socket.write_all(&subscription("1", field)).await.expect("written");
    next(&mut socket, &mut buffer).await;
    heard.one();
    drop(turn);
    tokio::spawn(async move { listen(socket, heard, nth).await });
}

fn subscription(id: &str, field: &str) -> Vec<u8> {
    let query = format!("subscription {{ {field} {{ cursor seats state at }} }}");
    masked(format!(r#"{{"id":"{id}","type":"subscribe","payload":{{"query":"{query}"}}}}"#).as_bytes())
}

/// One socket that subscribes, hears the state and completes, again and again; says how long it took.
pub fn cycle(addresses: &str, cycles: usize) {
    let (address, _) = addresses.split_once(',').expect("two addresses");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut buffer = Vec::with_capacity(512);
        let mut socket = greeted((address, "/"), 0, &mut buffer).await;
        say("connected");
        line();
        let started = Instant::now();
        for nth in 0..cycles {
            let id = nth.to_string();
            let mut frames = subscription(&id, "team");
            socket.write_all(&frames).await.expect("written");
            next(&mut socket, &mut buffer).await;
            frames = masked(format!(r#"{{"id":"{id}","type":"complete"}}"#).as_bytes());
            socket.write_all(&frames).await.expect("written");
        }
        say(&started.elapsed().as_secs_f64().to_string());
        line();
    });
}

async fn listen(mut socket: TcpStream, heard: Arc<Heard>, nth: usize) {
    let mut buffer = Vec::with_capacity(512);
    let seen = |payload: &[u8]| {
        if nth.is_multiple_of(7)
            && let Some(at) = told_at(payload)
        {
            let took = nanoseconds().saturating_sub(at) as f64 / 1e6;
            heard.times.lock().expect("nobody panicked").push(took as f32);
        }
        heard.one();
        Listen::On
    };
    socket::listen(&mut socket, &mut buffer, seen).await;
}

/// When it was told: the number behind `"at":"`.
fn told_at(payload: &[u8]) -> Option<u128> {
    let start = payload.windows(6).rposition(|window| window == br#""at":""#)? + 6;
    std::str::from_utf8(payload[start..].split(|byte| *byte == b'"').next()?).ok()?.parse().ok()
}
