//! A platform for tests: a temporary SQLite file, or a new database on the Postgres server that
//! `LIEBIAN_TEST_POSTGRES` names (`postgres://user@host:port`), and a clock that stands still until moved.

use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use kernel::{Clock, Timestamp};
use sea_orm::{ConnectionTrait, Database};

use crate::{Platform, Settings, StorageSettings, crypto::Crypto, ports::Ports};

/// A clock that stands still until it is moved. It begins on 2026-11-11T04:00:00Z.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<AtomicI64>);

impl Default for FakeClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(1_794_369_600_000)))
    }
}

impl FakeClock {
    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A platform on a database of its own. The database is gone when this is dropped.
pub struct TestPlatform {
    /// The platform.
    pub platform: Arc<Platform>,
    /// Its clock.
    pub clock: FakeClock,
    file: PathBuf,
    database_url: String,
}

impl TestPlatform {
    /// Opens one; `plug` puts the ports in.
    pub async fn open(plug: impl FnOnce(&mut Ports)) -> Self {
        let clock = FakeClock::default();
        let file = std::env::temp_dir().join(format!("liebian-{}.db", hex::encode(crate::crypto::random_bytes::<8>())));
        let database_url = match std::env::var("LIEBIAN_TEST_POSTGRES") {
            Ok(server) => new_database(&server).await,
            Err(_) => format!("sqlite://{}", file.display()),
        };
        let settings = settings(&database_url, &clock);
        let platform = Platform::open(settings, plug).await.expect("a new database opens");
        Self { platform, clock, file, database_url }
    }
}

impl TestPlatform {
    /// Another process on the same database.
    pub async fn another(&self) -> Arc<Platform> {
        self.another_with(|_| {}).await
    }

    /// Another process on the same database; `plug` puts the ports in.
    pub async fn another_with(&self, plug: impl FnOnce(&mut Ports)) -> Arc<Platform> {
        Platform::open(settings(&self.database_url, &self.clock), plug).await.expect("the database opens again")
    }
}

fn settings(database_url: &str, clock: &FakeClock) -> Settings {
    Settings {
        database_url: database_url.to_owned(),
        database_connections: 4,
        redis_url: None,
        redis_prefix: "test".to_owned(),
        secret_keys: Crypto::generate("test"),
        storage: StorageSettings::Memory,
        clock: Arc::new(clock.clone()),
    }
}

/// A database of its own on the server: a copy, because migrating takes a second.
async fn new_database(server: &str) -> String {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let (server, name) = (server.to_owned(), new_name());
        apart(async move {
            on_server(&server, &format!("CREATE DATABASE {name}")).await;
            let platform = Platform::open(settings(&format!("{server}/{name}"), &FakeClock::default()), |_| ()).await;
            let db = platform.expect("an empty database migrates").db.clone();
            db.close().await.expect("the connections close");
            name
        })
    });
    let name = new_name();
    on_server(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    format!("{server}/{name}")
}

fn new_name() -> String {
    format!("liebian_{}", hex::encode(crate::crypto::random_bytes::<8>()))
}

async fn on_server(server: &str, statement: &str) {
    let admin = Database::connect(format!("{server}/postgres")).await.expect("the Postgres server answers");
    admin.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    admin.close().await.expect("the connection closes");
}

/// Waits for work on a runtime of its own, also from within another one.
pub fn apart<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
        runtime.block_on(work)
    });
    match thread.join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

impl Drop for TestPlatform {
    fn drop(&mut self) {
        // Hundreds of tests would fill a small disk.
        if let Some((server, name)) = self.database_url.starts_with("postgres").then(|| self.database_url.rsplit_once('/')).flatten() {
            let (server, drop) = (server.to_owned(), format!("DROP DATABASE {name} WITH (FORCE)"));
            apart(async move {
                // The server may be gone with its test.
                if let Ok(admin) = Database::connect(format!("{server}/postgres")).await {
                    let _ = admin.execute_unprepared(&drop).await;
                }
            });
        }
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.file.display()));
        }
    }
}
