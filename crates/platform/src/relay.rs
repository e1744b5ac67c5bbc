//! From "it is written" to "everybody knows".
//!
//! One short transaction takes waiting events, numbers the live topics they touch (after the commit that made them
//! true, so the order is the order of visibility), and turns each event into one job per handler. Then it tells the bus.
//! A crash before the telling is found by [`catch_up`]: watchers compare numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::platform::{live_event, live_topic, outbox};
use kernel::{Fault, Timestamp, Topic, days};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict},
};

use crate::{Op, Registry, bus::Change, rows, tx};

/// Events per transaction.
const BATCH: u64 = 64;

/// How long a relayed event is kept to look at.
const KEPT: std::time::Duration = days(7);

/// How long a fact of a followed topic is kept, and how many of one topic.
const FACTS_KEPT: std::time::Duration = days(1);
const FACTS: i64 = 1_000;

/// How a topic was touched by a batch.
#[derive(Default)]
struct Touched<'a> {
    times: i64,
    /// What its followers are told, each with its number within the batch.
    facts: Vec<(i64, &'a outbox::Model)>,
}

/// Hands on what waits, one batch; answers how many events it was.
pub async fn relay(op: &Op, registry: &Registry) -> Result<usize, Fault> {
    let waiting = outbox::Entity::find().filter(outbox::Column::RelayedAt.is_null()).limit(1).one(op.reader()).await?;
    if waiting.is_none() {
        return Ok(0);
    }
    let tx = op.platform.db.begin().await?;
    let events = outbox::Entity::find()
        .filter(outbox::Column::RelayedAt.is_null())
        .order_by_asc(outbox::Column::Position)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&tx)
        .await?;
    if events.is_empty() {
        return Ok(0);
    }
    let now = op.now();
    let mut touched: BTreeMap<String, Touched> = BTreeMap::new();
    let mut jobs = Vec::new();
    for event in &events {
        let feeds: BTreeSet<String> = serde_json::from_value(event.feeds.clone())?;
        for topic in serde_json::from_value::<Vec<String>>(event.topics.clone())? {
            if !feeds.contains(&topic) {
                touched.entry(topic).or_default().times += 1;
            }
        }
        for topic in feeds {
            let touched = touched.entry(topic).or_default();
            touched.times += 1;
            touched.facts.push((touched.times, event));
        }
        for handler in registry.on_event.get(event.name.as_str()).into_iter().flatten() {
            let job = tx::NewJob {
                kind: handler,
                dedupe: Some(event.event.to_string()),
                payload: event.payload.clone(),
                at: now,
                request: event.request.clone(),
            };
            jobs.push(job.row(&op.platform));
        }
    }
    let times = touched.iter().map(|(topic, touched)| (topic.clone(), touched.times)).collect();
    let grown = number(&tx, (&times, now)).await?;
    let mut changes = Vec::with_capacity(touched.len());
    let mut facts = Vec::new();
    for (topic, Touched { times, facts: told }) in touched {
        let seq = *grown.get(&topic).ok_or_else(|| Fault::corrupt(format!("{topic} was numbered and is not there")))?;
        facts.extend(told.into_iter().map(|(nth, event)| live_event::ActiveModel {
            topic: Set(topic.clone()),
            seq: Set(seq - times + nth),
            name: Set(event.name.clone()),
            payload: Set(event.payload.clone()),
            created_at: Set(now),
        }));
        changes.push(Change { topic: Topic(topic), seq });
    }
    if !facts.is_empty() {
        rows::insert(&tx, facts).await?;
    }
    let wanted = !jobs.is_empty();
    if wanted {
        tx::insert_jobs(&tx, jobs).await?;
    }
    outbox::Entity::update_many()
        .col_expr(outbox::Column::RelayedAt, Expr::value(now.0))
        .filter(
            rows::one_of(&tx, outbox::Column::Position, events.iter().map(|event| event.position)).and(outbox::Column::RelayedAt.is_null()),
        )
        .exec(&tx)
        .await?;
    op.platform.bus.notify(&tx, &changes).await?;
    tx.commit().await?;
    if wanted {
        op.platform.jobs_wanted.notify_one();
    }
    op.platform.bus.tell(&changes).await;
    metrics::counter!("outbox_relayed_total").increment(events.len() as u64);
    Ok(events.len())
}

/// Counts the numbers of topics up by so much each, in one statement and in the order of their names, so that no two wait for
/// each other in a circle. Answers the new numbers.
pub(crate) async fn number(
    tx: &DatabaseTransaction,
    (times, now): (&BTreeMap<String, i64>, Timestamp),
) -> Result<HashMap<String, i64>, Fault> {
    let counted =
        times.iter().map(|(topic, times)| live_topic::ActiveModel { topic: Set(topic.clone()), seq: Set(*times), changed_at: Set(now) });
    let wanted = Expr::cust("excluded.seq");
    let more = OnConflict::column(live_topic::Column::Topic)
        .value(live_topic::Column::Seq, Expr::col((live_topic::Entity, live_topic::Column::Seq)).add(wanted))
        .value(live_topic::Column::ChangedAt, now.0)
        .to_owned();
    let numbered = rows::insert_or_returning(tx, (counted, more)).await?;
    Ok(numbered.into_iter().map(|row| (row.topic, row.seq)).collect())
}

/// The moment a state of that topic ends has come: that is a change, too. Whichever node notices first numbers it; when
/// something changed after that moment, the watchers have looked since.
pub(crate) async fn tick(op: &Op, topic: Topic, at: Timestamp) -> Result<(), Fault> {
    let now = op.now();
    let tx = op.platform.db.begin().await?;
    let row = live_topic::ActiveModel { topic: Set(topic.0.clone()), seq: Set(1), changed_at: Set(now) };
    let grown = OnConflict::column(live_topic::Column::Topic)
        .value(live_topic::Column::Seq, Expr::col((live_topic::Entity, live_topic::Column::Seq)).add(1))
        .value(live_topic::Column::ChangedAt, now.0)
        .action_and_where(Expr::col((live_topic::Entity, live_topic::Column::ChangedAt)).lt(at.0))
        .to_owned();
    live_topic::Entity::insert(row).on_conflict(grown).exec_without_returning(&tx).await?;
    let row = live_topic::Entity::find_by_id(topic.0).one(&tx).await?;
    let changes: Vec<Change> = row.into_iter().map(|row| Change { topic: Topic(row.topic), seq: row.seq }).collect();
    op.platform.bus.notify(&tx, &changes).await?;
    tx.commit().await?;
    op.platform.bus.tell(&changes).await;
    Ok(())
}

/// Tells this process's watchers what they have not heard: after a crash, a lost Redis, another process's change.
pub async fn catch_up(op: &Op) -> Result<(), Fault> {
    let watched = op.platform.bus.watched();
    for topics in watched.chunks(500) {
        let rows = live_topic::Entity::find()
            .filter(live_topic::Column::Topic.is_in(topics.iter().map(|topic| topic.0.clone())))
            .all(op.reader())
            .await?;
        let changes: Vec<Change> = rows.into_iter().map(|row| Change { topic: Topic(row.topic), seq: row.seq }).collect();
        op.platform.bus.tell_here(&changes);
    }
    Ok(())
}

/// Forgets events handed on long ago.
pub async fn forget_old(op: Op) -> Result<(), Fault> {
    outbox::Entity::delete_many().filter(outbox::Column::RelayedAt.lt(op.now() - KEPT)).exec(op.platform.db.writer()).await?;
    Ok(())
}

/// Forgets facts nobody can come back for any more: of long ago, or before the last thousand of their topic.
pub async fn forget_facts(op: Op) -> Result<(), Fault> {
    let db = op.platform.db.writer();
    live_event::Entity::delete_many().filter(live_event::Column::CreatedAt.lt(op.now() - FACTS_KEPT)).exec(db).await?;
    let surplus = format!(
        "DELETE FROM live_event WHERE seq <= (SELECT live_topic.seq - {FACTS} FROM live_topic WHERE live_topic.topic = live_event.topic)"
    );
    db.execute_unprepared(&surplus).await?;
    Ok(())
}
