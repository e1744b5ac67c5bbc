//! A database of its own for every test: a copy of a migrated template, made once per process.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use entity::platform::{job, outbox};
use platform::{Platform, Settings, StorageSettings, clock::SystemClock, crypto::Crypto, crypto::random_bytes, db::Db, testing::apart};
use sea_orm::{ColumnTrait, ConnectionTrait, Database as Connection, DatabaseConnection, EntityTrait, QueryFilter};

use crate::servers::{self, Server};

/// On which database the mall runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server, and Redis beside it.
    Postgres,
}

/// A migrated database nobody else uses; gone when dropped.
pub struct Database {
    /// Which kind.
    pub backend: Backend,
    /// How to connect.
    pub url: String,
    name: String,
}

impl Database {
    /// Copies the template.
    pub async fn new(backend: Backend) -> Self {
        let name = format!("t_{}", hex::encode(random_bytes::<8>()));
        match backend {
            Backend::Sqlite => {
                let (template, copy) = (sqlite_template(), folder().join(format!("{name}.db")));
                std::fs::write(&copy, template).expect("a template can be copied");
                Self { backend, url: format!("sqlite://{}", copy.display()), name }
            }
            Backend::Postgres => {
                let (template, server) = (postgres_template(), servers::postgres().postgres_url());
                sql(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Self { backend, url: format!("{server}/{name}"), name }
            }
        }
    }

    /// The one that a server of one's own has from the beginning; empty.
    pub fn of(server: &Server) -> Self {
        Self { backend: Backend::Postgres, url: format!("{}/postgres", server.postgres_url()), name: String::new() }
    }

    /// A connection beside those of the mall.
    pub async fn connect(&self) -> DatabaseConnection {
        Connection::connect(&self.url).await.expect("the test's database answers")
    }

    /// No database at all, in place of one that was taken away.
    pub(crate) fn nowhere() -> Self {
        Self { backend: Backend::Sqlite, url: String::new(), name: String::new() }
    }

    /// What nobody did: events not handed on, jobs due, failed or parked; one line each.
    pub(crate) async fn leftovers(&self) -> Vec<String> {
        let connection = self.connect().await;
        let events =
            outbox::Entity::find().filter(outbox::Column::RelayedAt.is_null()).all(&connection).await.expect("the outbox can be read");
        let jobs =
            job::Entity::find().filter(job::Column::State.ne(job::JobState::Done)).all(&connection).await.expect("the jobs can be read");
        connection.close().await.expect("the connection closes");
        let events = events.into_iter().map(|event| format!("event {} {}", event.name, event.payload));
        // A job that waits for its time and has not failed is a plan, not a leftover.
        let jobs = jobs.into_iter().filter(|job| job.attempts > 0 || job.last_error.is_some()).map(|job| {
            let error = job.last_error.unwrap_or_default();
            format!("job {} {:?} after {} tries: {error} {}", job.kind, job.state, job.attempts, job.payload)
        });
        events.chain(jobs).collect()
    }

    /// Removes it. Nobody must be connected to a file; connections to the server are cut.
    pub(crate) async fn remove(&self) {
        match self.backend {
            Backend::Sqlite => {
                let file = self.url.trim_start_matches("sqlite://");
                for suffix in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{file}{suffix}"));
                }
            }
            Backend::Postgres => sql(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await,
        }
    }
}

/// Where files of tests are.
fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join("liebian-tests");
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    folder
}

async fn sql(statement: &str) {
    let server = Connection::connect(format!("{}/postgres", servers::postgres().postgres_url())).await.expect("the server answers");
    server.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    server.close().await.expect("the connection closes");
}

fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let file = folder().join(format!("template_{}.db", hex::encode(random_bytes::<8>())));
        let url = format!("sqlite://{}", file.display());
        apart(async move { migrate(url).await });
        let content = std::fs::read(&file).expect("a template just made can be read");
        let _ = std::fs::remove_file(file);
        content
    })
}

fn postgres_template() -> &'static String {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = "template_liebian".to_owned();
        let url = format!("{}/{name}", servers::postgres().postgres_url());
        apart(async move {
            sql("CREATE DATABASE template_liebian").await;
            migrate(url).await;
        });
        name
    })
}

async fn migrate(database_url: String) {
    let settings = Settings {
        database_url,
        database_connections: 1,
        redis_url: None,
        redis_prefix: "template".to_owned(),
        secret_keys: Crypto::generate("template"),
        storage: StorageSettings::Memory,
        clock: Arc::new(SystemClock),
    };
    let platform = Platform::open(settings, |_| ()).await.expect("an empty database migrates");
    let db: Db = platform.db.clone();
    drop(platform);
    db.close().await.expect("the connections close");
}
