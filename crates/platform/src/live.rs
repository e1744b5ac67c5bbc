//! Live state and live facts, each with a cursor to resume from.
//!
//! - [`watch`] shows a **state**: the current one first, then every change. It conflates: a watcher that is slow skips what
//!   is no longer true.
//! - [`follow`] tells **facts**: where it starts, then each fact in order, one by one. Who comes back is told what happened
//!   meanwhile, as long as it is kept; else that there is a gap, with a fresh snapshot.
//!
//! The cursor is `epoch:seq`; the sequence is read before the state, so the state is never older than its cursor says.

use entity::platform::{live_event, live_topic};
use futures_util::Stream;
use kernel::{Detail, Event, Failure, Fault, Refusal, Timestamp, Topic};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::Op;

/// A state at a position.
#[derive(Clone, Debug)]
pub struct Live<T> {
    /// Resumes behind this state: pass it as `after`.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time when it was read, to run countdowns by.
    pub server_time: Timestamp,
    /// The state.
    pub value: T,
}

/// Why something is not watched.
#[derive(Debug, thiserror::Error)]
pub enum LiveRefused {
    /// `after` is not a cursor.
    #[error("the cursor is not one of a live topic")]
    InvalidCursor,
    /// There is no such thing, or not for this caller.
    #[error("there is nothing to watch")]
    NotFound,
}

impl Refusal for LiveRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidCursor => "LIVE_CURSOR_INVALID",
            Self::NotFound => "NOT_FOUND",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::InvalidCursor => Some("after"),
            Self::NotFound => Some("id"),
        }
    }

    fn detail(&self) -> Detail {
        Detail::None
    }
}

/// Watches `topic`: `load` reads the state now and after every change; `None` from the first load is a refusal, later
/// it ends the stream.
pub async fn watch<T, F, Fut>(
    op: &Op,
    topic: Topic,
    after: Option<String>,
    load: F,
) -> Result<impl Stream<Item = Result<Live<T>, Fault>> + use<T, F, Fut>, Failure<LiveRefused>>
where
    F: Fn(Op) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Option<T>, Fault>> + Send,
    T: Send + 'static,
{
    watch_until(op, topic, after, load, |_| None).await
}

/// Watches a `topic` whose states end by the clock: at the moment `ends` names, every watcher is shown the state again.
pub async fn watch_until<T, F, Fut>(
    op: &Op,
    topic: Topic,
    after: Option<String>,
    load: F,
    ends: fn(&T) -> Option<Timestamp>,
) -> Result<impl Stream<Item = Result<Live<T>, Fault>> + use<T, F, Fut>, Failure<LiveRefused>>
where
    F: Fn(Op) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Option<T>, Fault>> + Send,
    T: Send + 'static,
{
    let op = op.clone();
    let resumed = after.map(|after| parse(&after).ok_or(LiveRefused::InvalidCursor)).transpose()?;
    let mut changes = op.platform.bus.watch(&topic);
    let first = look(&op, &topic, &load).await?.ok_or(LiveRefused::NotFound)?;
    let gap = resumed.is_some_and(|(epoch, seq)| epoch != op.platform.epoch || seq > first.1);
    Ok(async_stream::try_stream! {
        let (mut state, mut seen) = first;
        let mut gap = gap;
        loop {
            if let Some(at) = ends(&state).filter(|at| *at > op.now()) {
                op.platform.deadlines.topic(topic.clone(), at);
            }
            yield framed(&op, state, seen, gap);
            gap = false;
            // A change told while the state was read is in the state already.
            while *changes.borrow_and_update() <= seen {
                if changes.changed().await.is_err() {
                    return;
                }
            }
            match look(&op, &topic, &load).await? {
                Some(now) => (state, seen) = now,
                None => return,
            }
        }
    })
}

/// What a follower hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard<S> {
    /// Where things stand; facts from here on follow.
    Snapshot(S),
    /// It goes on where the cursor was.
    Resumed,
    /// This happened.
    Fact(Fact),
}

/// One fact of a followed topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// [`Event::NAME`].
    pub name: String,
    /// The event as JSON.
    pub payload: serde_json::Value,
    /// When it was handed on.
    pub at: Timestamp,
}

impl Fact {
    /// The event, if it is one of that kind.
    pub fn read<E: Event>(&self) -> Result<Option<E>, Fault> {
        if self.name != E::NAME {
            return Ok(None);
        }
        Ok(Some(serde_json::from_value(self.payload.clone())?))
    }
}

/// Facts read at once.
const FACTS: u64 = 256;

/// Follows `topic`: every event whose [`Event::feeds`] name it is told once, in order. `load` reads the snapshot to begin
/// with; it is asked again when facts were forgotten before they could be told.
pub async fn follow<S, F, Fut>(
    op: &Op,
    topic: Topic,
    after: Option<String>,
    load: F,
) -> Result<impl Stream<Item = Result<Live<Heard<S>>, Fault>> + use<S, F, Fut>, Failure<LiveRefused>>
where
    F: Fn(Op) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Option<S>, Fault>> + Send,
    S: Send + 'static,
{
    let op = op.clone();
    let resumed = after.map(|after| parse(&after).ok_or(LiveRefused::InvalidCursor)).transpose()?;
    let mut changes = op.platform.bus.watch(&topic);
    let (snapshot, now) = look(&op, &topic, &load).await?.ok_or(LiveRefused::NotFound)?;
    let (first, mut seen) = match resumed {
        None => (framed(&op, Heard::Snapshot(snapshot), now, false), now),
        Some((epoch, seq)) if epoch == op.platform.epoch && seq <= now && is_kept(&op, &topic, seq, now).await? => {
            (framed(&op, Heard::Resumed, seq, false), seq)
        }
        Some(_) => (framed(&op, Heard::Snapshot(snapshot), now, true), now),
    };
    Ok(async_stream::try_stream! {
        yield first;
        loop {
            let told = *changes.borrow_and_update();
            let facts = facts(&op, &topic, seen).await?;
            let full = facts.len() as u64 == FACTS;
            if facts.first().map_or(told > seen, |fact| fact.seq != seen + 1) {
                // Forgotten before it was told: say so, and where things stand instead.
                let Some((snapshot, now)) = look(&op, &topic, &load).await? else { return };
                if now > seen {
                    seen = now;
                    yield framed(&op, Heard::Snapshot(snapshot), now, true);
                    continue;
                }
            }
            for row in facts.into_iter().take_while(|fact| {
                // Numbers within one answer have no holes: what is forgotten is forgotten from the beginning.
                let next = fact.seq == seen + 1;
                seen += i64::from(next);
                next
            }) {
                let fact = Fact { name: row.name, payload: row.payload, at: row.created_at };
                yield framed(&op, Heard::Fact(fact), row.seq, false);
            }
            if !full && *changes.borrow() <= told.max(seen) && changes.changed().await.is_err() {
                return;
            }
        }
    })
}

async fn facts(op: &Op, topic: &Topic, after: i64) -> Result<Vec<live_event::Model>, Fault> {
    let later = live_event::Entity::find()
        .filter(live_event::Column::Topic.eq(topic.0.clone()))
        .filter(live_event::Column::Seq.gt(after))
        .order_by_asc(live_event::Column::Seq)
        .limit(FACTS);
    Ok(later.all(op.reader()).await?)
}

/// Whether everything between the two can still be told.
async fn is_kept(op: &Op, topic: &Topic, after: i64, now: i64) -> Result<bool, Fault> {
    Ok(after == now || live_event::Entity::find_by_id((topic.0.clone(), after + 1)).one(op.reader()).await?.is_some())
}

async fn look<T, F, Fut>(op: &Op, topic: &Topic, load: &F) -> Result<Option<(T, i64)>, Fault>
where
    F: Fn(Op) -> Fut,
    Fut: Future<Output = Result<Option<T>, Fault>>,
{
    let seq = live_topic::Entity::find_by_id(topic.0.clone()).one(op.reader()).await?.map_or(0, |row| row.seq);
    Ok(load(op.clone()).await?.map(|state| (state, seq)))
}

pub(crate) fn framed<T>(op: &Op, value: T, seq: i64, gap: bool) -> Live<T> {
    Live { cursor: format!("{}:{seq}", op.platform.epoch), gap, server_time: op.now(), value }
}

pub(crate) fn parse(cursor: &str) -> Option<(String, i64)> {
    let (epoch, seq) = cursor.split_once(':')?;
    let seq: i64 = seq.parse().ok()?;
    (!epoch.is_empty() && seq >= 0).then(|| (epoch.to_owned(), seq))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_parse_strictly() {
        assert_eq!(parse("e:7"), Some(("e".into(), 7)));
        for bad in ["", ":", "e:", ":7", "e:-1", "e:x", "7"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
