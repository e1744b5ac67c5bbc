//! From settings to a running platform.

use std::{path::PathBuf, sync::Arc};

use entity::platform::installation;
use kernel::{Clock, Fault};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, EntityTrait, sea_query::OnConflict};
use tokio::sync::Notify;

use crate::{
    Platform,
    aggregate::Aggregates,
    bus::Bus,
    crypto::{Crypto, random_bytes},
    db::Db,
    deadlines::Deadlines,
    limiter::Limiter,
    ports::Ports,
    storage::{S3, Storage},
};

/// What a platform is made from.
pub struct Settings {
    /// `sqlite://path` or `postgres://…`.
    pub database_url: String,
    /// Connections to Postgres; SQLite has one that writes and up to four that read.
    pub database_connections: u32,
    /// `redis://…`; without it processes on one Postgres tell each other through that.
    pub redis_url: Option<String>,
    /// In front of every Redis key and channel.
    pub redis_prefix: String,
    /// `id:base64,…`, the sealing key first.
    pub secret_keys: String,
    /// Where files go.
    pub storage: StorageSettings,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

/// Where files go.
pub enum StorageSettings {
    /// A local folder, served under a URL path.
    Folder {
        /// The folder; made when absent.
        path: PathBuf,
        /// The URL path, e.g. `/media`.
        public_base: String,
    },
    /// An S3-like bucket.
    S3 {
        /// Its access.
        access: S3,
        /// The URL of its public face.
        public_base: String,
    },
    /// Kept in memory, for tests.
    Memory,
}

impl StorageSettings {
    /// Opens the place.
    pub fn open(&self) -> Result<Storage, Fault> {
        match self {
            Self::Folder { path, public_base } => Storage::folder(path, public_base),
            Self::S3 { access, public_base } => Storage::s3(access, public_base),
            Self::Memory => Ok(Storage::memory()),
        }
    }
}

impl Platform {
    /// Connects to everything and brings the database up to date; `plug` puts the ports in.
    pub async fn open(settings: Settings, plug: impl FnOnce(&mut Ports)) -> Result<Arc<Self>, Fault> {
        let crypto = Crypto::parse(&settings.secret_keys).map_err(|e| Fault::internal(e.to_string()))?;
        let db = Db::connect(&settings.database_url, settings.database_connections).await?;
        migrate(&db).await?;
        let epoch = epoch(&db, settings.clock.as_ref()).await?;
        let bus = match &settings.redis_url {
            Some(url) => Bus::redis(url, &settings.redis_prefix)?,
            None if db.backend() == DbBackend::Postgres => Bus::postgres(&settings.database_url),
            None => Bus::in_process(),
        };
        let limiter = if settings.redis_url.is_some() { Limiter::shared(&bus, &settings.redis_prefix) } else { Limiter::in_process() };
        let storage = settings.storage.open()?;
        let mut ports = Ports::default();
        plug(&mut ports);
        Ok(Arc::new(Self {
            db,
            clock: settings.clock,
            crypto,
            bus,
            storage,
            limiter,
            ports,
            epoch,
            deadlines: Deadlines::default(),
            aggregates: Aggregates::default(),
            relay_wanted: Notify::new(),
            jobs_wanted: Notify::new(),
        }))
    }

    /// How many changes of the schema this database still lacks.
    pub async fn pending_migrations(&self) -> Result<usize, Fault> {
        pending_migrations(&self.db).await
    }
}

/// Any number, as long as nothing else in this database takes it.
const MIGRATING: i64 = 0x6c69_6562_6961_6e00;

/// Brings the schema up to date. Of several processes that start at once on one Postgres one does it, the others wait.
async fn migrate(db: &Db) -> Result<(), Fault> {
    if db.backend() != DbBackend::Postgres {
        return Ok(Migrator::up(db.writer(), None).await?);
    }
    let tx = db.begin().await?;
    tx.execute_unprepared(&format!("SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATING})")).await?;
    Migrator::up(&tx, None).await?;
    Ok(tx.commit().await?)
}

/// How many changes of the schema a database still lacks.
pub async fn pending_migrations(db: &Db) -> Result<usize, Fault> {
    Ok(Migrator::get_pending_migrations(db.reader()).await?.len())
}

/// Who this database is; decided once, by the first process that asks.
async fn epoch(db: &Db, clock: &dyn Clock) -> Result<String, Fault> {
    let row =
        installation::ActiveModel { singleton: Set(true), epoch: Set(hex::encode(random_bytes::<6>())), created_at: Set(clock.now()) };
    let first = OnConflict::column(installation::Column::Singleton).do_nothing().to_owned();
    installation::Entity::insert(row).on_conflict(first).exec_without_returning(db.writer()).await?;
    let row = installation::Entity::find().one(db.writer()).await?;
    row.map(|row| row.epoch).ok_or_else(|| Fault::corrupt("the installation has no row"))
}
