//! The mall itself, for one test: the real application on a free port, a clock that stands still, a bank of its own.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use kernel::{Clock, Timestamp};
use liebian::{
    app::{Demo, Hands, Start},
    config::Sources,
};
use platform::{
    clock::SystemClock,
    crypto::{Crypto, random_bytes},
    testing::{FakeClock, apart},
    worker::{Backlog, backlog},
};
use sandbox::{Bank, BankConfig, CallbackPolicy};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    database::{Backend, Database},
    mall::Mall,
    servers,
};

/// A mall of one's own. Nothing happens by itself: [`TestApp::settle`] does what is due, [`TestApp::advance`] moves the
/// clock first. Dropping it fails the test when work was left undone.
pub struct TestApp {
    /// The bank the mall takes money through.
    pub bank: Bank,
    /// The mall's database.
    pub database: Database,
    mall: Mall,
    clock: FakeClock,
    bank_serving: JoinHandle<()>,
    storage: std::path::PathBuf,
    leftovers: Leftovers,
}

/// The machine's clock, ahead by so much as it was pushed: shared by a bank in the test and malls that come and go.
#[derive(Clone, Debug, Default)]
pub struct PushedClock(Arc<AtomicI64>);

impl PushedClock {
    /// Pushes it forward.
    pub fn push(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for PushedClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }
}

/// What a test may leave behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leftovers {
    /// Nothing.
    Forbidden,
    /// Work that fails on purpose.
    Expected,
}

impl TestApp {
    /// Starts one.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, |sources| sources).await
    }

    /// Starts one that is configured otherwise.
    pub async fn start_with(backend: Backend, configure: impl FnOnce(Sources) -> Sources) -> Self {
        Self::start_on(FakeClock::default(), (backend, configure)).await
    }

    /// Starts one whose clock others look at too.
    pub async fn start_on(clock: FakeClock, (backend, configure): (Backend, impl FnOnce(Sources) -> Sources)) -> Self {
        let database = Database::new(backend).await;
        let (bank, bank_settings, bank_serving) = open_bank(Arc::new(clock.clone())).await;
        let name = hex::encode(random_bytes::<8>());
        let storage = std::env::temp_dir().join("liebian-tests").join(format!("media-{name}"));
        let mut sources = Sources::default()
            .with("LISTEN", "127.0.0.1:0")
            .with("DATABASE_URL", database.url.clone())
            .with("DATABASE_CONNECTIONS", "12")
            .with("SECRET_KEYS", Crypto::generate("test"))
            .with("STORAGE_FOLDER", storage.display().to_string())
            .with("REDIS_PREFIX", format!("test-{name}"));
        if backend == Backend::Postgres {
            sources = sources.with("REDIS_URL", servers::redis().redis_url());
        }
        sources = bank_settings.into_iter().fold(sources, |sources, (name, value)| sources.with(name, value));
        let config = configure(sources).read().expect("the test's configuration is possible");
        let start = Start { clock: Arc::new(clock.clone()), hands: Hands::Still, demo: Demo::Absent };
        let app = liebian::app::start(&config, start).await.expect("the mall starts");
        Self { bank, database, mall: Mall::new(app), clock, bank_serving, storage, leftovers: Leftovers::Forbidden }
    }

    /// Does everything that is due, the bank's callbacks among it, until nothing is.
    pub async fn settle(&self) {
        for _ in 0..100 {
            self.work().await;
            self.bank.settled().await;
            let backlog = self.backlog().await;
            if backlog.events == 0 && backlog.due == 0 {
                return;
            }
        }
        panic!("the mall never comes to rest: {:?}", self.backlog().await);
    }

    /// Moves the clock and does what is due then.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.app().clock_moved();
        self.settle().await;
        // What the first round did may have made sweeps due.
        self.settle().await;
    }

    /// What waits or has failed.
    pub async fn backlog(&self) -> Backlog {
        backlog(self.platform()).await.expect("the backlog can be counted")
    }

    /// Work that fails on purpose may be left behind.
    pub fn may_leave_work(&mut self) {
        self.leftovers = Leftovers::Expected;
    }
}

impl Deref for TestApp {
    type Target = Mall;

    fn deref(&self) -> &Mall {
        &self.mall
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.bank_serving.abort();
        let database = std::mem::replace(&mut self.database, Database::nowhere());
        let left = apart(async move {
            let left = database.leftovers().await;
            database.remove().await;
            left
        });
        let _ = std::fs::remove_dir_all(&self.storage);
        if self.leftovers == Leftovers::Forbidden && !std::thread::panicking() {
            assert!(left.is_empty(), "the test left work undone:\n{}", left.join("\n"));
        }
    }
}

/// A bank on a port of its own, and what the mall must be told about it.
pub async fn open_bank(clock: Arc<dyn Clock>) -> (Bank, Vec<(&'static str, String)>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
    let (mut config, credentials) = BankConfig::fresh(&url, "m1");
    config.callbacks =
        CallbackPolicy { first_pause: Duration::from_millis(20), longest_pause: Duration::from_millis(500), ..CallbackPolicy::default() };
    let bank = Bank::open(config, clock).expect("a fresh bank opens");
    let router = sandbox::router(bank.clone());
    let serving = tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    });
    let keys: Vec<String> = credentials.bank_public_keys.iter().map(|(serial, key)| format!("{serial}:{key}")).collect();
    let settings = vec![
        ("SANDBOX_URL", url),
        ("SANDBOX_MERCHANT", credentials.merchant_id),
        ("SANDBOX_MERCHANT_KEY", credentials.merchant_key),
        ("SANDBOX_BANK_KEYS", keys.join(",")),
    ];
    (bank, settings, serving)
}
