//! What runs behind the requests: event handlers, jobs, sweeps. Each capability registers its own.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use kernel::{Event, Fault};
use serde::{Serialize, de::DeserializeOwned};

use crate::Op;

/// A unit of background work. Handlers must be idempotent: after a crash a job runs again.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// `"<capability>.<verb>_<noun>"`.
    const KIND: &'static str;

    /// At most one job of this kind ever has this key.
    fn dedupe(&self) -> Option<String> {
        None
    }
}

pub(crate) type JobHandler = Arc<dyn Fn(Op, serde_json::Value) -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>;
pub(crate) type SweepHandler = Arc<dyn Fn(Op) -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>;

/// A sweep and how often it runs.
#[derive(Clone)]
pub struct Sweep {
    pub(crate) name: &'static str,
    pub(crate) period: Duration,
    pub(crate) run: SweepHandler,
}

/// Everything that runs behind the requests.
#[derive(Default)]
pub struct Registry {
    pub(crate) jobs: HashMap<&'static str, JobHandler>,
    pub(crate) on_event: HashMap<&'static str, Vec<&'static str>>,
    pub(crate) sweeps: Vec<Sweep>,
}

impl Registry {
    /// Handles an event as a job named `handler`: retried, deduplicated per event, parked when it keeps failing.
    pub fn on<E, F, Fut>(&mut self, handler: &'static str, run: F)
    where
        E: Event,
        F: Fn(Op, E) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.on_event.entry(E::NAME).or_default().push(handler);
        self.handle(handler, run);
    }

    /// Handles jobs of one kind.
    pub fn job<J, F, Fut>(&mut self, run: F)
    where
        J: Job,
        F: Fn(Op, J) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.handle(J::KIND, run);
    }

    /// Runs a sweep on period, on every node. It takes no input: it looks (with the reader first) for what is due by
    /// the clock and repairs what an earlier run missed. Its updates are guarded, so two nodes may run it at once.
    pub fn sweep<F, Fut>(&mut self, name: &'static str, period: Duration, run: F)
    where
        F: Fn(Op) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.sweeps.push(Sweep { name, period, run: Arc::new(move |op| run(op).boxed()) });
    }

    fn handle<T, F, Fut>(&mut self, kind: &'static str, run: F)
    where
        T: DeserializeOwned + Send + 'static,
        F: Fn(Op, T) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        let handler: JobHandler = Arc::new(move |op, payload| match serde_json::from_value::<T>(payload) {
            Ok(input) => run(op, input).boxed(),
            Err(error) => async move { Err(error.into()) }.boxed(),
        });
        assert!(self.jobs.insert(kind, handler).is_none(), "two handlers are named {kind}");
    }
}
