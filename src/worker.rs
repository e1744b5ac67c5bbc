//! The background hands of this process.

use std::sync::Arc;

use kernel::{Fault, seconds};
use platform::{
    Platform, Registry,
    worker::{Worker, WorkerSettings},
};
use sea_orm::DbBackend;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// The hands for what is registered.
pub fn hands(platform: &Arc<Platform>, registry: Registry, config: &Config) -> Worker {
    let settings = WorkerSettings { concurrency: u64::from(config.workers.0), lease: seconds(15), idle: seconds(1) };
    Worker::new(Arc::clone(platform), registry, settings)
}

/// Sets them to work until `stop`. On SQLite this is the only process, so what an earlier one left is taken over first.
pub async fn start(worker: &Worker, platform: &Platform, stop: CancellationToken) -> Result<JoinHandle<()>, Fault> {
    if platform.db.backend() == DbBackend::Sqlite {
        worker.take_over().await?;
    }
    let worker = worker.clone();
    Ok(tokio::spawn(async move { worker.run(stop).await }))
}
