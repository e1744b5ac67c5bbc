//! A platform for tests: a temporary SQLite file, or a new database on the Postgres server that
//! `LIEBIAN_TEST_POSTGRES` names (`postgres://user@host:port`), and a clock that stands still until moved.

use std::{
    path::PathBuf,
    sync::{
        Arc,
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

/// A platform on a database of its own. A SQLite file is gone when dropped; a Postgres server is expected to be temporary.
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

async fn new_database(server: &str) -> String {
    let name = format!("liebian_{}", hex::encode(crate::crypto::random_bytes::<8>()));
    let admin = Database::connect(format!("{server}/postgres")).await.expect("the Postgres server answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("the user may create databases");
    format!("{server}/{name}")
}

impl Drop for TestPlatform {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.file.display()));
        }
    }
}
