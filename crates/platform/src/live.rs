//! Live state: the current state first, then every change, each with a cursor to resume from.
//!
//! State conflates: a watcher that is slow skips what is no longer true. The cursor is `epoch:seq`; the sequence is read
//! before the state, so the state is never older than its cursor says.

use entity::platform::live_topic;
use futures_util::Stream;
use kernel::{Detail, Failure, Fault, Refusal, Timestamp, Topic};
use sea_orm::EntityTrait;

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
    let op = op.clone();
    let resumed = after.map(|after| parse(&after).ok_or(LiveRefused::InvalidCursor)).transpose()?;
    let mut changes = op.platform.bus.watch(&topic);
    let first = look(&op, &topic, &load).await?.ok_or(LiveRefused::NotFound)?;
    let gap = resumed.is_some_and(|(epoch, seq)| epoch != op.platform.epoch || seq > first.1);
    Ok(async_stream::stream! {
        let (state, mut seen) = first;
        yield Ok(framed(&op, state, seen, gap));
        loop {
            // A change told while the state was read is in the state already.
            if *changes.borrow_and_update() <= seen && changes.changed().await.is_err() {
                return;
            }
            if *changes.borrow() <= seen {
                continue;
            }
            match look(&op, &topic, &load).await {
                Ok(Some((state, seq))) => {
                    seen = seq;
                    yield Ok(framed(&op, state, seq, false));
                }
                Ok(None) => return,
                Err(fault) => {
                    yield Err(fault);
                    return;
                }
            }
        }
    })
}

async fn look<T, F, Fut>(op: &Op, topic: &Topic, load: &F) -> Result<Option<(T, i64)>, Fault>
where
    F: Fn(Op) -> Fut,
    Fut: Future<Output = Result<Option<T>, Fault>>,
{
    let seq = live_topic::Entity::find_by_id(topic.0.clone()).one(op.reader()).await?.map_or(0, |row| row.seq);
    Ok(load(op.clone()).await?.map(|state| (state, seq)))
}

fn framed<T>(op: &Op, value: T, seq: i64, gap: bool) -> Live<T> {
    Live { cursor: format!("{}:{seq}", op.platform.epoch), gap, server_time: op.now(), value }
}

fn parse(cursor: &str) -> Option<(String, i64)> {
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
