//! A platform for tests: a temporary SQLite file (or the database given), a clock that stands still until moved.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use kernel::{Clock, Timestamp};

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

/// A platform of its own on a temporary SQLite file, gone when dropped.
pub struct TestPlatform {
    /// The platform.
    pub platform: Arc<Platform>,
    /// Its clock.
    pub clock: FakeClock,
    file: PathBuf,
}

impl TestPlatform {
    /// Opens one; `plug` puts the ports in.
    pub async fn open(plug: impl FnOnce(&mut Ports)) -> Self {
        let clock = FakeClock::default();
        let file = std::env::temp_dir().join(format!("liebian-{}.db", hex::encode(crate::crypto::random_bytes::<8>())));
        let settings = Settings {
            database_url: format!("sqlite://{}", file.display()),
            database_connections: 4,
            redis_url: None,
            redis_prefix: "test".to_owned(),
            secret_keys: Crypto::generate("test"),
            storage: StorageSettings::Memory,
            clock: Arc::new(clock.clone()),
        };
        let platform = Platform::open(settings, plug).await.expect("a temporary SQLite file opens");
        Self { platform, clock, file }
    }
}

impl Drop for TestPlatform {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.file.display()));
        }
    }
}
