//! What happens at a known moment: one timer per node, however many clients count down to it.
//!
//! ```text
//! live::watch_until ── "this state ends at T" ──▶ ┐
//! a capability ─── "sweep X is due at T" ───────▶ ├ by time ── T has come ──▶ the topic changes, its watchers look again
//!                                                 ┘                     └──▶ the sweep runs now, not at its next period
//! ```
//!
//! It only makes things punctual. What must happen is in the database, and the periodic sweep finds it without us; so
//! deadlines are forgotten with the process and noted again by whoever loads the state.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use kernel::{Clock, Timestamp, Topic};
use tokio::sync::Notify;

/// Deadlines of one node. Above so many the latest ones are left to the sweeps.
const MOST: usize = 100_000;

/// Who is woken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wake {
    /// The watchers of this topic, on every node.
    Topic(Topic),
    /// The sweep of that name, on this node.
    Sweep(&'static str),
}

/// Who is to be woken when.
#[derive(Default)]
pub struct Deadlines {
    noted: Mutex<BTreeSet<(Timestamp, Wake)>>,
    changed: Notify,
}

impl Deadlines {
    /// The watchers of `topic` shall look again at that moment.
    pub fn topic(&self, topic: Topic, at: Timestamp) {
        self.note(at, Wake::Topic(topic));
    }

    /// The sweep of that name shall run at that moment.
    pub fn sweep(&self, name: &'static str, at: Timestamp) {
        self.note(at, Wake::Sweep(name));
    }

    fn note(&self, at: Timestamp, wake: Wake) {
        let mut noted = self.noted();
        noted.insert((at, wake));
        if noted.len() > MOST {
            noted.pop_last();
        }
        let earliest = noted.first().is_some_and(|(first, _)| *first == at);
        drop(noted);
        if earliest {
            self.changed.notify_one();
        }
    }

    /// The clock was moved by hand.
    pub fn look_at_the_clock(&self) {
        self.changed.notify_one();
    }

    /// Whose moment has come; they are noted no longer.
    pub(crate) fn due(&self, now: Timestamp) -> BTreeMap<Wake, Timestamp> {
        let mut noted = self.noted();
        let mut due = BTreeMap::new();
        while noted.first().is_some_and(|(at, _)| *at <= now) {
            if let Some((at, wake)) = noted.pop_first() {
                due.insert(wake, at);
            }
        }
        due
    }

    /// Waits until somebody's moment has come.
    pub(crate) async fn wait(&self, clock: &dyn Clock) {
        loop {
            let next = self.noted().first().map(|(at, _)| *at);
            let Some(at) = next else {
                self.changed.notified().await;
                continue;
            };
            let left = at.since(clock.now());
            if left.is_zero() {
                return;
            }
            let _ = tokio::time::timeout(left, self.changed.notified()).await;
        }
    }

    fn noted(&self) -> MutexGuard<'_, BTreeSet<(Timestamp, Wake)>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
