//! A transaction that carries its events and jobs: they are written with the change, or not at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use entity::platform::{job, outbox};
use kernel::{Event, EventId, Failure, Fault, JobId, Timestamp, Topic};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};

use crate::{IdempotencyKey, Job, Op, Platform, bus::Change, idempotency::KeyRefused, relay, revision, rows};

/// A writing transaction. Dropped without [`Tx::commit`], nothing happened.
///
/// While it is open, await nothing but the database.
pub struct Tx {
    inner: DatabaseTransaction,
    platform: Arc<Platform>,
    actor: String,
    request: String,
    events: Vec<outbox::ActiveModel>,
    /// Facts were written already.
    told: bool,
    jobs: Vec<job::ActiveModel>,
    revised: BTreeSet<&'static str>,
    /// How often each topic changes that is numbered with the commit.
    at_once: BTreeMap<String, i64>,
    broken: Option<Fault>,
}

impl std::ops::Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

impl Tx {
    pub(crate) async fn begin(op: &Op) -> Result<Self, Fault> {
        Ok(Self {
            inner: op.platform.db.begin().await?,
            platform: Arc::clone(&op.platform),
            actor: op.actor.to_string(),
            request: op.request.id.clone(),
            events: Vec::new(),
            told: false,
            jobs: Vec::new(),
            revised: BTreeSet::new(),
            at_once: BTreeMap::new(),
            broken: None,
        })
    }

    /// Tells a fact: it becomes true, and known, with the commit.
    pub fn emit<E: Event>(&mut self, event: &E) {
        for topic in event.at_once() {
            *self.at_once.entry(topic.0).or_default() += 1;
        }
        match serde_json::to_value(event) {
            Ok(payload) => self.events.push(outbox::ActiveModel {
                event: Set(EventId(self.platform.uuid())),
                name: Set(E::NAME.to_owned()),
                payload: Set(payload),
                topics: Set(names(event.topics())),
                feeds: Set(names(event.feeds())),
                actor: Set(self.actor.clone()),
                request: Set(self.request.clone()),
                created_at: Set(self.platform.clock.now()),
                ..Default::default()
            }),
            Err(error) => self.broken = Some(error.into()),
        }
    }

    /// Writes the facts told so far: the commit has less to do while others wait for it.
    pub async fn write_events(&mut self) -> Result<(), Fault> {
        let events = std::mem::take(&mut self.events);
        self.told |= !events.is_empty();
        rows::insert(&self.inner, events).await?;
        Ok(())
    }

    /// Wants a job done, at once.
    pub fn enqueue<J: Job>(&mut self, job: &J) {
        let now = self.platform.clock.now();
        self.enqueue_at(job, now);
    }

    /// Wants a job done, not before `at`. A job whose dedupe key is known already is not added again.
    pub fn enqueue_at<J: Job>(&mut self, job: &J, at: Timestamp) {
        match serde_json::to_value(job) {
            Ok(payload) => {
                let wanted = NewJob { kind: J::KIND, dedupe: job.dedupe(), payload, at, request: self.request.clone() };
                self.jobs.push(wanted.row(&self.platform));
            }
            Err(error) => self.broken = Some(error.into()),
        }
    }

    /// Something that is kept in memory changes: its number is counted up, as the last thing before the commit, so that
    /// nobody waits for it any longer than that takes.
    pub fn revise(&mut self, name: &'static str) {
        self.revised.insert(name);
    }

    /// Claims an idempotency key within this transaction. `None`: go on, and [`Tx::remember`] the answer.
    /// `Some`: the command has had its effect; this was its answer.
    pub async fn claim<T: DeserializeOwned>(&mut self, key: &IdempotencyKey) -> Result<Option<T>, Failure<KeyRefused>> {
        key.claim(&self.inner, None).await
    }

    /// Claims an idempotency key whose answer is known beforehand; there is nothing to [`Tx::remember`] then.
    pub async fn claim_for<T: Serialize + DeserializeOwned>(
        &mut self,
        key: &IdempotencyKey,
        answer: &T,
    ) -> Result<Option<T>, Failure<KeyRefused>> {
        key.claim(&self.inner, Some(serde_json::to_value(answer)?)).await
    }

    /// Keeps what a claimed key answers from now on.
    pub async fn remember(&mut self, key: &IdempotencyKey, answer: &impl Serialize) -> Result<(), Fault> {
        key.remember(&self.inner, serde_json::to_value(answer)?).await
    }

    /// Makes it all true at once, then wakes those who go on with it.
    pub async fn commit(mut self) -> Result<(), Fault> {
        if let Some(fault) = self.broken.take() {
            return Err(fault);
        }
        self.write_events().await?;
        let (told, wanted) = (self.told, !self.jobs.is_empty());
        if wanted {
            insert_jobs(&self.inner, self.jobs).await?;
        }
        if !self.revised.is_empty() {
            revision::count(&self.inner, self.revised).await?;
        }
        let numbered = relay::number(&self.inner, (&self.at_once, self.platform.clock.now())).await?;
        let changes: Vec<Change> = numbered.into_iter().map(|(topic, seq)| Change { topic: Topic(topic), seq }).collect();
        self.platform.bus.notify(&self.inner, &changes).await?;
        self.inner.commit().await?;
        if !changes.is_empty() {
            // Whoever waits for this commit does not wait for Redis.
            self.platform.bus.tell_here(&changes);
            let platform = Arc::clone(&self.platform);
            tokio::spawn(async move { platform.bus.tell(&changes).await });
        }
        if told {
            self.platform.relay_wanted.notify_one();
        }
        if wanted {
            self.platform.jobs_wanted.notify_one();
        }
        Ok(())
    }
}

fn names(topics: Vec<Topic>) -> serde_json::Value {
    topics.into_iter().map(|topic| topic.0).collect::<Vec<_>>().into()
}

/// A job about to be written.
pub(crate) struct NewJob {
    pub(crate) kind: &'static str,
    pub(crate) dedupe: Option<String>,
    pub(crate) payload: serde_json::Value,
    pub(crate) at: Timestamp,
    pub(crate) request: String,
}

impl NewJob {
    pub(crate) fn row(self, platform: &Platform) -> job::ActiveModel {
        job::ActiveModel {
            id: Set(JobId(platform.uuid())),
            kind: Set(self.kind.to_owned()),
            dedupe: Set(self.dedupe),
            payload: Set(self.payload),
            state: Set(job::JobState::Ready),
            attempts: Set(0),
            run_at: Set(self.at),
            leased_until: Set(None),
            last_error: Set(None),
            request: Set(self.request),
            created_at: Set(platform.clock.now()),
            finished_at: Set(None),
        }
    }
}

pub(crate) async fn insert_jobs(db: &DatabaseTransaction, jobs: Vec<job::ActiveModel>) -> Result<(), Fault> {
    let known = OnConflict::columns([job::Column::Kind, job::Column::Dedupe]).do_nothing().to_owned();
    rows::insert_or(db, (jobs, known)).await?;
    Ok(())
}
