//! Live sums: what a dashboard shows, asked of the database once a second at most, whoever watches.
//!
//! ```text
//! topic changed ─▶ a second since the last reading? ─▶ read once for all who ask the same ─▶ another value? ─▶ tell them
//! ```
//!
//! Unlike [`crate::live::watch`], a change of the topic is not told by itself: only another value is.

use std::{
    any::Any,
    sync::{Arc, Weak},
    time::Duration,
};

use dashmap::DashMap;
use entity::platform::live_topic;
use futures_util::Stream;
use kernel::{Failure, Fault, Timestamp, Topic};
use sea_orm::EntityTrait;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use crate::{
    Op,
    live::{Live, LiveRefused, framed, parse},
};

/// The least time between two readings of one aggregate.
pub const PACE: Duration = Duration::from_secs(1);

/// The latest readings of this process, as long as somebody watches them.
#[derive(Default)]
pub struct Aggregates(DashMap<String, Weak<Reading>>);

#[derive(Default)]
struct Reading(Mutex<Option<Read>>);

struct Read {
    at: Instant,
    /// The number of the topic before it was read.
    seq: i64,
    value: Arc<dyn Any + Send + Sync>,
}

/// Which aggregate: equal ones are read once.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// What it is called.
    pub name: &'static str,
    /// What it is asked with, as text: equal texts are equal questions.
    pub variables: String,
    /// What has to change for it to change.
    pub topic: Topic,
}

impl Aggregates {
    fn reading(&self, of: &Aggregate) -> Arc<Reading> {
        let mut known = self.0.entry(format!("{}\n{}", of.name, of.variables)).or_default();
        match known.upgrade() {
            Some(reading) => reading,
            None => {
                let reading = Arc::<Reading>::default();
                *known = Arc::downgrade(&reading);
                drop(known);
                self.0.retain(|_, reading| reading.strong_count() > 0);
                reading
            }
        }
    }
}

impl Reading {
    /// A reading no older than `wanted` of the topic, or than [`PACE`] when nothing is wanted. One caller reads, the others
    /// wait for it.
    async fn get<T, F, Fut>(&self, op: &Op, of: &Aggregate, (wanted, load): (Option<i64>, &F)) -> Result<(Arc<T>, i64), Fault>
    where
        F: Fn(Op) -> Fut + Sync,
        Fut: Future<Output = Result<T, Fault>> + Send,
        T: Send + Sync + 'static,
    {
        let mut read = self.0.lock().await;
        if let Some(known) = &*read
            && wanted.map_or(known.at.elapsed() < PACE, |wanted| known.seq >= wanted)
            && let Ok(value) = Arc::clone(&known.value).downcast::<T>()
        {
            return Ok((value, known.seq));
        }
        if let Some(known) = &*read {
            sleep_until(known.at + PACE).await;
        }
        let at = Instant::now();
        let seq = live_topic::Entity::find_by_id(of.topic.0.clone()).one(op.reader()).await?.map_or(0, |row| row.seq);
        // Read for everybody, so for nobody in particular.
        let value = Arc::new(load(op.platform.system(of.name)).await?);
        metrics::counter!("aggregates_read_total", "name" => of.name).increment(1);
        *read = Some(Read { at, seq, value: Arc::clone(&value) as Arc<dyn Any + Send + Sync> });
        Ok((value, seq))
    }
}

/// Watches an aggregate: its value now, then every other value. `load` must not depend on who asks; `ends` names the moment
/// it changes by the clock alone.
pub async fn aggregate<T, F, Fut>(
    op: &Op,
    of: Aggregate,
    after: Option<String>,
    (load, ends): (F, fn(&T) -> Option<Timestamp>),
) -> Result<impl Stream<Item = Result<Live<Arc<T>>, Fault>> + use<T, F, Fut>, Failure<LiveRefused>>
where
    F: Fn(Op) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, Fault>> + Send,
    T: PartialEq + Send + Sync + 'static,
{
    let op = op.clone();
    let resumed = after.map(|after| parse(&after).ok_or(LiveRefused::InvalidCursor)).transpose()?;
    let mut changes = op.platform.bus.watch(&of.topic);
    let reading = op.platform.aggregates.reading(&of);
    let (mut value, mut seen) = reading.get(&op, &of, (None, &load)).await?;
    let gap = resumed.is_some_and(|(epoch, seq)| epoch != op.platform.epoch || seq > seen);
    let topic = of.topic.clone();
    let note = move |op: &Op, value: &T| {
        if let Some(at) = ends(value).filter(|at| *at > op.now()) {
            op.platform.deadlines.topic(topic.clone(), at);
        }
    };
    Ok(async_stream::try_stream! {
        note(&op, &value);
        yield framed(&op, Arc::clone(&value), seen, gap);
        loop {
            let wanted = loop {
                let told = *changes.borrow_and_update();
                if told > seen {
                    break told;
                }
                if changes.changed().await.is_err() {
                    return;
                }
            };
            let (now, seq) = reading.get(&op, &of, (Some(wanted), &load)).await?;
            seen = seq.max(wanted);
            if now != value {
                value = now;
                note(&op, &value);
                yield framed(&op, Arc::clone(&value), seen, false);
            }
        }
    })
}

#[cfg(test)]
#[path = "aggregate_test.rs"]
mod tests;
