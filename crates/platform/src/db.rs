//! The two backends behind one type.
//!
//! SQLite: WAL, one writing connection whose transactions are `IMMEDIATE`, and a few reading ones. Postgres: one pool.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kernel::Fault;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

/// Statements a connection keeps prepared: what a mall says in all its sizes, so that the usual ones are never prepared anew.
const PREPARED: usize = 400;

/// Statements slower than this are logged.
const SLOW: Duration = Duration::from_millis(200);

/// How long anybody waits for a connection, a lock or an answer: longer than a rush takes, shorter than people do.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connections to the database.
#[derive(Clone)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Connects to `sqlite://path` (made when absent) or `postgres://…`.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, Fault> {
        let statements = Arc::new(AtomicU64::new(0));
        let (writer, reader) = if url.starts_with("sqlite:") {
            let writer = counted(sqlite(url, 1).await?, &statements);
            let reader = counted(sqlite(url, max_connections.clamp(1, 4)).await?, &statements);
            (writer, reader)
        } else {
            let mut options = options(url, max_connections);
            options.statement_timeout(PATIENCE);
            options.map_sqlx_postgres_opts(|options| options.statement_cache_capacity(PREPARED));
            let pool = counted(Database::connect(options).await?, &statements);
            (pool.clone(), pool)
        };
        Ok(Self { writer, reader, statements })
    }

    /// For reads outside a transaction; sees what is committed.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For migrations, start-up and single statements that tell nobody; everything else writes in a [`crate::Tx`].
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Which backend it is.
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// How many statements were sent since the start.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Begins a writing transaction. SQLite takes the write lock at once, so a read inside never goes stale.
    pub async fn begin(&self) -> Result<DatabaseTransaction, Fault> {
        let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<(), Fault> {
        Ok(self.reader.ping().await?)
    }

    /// Closes every connection.
    pub async fn close(self) -> Result<(), Fault> {
        let same = self.backend() != DbBackend::Sqlite;
        self.reader.close().await?;
        if !same {
            self.writer.close().await?;
        }
        Ok(())
    }
}

async fn sqlite(url: &str, connections: u32) -> Result<DatabaseConnection, Fault> {
    let mut options = options(url, connections);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .statement_cache_capacity(PREPARED)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("journal_mode", "WAL")
            // FULL: a commit that was acknowledged survives a power cut.
            .pragma("synchronous", "FULL")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-4000")
    });
    Ok(Database::connect(options).await?)
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .record_stmt_in_spans(false)
        .sqlx_logging_level(log::LevelFilter::Trace)
        .sqlx_slow_statements_logging_settings(log::LevelFilter::Warn, SLOW);
    options
}

fn counted(mut connection: DatabaseConnection, statements: &Arc<AtomicU64>) -> DatabaseConnection {
    let statements = Arc::clone(statements);
    connection.set_metric_callback(move |info| {
        statements.fetch_add(1, Ordering::Relaxed);
        metrics::histogram!("db_statement_seconds").record(info.elapsed.as_secs_f64());
        if info.failed {
            metrics::counter!("db_statements_failed_total").increment(1);
        }
    });
    connection
}
