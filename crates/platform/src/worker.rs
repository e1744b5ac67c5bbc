//! The hands behind the requests: the relay, the jobs, the sweeps.
//!
//! ```text
//! job:  READY ──claimed──▶ RUNNING ──done──▶ DONE
//!         ▲                  │ failed, or the lease ran out (its process died)
//!         └── back-off ──────┤
//!                            └── twelfth time ──▶ DEAD (a person must look)
//! ```

use std::{sync::Arc, time::Duration};

use entity::platform::{job, outbox};
use kernel::{Fault, JobId, Timestamp, days, hours, minutes, seconds};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType},
};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Op, Platform, Registry, RequestInfo, deadlines::Wake, idempotency, registry::Sweep, relay, rows};

/// How the hands work.
#[derive(Clone, Debug)]
pub struct WorkerSettings {
    /// Jobs at once.
    pub concurrency: u64,
    /// How long a silent process keeps its jobs.
    pub lease: Duration,
    /// How often they look without being told.
    pub idle: Duration,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self { concurrency: 8, lease: seconds(15), idle: seconds(1) }
    }
}

/// A job is parked after so many tries.
const ATTEMPTS: i64 = 12;

/// The most jobs whose end is written at once.
const FINISHED: usize = 64;

/// How long a done job is kept to answer duplicates.
const KEPT: Duration = days(7);

/// The relay, the jobs and the sweeps of one process.
#[derive(Clone)]
pub struct Worker {
    platform: Arc<Platform>,
    registry: Arc<Registry>,
    settings: WorkerSettings,
}

/// What still waits or has failed; see [`backlog`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events not handed on yet.
    pub events: u64,
    /// Jobs that are due or running.
    pub due: u64,
    /// Jobs that wait for their time, most after a failure.
    pub later: u64,
    /// Jobs that failed too often.
    pub dead: u64,
}

impl Worker {
    /// The hands for what is registered; the platform's own sweeps are added.
    pub fn new(platform: Arc<Platform>, mut registry: Registry, settings: WorkerSettings) -> Self {
        registry.sweep("platform.forget_keys", hours(1), idempotency::forget_old);
        registry.sweep("platform.forget_events", hours(1), relay::forget_old);
        registry.sweep("platform.forget_facts", minutes(10), relay::forget_facts);
        registry.sweep("platform.forget_jobs", hours(1), forget_done);
        Self { platform, registry: Arc::new(registry), settings }
    }

    /// Works until `stop`, then finishes what was begun.
    pub async fn run(&self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        tasks.spawn(until(stop.clone(), self.clone(), Self::relay_forever));
        tasks.spawn(until(stop.clone(), self.clone(), Self::catch_up_forever));
        tasks.spawn(until(stop.clone(), self.clone(), Self::deadlines_forever));
        for sweep in self.registry.sweeps.clone() {
            let (worker, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { worker.sweep_forever(sweep, stop).await });
        }
        self.jobs_forever(&stop, &tasks).await;
        tasks.close();
        tasks.wait().await;
    }

    /// Runs every sweep once, then relays and works until nothing is due. For tests and commands; what fails waits for
    /// its back-off and shows in [`backlog`].
    pub async fn settle(&self) -> Result<(), Fault> {
        let op = self.platform.system("settle");
        self.meet_deadlines().await?;
        for sweep in &self.registry.sweeps {
            (sweep.run)(self.platform.system(sweep.name)).await?;
        }
        loop {
            let relayed = relay::relay(&op, &self.registry).await?;
            let claimed = self.claim(64).await?;
            let worked = claimed.len();
            let mut done = Vec::with_capacity(worked);
            for job in claimed {
                done.extend(self.work(job).await);
            }
            self.finish(&done).await;
            if relayed == 0 && worked == 0 && backlog(&self.platform).await?.due == 0 {
                relay::catch_up(&op).await?;
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
    }

    /// Gives running jobs back at the start of the only process on this database (SQLite): nobody else can be at them.
    pub async fn take_over(&self) -> Result<(), Fault> {
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(job::JobState::Ready.to_value()))
            .filter(state_is(job::JobState::Running))
            .exec(self.platform.db.writer())
            .await?;
        Ok(())
    }

    async fn relay_forever(self) {
        let op = self.platform.system("relay");
        loop {
            match relay::relay(&op, &self.registry).await {
                Ok(0) => {
                    let _ = tokio::time::timeout(self.settings.idle, self.platform.relay_wanted.notified()).await;
                }
                Ok(_) => {}
                Err(fault) => self.pause("relay", &fault).await,
            }
        }
    }

    async fn catch_up_forever(self) {
        let op = self.platform.system("catch_up");
        loop {
            tokio::time::sleep(self.settings.idle).await;
            if let Err(fault) = relay::catch_up(&op).await {
                self.pause("catch_up", &fault).await;
            }
        }
    }

    async fn deadlines_forever(self) {
        loop {
            self.platform.deadlines.wait(self.platform.clock.as_ref()).await;
            if let Err(fault) = self.meet_deadlines().await {
                self.pause("deadlines", &fault).await;
            }
        }
    }

    /// Runs the sweeps and wakes the watchers whose moment has come.
    async fn meet_deadlines(&self) -> Result<(), Fault> {
        for (wake, at) in self.platform.deadlines.due(self.platform.clock.now()) {
            match wake {
                Wake::Sweep(name) => {
                    for sweep in self.registry.sweeps.iter().filter(|sweep| sweep.name == name) {
                        (sweep.run)(self.platform.system(name)).await?;
                    }
                }
                Wake::Topic(topic) if self.platform.bus.is_watched(&topic) => {
                    relay::tick(&self.platform.system("deadlines"), topic, at).await?;
                }
                Wake::Topic(_) => {}
            }
        }
        Ok(())
    }

    async fn sweep_forever(self, sweep: Sweep, stop: CancellationToken) {
        loop {
            let started = tokio::time::Instant::now();
            if let Err(fault) = (sweep.run)(self.platform.system(sweep.name)).await {
                self.pause(sweep.name, &fault).await;
            }
            metrics::histogram!("sweep_seconds", "sweep" => sweep.name).record(started.elapsed().as_secs_f64());
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(sweep.period) => {}
            }
        }
    }

    async fn jobs_forever(&self, stop: &CancellationToken, tasks: &TaskTracker) {
        let (done, finished) = mpsc::unbounded_channel();
        let worker = self.clone();
        tasks.spawn(async move { worker.finish_forever(finished).await });
        let slots = Arc::new(tokio::sync::Semaphore::new(usize::try_from(self.settings.concurrency).unwrap_or(1)));
        loop {
            let free = tokio::select! {
                () = stop.cancelled() => return,
                permit = Arc::clone(&slots).acquire_owned() => { drop(permit); slots.available_permits() as u64 }
            };
            let claimed = match self.claim(free).await {
                Ok(claimed) => claimed,
                Err(fault) => {
                    self.pause("jobs", &fault).await;
                    continue;
                }
            };
            if claimed.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    _ = tokio::time::timeout(self.settings.idle, self.platform.jobs_wanted.notified()) => {}
                }
                continue;
            }
            for job in claimed {
                let (worker, slots, done) = (self.clone(), Arc::clone(&slots), done.clone());
                let Ok(permit) = slots.acquire_owned().await else { return };
                tasks.spawn(async move {
                    if let Some(id) = worker.work(job).await {
                        // Its end is written by whoever listens until nobody works any more.
                        let _ = done.send(id);
                    }
                    drop(permit);
                });
            }
        }
    }

    /// Writes down which jobs are done: one statement for all that ended while the last one was written.
    async fn finish_forever(self, mut done: mpsc::UnboundedReceiver<JobId>) {
        let mut ids = Vec::new();
        while done.recv_many(&mut ids, FINISHED).await > 0 {
            self.finish(&ids).await;
            ids.clear();
        }
    }

    /// Takes up to `limit` due jobs for the length of a lease.
    async fn claim(&self, limit: u64) -> Result<Vec<job::Model>, Fault> {
        let now = self.platform.clock.now();
        let due = Condition::any()
            .add(state_is(job::JobState::Ready).and(job::Column::RunAt.lte(now)))
            .add(state_is(job::JobState::Running).and(job::Column::LeasedUntil.lt(now)));
        if job::Entity::find().filter(due.clone()).limit(1).one(self.platform.db.reader()).await?.is_none() {
            return Ok(Vec::new());
        }
        let tx = self.platform.db.begin().await?;
        let jobs = job::Entity::find()
            .filter(due)
            .order_by_asc(job::Column::RunAt)
            .order_by_asc(job::Column::Id)
            .limit(limit)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .all(&tx)
            .await?;
        let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(job::JobState::Running.to_value()))
            .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).add(1))
            .col_expr(job::Column::LeasedUntil, Expr::value((now + self.settings.lease).0))
            .filter(rows::one_of(&tx, job::Column::Id, ids))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(jobs)
    }

    /// Does a job; answers it when it is done. One that failed is put back.
    async fn work(&self, job: job::Model) -> Option<JobId> {
        let op = self.op_of(&job);
        let Some((kind, handler)) = self.registry.jobs.get_key_value(job.kind.as_str()) else {
            let unknown = Fault::internal(format!("nobody handles jobs of kind {}", job.kind));
            self.put_back(&job, unknown).await;
            return None;
        };
        let started = tokio::time::Instant::now();
        let running = handler(op, job.payload.clone());
        tokio::pin!(running);
        let done = loop {
            tokio::select! {
                done = &mut running => break done,
                () = tokio::time::sleep(self.settings.lease / 3) => self.renew(job.id).await,
            }
        };
        metrics::histogram!("job_seconds", "kind" => *kind).record(started.elapsed().as_secs_f64());
        match done {
            Ok(()) => Some(job.id),
            Err(fault) => {
                self.put_back(&job, fault).await;
                None
            }
        }
    }

    fn op_of(&self, job: &job::Model) -> Op {
        let name = self.registry.jobs.get_key_value(job.kind.as_str()).map_or("job", |(kind, _)| kind);
        Op { request: RequestInfo { id: job.request.clone(), ip: None }, ..self.platform.system(name) }
    }

    async fn renew(&self, id: JobId) {
        let until = self.platform.clock.now() + self.settings.lease;
        let renewed = job::Entity::update_many()
            .col_expr(job::Column::LeasedUntil, Expr::value(until.0))
            .filter(job::Column::Id.eq(id).and(state_is(job::JobState::Running)))
            .exec(self.platform.db.writer())
            .await;
        if let Err(error) = renewed {
            tracing::warn!(%error, %id, "a job's lease was not renewed");
        }
    }

    // Should one of these writes fail, the lease runs out and the jobs run again: handlers are idempotent.
    async fn finish(&self, done: &[JobId]) {
        if done.is_empty() {
            return;
        }
        let update = job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(job::JobState::Done.to_value()))
            .col_expr(job::Column::FinishedAt, Expr::value(self.platform.clock.now().0))
            .col_expr(job::Column::LastError, Expr::value(None::<String>))
            .filter(rows::one_of(self.platform.db.writer(), job::Column::Id, done.iter().copied()));
        if let Err(error) = update.exec(self.platform.db.writer()).await {
            tracing::error!(%error, ids = ?done, "the end of jobs was not written");
        }
    }

    async fn put_back(&self, job: &job::Model, fault: Fault) {
        let (now, attempt) = (self.platform.clock.now(), job.attempts + 1);
        let state = if attempt >= ATTEMPTS { job::JobState::Dead } else { job::JobState::Ready };
        metrics::counter!("jobs_failed_total", "kind" => job.kind.clone()).increment(1);
        tracing::warn!(kind = %job.kind, id = %job.id, request = %job.request, attempt, %fault, ?state, "a job failed");
        let update = job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(state.to_value()))
            .col_expr(job::Column::RunAt, Expr::value((now + back_off(attempt)).0))
            .col_expr(job::Column::LastError, Expr::value(fault.to_string()))
            .filter(job::Column::Id.eq(job.id));
        if let Err(error) = update.exec(self.platform.db.writer()).await {
            tracing::error!(%error, id = %job.id, "the failure of a job was not written");
        }
    }

    async fn pause(&self, who: &str, fault: &Fault) {
        tracing::error!(who, %fault, "background work stumbled; it goes on in a moment");
        tokio::time::sleep(self.settings.idle).await;
    }
}

/// What still waits or has failed.
pub async fn backlog(platform: &Platform) -> Result<Backlog, Fault> {
    let (db, now) = (platform.db.reader(), platform.clock.now());
    let open = Condition::any().add(state_is(job::JobState::Ready)).add(state_is(job::JobState::Running));
    let due = job::Entity::find()
        .filter(state_is(job::JobState::Running).or(state_is(job::JobState::Ready).and(job::Column::RunAt.lte(now))))
        .count(db)
        .await?;
    let all = job::Entity::find().filter(open).count(db).await?;
    Ok(Backlog {
        events: outbox::Entity::find().filter(outbox::Column::RelayedAt.is_null()).count(db).await?,
        due,
        later: all.saturating_sub(due),
        dead: job::Entity::find().filter(state_is(job::JobState::Dead)).count(db).await?,
    })
}

/// Jobs that failed too often, the latest first.
pub async fn dead(op: &Op, limit: u64) -> Result<Vec<job::Model>, Fault> {
    let dead = job::Entity::find().filter(state_is(job::JobState::Dead)).order_by_desc(job::Column::CreatedAt).limit(limit);
    Ok(dead.all(op.reader()).await?)
}

/// Gives a dead job twelve more tries; false when it is not dead (any more).
pub async fn revive(op: &Op, id: JobId) -> Result<bool, Fault> {
    let revived = job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value(job::JobState::Ready.to_value()))
        .col_expr(job::Column::Attempts, Expr::value(0_i64))
        .col_expr(job::Column::RunAt, Expr::value(op.now().0))
        .filter(job::Column::Id.eq(id).and(state_is(job::JobState::Dead)))
        .exec(op.platform.db.writer())
        .await?;
    op.platform.jobs_wanted.notify_one();
    Ok(revived.rows_affected == 1)
}

/// 1 s, 2 s, 4 s … at most ten minutes.
fn back_off(attempt: i64) -> Duration {
    let doubled = 1_u64.checked_shl(u32::try_from(attempt - 1).unwrap_or(0)).unwrap_or(u64::MAX);
    Duration::from_secs(Ord::min(doubled, 600))
}

fn state_is(state: job::JobState) -> sea_orm::sea_query::SimpleExpr {
    job::Column::State.eq(state)
}

/// Forgets jobs done long ago.
async fn forget_done(op: Op) -> Result<(), Fault> {
    let old: Timestamp = op.now() - KEPT;
    job::Entity::delete_many()
        .filter(state_is(job::JobState::Done).and(job::Column::FinishedAt.lt(old)))
        .exec(op.platform.db.writer())
        .await?;
    Ok(())
}

async fn until<F: Future<Output = ()>>(stop: CancellationToken, worker: Worker, run: impl FnOnce(Worker) -> F) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = run(worker) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_up_to_ten_minutes() {
        let waits: Vec<u64> = (1..=12).map(|attempt| back_off(attempt).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(back_off(100).as_secs(), 600);
    }
}
