//! Execute once: equal subscriptions share one execution and one serialised payload per event.
//!
//! ```text
//! (document, operation, variables, locale, audience) ─▶ topic ─ one driver ─▶ payload (bytes, shared)
//!                                                         │                     ├─▶ lane of socket 1: id spliced in
//!   first subscriber starts it                            │                     ├─▶ lane of socket 2
//!   later ones get the latest payload at once             │                     └─▶ …
//!   the last one leaves: it lingers, then stops           ▼
//!                                            Starting ─▶ Running ─▶ Over
//!                                                └── refused: nothing to share, each subscriber gets the answer
//! ```
//!
//! What holds:
//! - **Nothing personal is shared, twice over**: an operation that selects a personal field runs for its caller alone, and
//!   what is shared runs as the audience's faceless caller, so that a field nobody marked shows nobody, not somebody. What
//!   refuses the faceless caller is asked again for the caller alone.
//! - **No change is lost or told twice to who joins**: the latest payload is handed over and the place among the
//!   subscribers taken under one lock (a feed tells one fact per payload, so that payloads of two executions are told apart
//!   by their cursors). Who resumes takes the place first, behind a barrier that collects; catches up by an
//!   execution of its own; and is let through with what is newer.
//! - **The driver waits for nobody**: see [`crate::outbox`]. It gives way to other tasks between two handfuls.
//! - **A state has a highest rate**: its execution is not asked again before the pace allows; then it shows the latest.

mod drive;
#[cfg(test)]
mod tests;
mod topic;
#[cfg(test)]
mod topic_tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_graphql::{Name, Value, Variables, parser::types::OperationDefinition};
use aws_lc_rs::digest;
use dashmap::DashMap;

pub(crate) use drive::drive;
pub(crate) use topic::{Began, Membership, Position, Topic};

use crate::sharing::Flow;

/// How shared executions are kept.
#[derive(Clone, Debug)]
pub struct Streams {
    /// The least time between two payloads of one state.
    pub pace: Duration,
    /// How long an execution nobody subscribes to goes on, so that a storm of reconnects finds it.
    pub linger: Duration,
    /// Payloads that wait for a subscriber who is catching up on a feed.
    pub held: usize,
}

impl Default for Streams {
    fn default() -> Self {
        Self { pace: Duration::from_millis(100), linger: Duration::from_secs(10), held: 1_024 }
    }
}

/// What makes two subscriptions equal, as a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// The key of those parts; each is told apart from its neighbours.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(context.finish().as_ref());
        Self(key)
    }
}

/// The variables an operation declares, defaults applied, members sorted: equal texts mean equal values.
pub(crate) fn canonical(operation: &OperationDefinition, variables: &Variables, without: Option<&Name>) -> String {
    let values = operation.variable_definitions.iter().filter_map(|definition| {
        let name = &definition.node.name.node;
        let value = match variables.get(name) {
            _ if Some(name) == without => None,
            Some(value) => Some(value.clone()),
            None => definition.node.default_value.as_ref().map(|value| value.node.clone()),
        };
        Some((name.as_str(), sorted(&value?)))
    });
    serde_json::to_string(&values.collect::<BTreeMap<_, _>>()).unwrap_or_default()
}

fn sorted(value: &Value) -> serde_json::Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&str, serde_json::Value> = members.iter().map(|(name, value)| (name.as_str(), sorted(value))).collect();
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()
        }
        Value::List(items) => items.iter().map(sorted).collect(),
        other => other.clone().into_json().unwrap_or_default(),
    }
}

/// The shared executions of one transport.
#[derive(Default)]
pub(crate) struct Hub {
    topics: DashMap<Key, Arc<Topic>>,
}

impl Hub {
    /// The topic of that key, and whether it is new: then the caller starts its driver.
    pub(crate) fn topic(&self, key: Key, flow: Flow, held: usize) -> (Arc<Topic>, bool) {
        let mut new = false;
        let topic = self.topics.entry(key).or_insert_with(|| {
            new = true;
            Arc::new(Topic::new(flow, held))
        });
        (topic.clone(), new)
    }

    /// Forgets a topic nobody subscribes to; false when somebody does.
    pub(crate) fn retire(&self, key: Key, topic: &Arc<Topic>) -> bool {
        topic.close_if_empty() && {
            self.forget(key, topic);
            true
        }
    }

    /// Forgets a topic that is over.
    pub(crate) fn forget(&self, key: Key, topic: &Arc<Topic>) {
        self.topics.remove_if(&key, |_, found| Arc::ptr_eq(found, topic));
    }

    /// How many executions are shared right now.
    pub(crate) fn len(&self) -> usize {
        self.topics.len()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
