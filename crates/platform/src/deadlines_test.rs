//! Deadlines wake watchers and sweeps when the clock says so; processes on one Postgres hear of each other's changes.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{Stream, StreamExt};
use kernel::{Fault, Timestamp, Topic, hours, minutes};
use sea_orm::DbBackend;
use tokio_util::sync::CancellationToken;

use crate::{
    Op, Registry,
    live::{self, Live},
    testing::TestPlatform,
    worker::{Worker, WorkerSettings},
};

type States = Pin<Box<dyn Stream<Item = Result<Live<Timestamp>, Fault>> + Send>>;

/// Watches the time; the state ends at `ends`.
async fn watch(op: &Op, ends: fn(&Timestamp) -> Option<Timestamp>) -> States {
    let load = |op: Op| async move { Ok(Some(op.now())) };
    Box::pin(live::watch_until(op, Topic::of("clock", 1), None, load, ends).await.expect("watches"))
}

async fn shown(states: &mut States) -> Timestamp {
    let shown = tokio::time::timeout(Duration::from_secs(20), states.next()).await.expect("it is shown within 20 s");
    shown.expect("it goes on").expect("no fault").value
}

/// 2026-11-11T04:30:00Z, half an hour after the test's clock began.
const HALF_PAST: Timestamp = Timestamp(1_794_371_400_000);

#[tokio::test]
async fn who_watches_is_shown_the_state_at_its_deadline_and_only_then() {
    let test = TestPlatform::open(|_| {}).await;
    let worker = Worker::new(Arc::clone(&test.platform), Registry::default(), WorkerSettings::default());
    let (op, another) = (test.platform.system("test"), test.another().await);
    let mut states = [watch(&op, |_| Some(HALF_PAST)).await, watch(&op, |_| Some(HALF_PAST)).await];
    let began = op.now();
    for states in &mut states {
        assert_eq!(shown(states).await, began);
    }
    test.clock.advance(minutes(29));
    worker.settle().await.expect("settles");
    test.clock.advance(minutes(1));
    worker.settle().await.expect("settles");
    for states in &mut states {
        assert_eq!(shown(states).await, HALF_PAST);
    }
    // The other node noticed the same deadline; it is one change.
    another.deadlines.topic(Topic::of("clock", 1), HALF_PAST);
    let _watching = another.bus.watch(&Topic::of("clock", 1));
    let there = Worker::new(Arc::clone(&another), Registry::default(), WorkerSettings::default());
    there.settle().await.expect("settles");
    let mut late = watch(&op, |_| None).await;
    assert!(late.next().await.expect("it goes on").expect("no fault").cursor.ends_with(":1"));
}

#[tokio::test]
async fn one_timer_runs_a_sweep_at_its_deadline() {
    let test = TestPlatform::open(|_| {}).await;
    let mut registry = Registry::default();
    let runs = Arc::new(AtomicUsize::new(0));
    let ran = Arc::clone(&runs);
    registry.sweep("test.sweep", hours(1), move |_| {
        ran.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    let worker = Worker::new(Arc::clone(&test.platform), registry, WorkerSettings::default());
    let stop = CancellationToken::new();
    let working = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    let until = async |count| {
        while runs.load(Ordering::SeqCst) < count {
            tokio::task::yield_now().await;
        }
    };
    until(1).await;
    let deadlines = &test.platform.deadlines;
    deadlines.sweep("test.sweep", HALF_PAST + minutes(1));
    deadlines.sweep("test.sweep", HALF_PAST);
    deadlines.sweep("test.sweep", HALF_PAST);
    test.clock.advance(minutes(30));
    deadlines.look_at_the_clock();
    until(2).await;
    test.clock.advance(minutes(1));
    deadlines.look_at_the_clock();
    until(3).await;
    stop.cancel();
    working.await.expect("works until told to stop");
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

/// The other process runs no catching up: what it hears, it hears from Postgres.
#[tokio::test]
async fn a_change_reaches_another_process_through_postgres() {
    let test = TestPlatform::open(|_| {}).await;
    if test.platform.db.backend() != DbBackend::Postgres {
        return;
    }
    let (here, there) = (test.platform.system("test"), test.another().await.system("test"));
    let mut states = watch(&there, |_| None).await;
    assert_eq!(shown(&mut states).await, here.now());
    for n in 1..4 {
        test.clock.advance(minutes(1));
        // Telling again and again, because listening begins a moment after opening.
        let telling = async {
            loop {
                crate::relay::tick(&here, Topic::of("clock", 1), here.now()).await.expect("ticks");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            at = shown(&mut states) => assert_eq!(at, here.now(), "minute {n}"),
            () = telling => {}
        }
        while let Ok(Some(_)) = tokio::time::timeout(Duration::from_millis(100), states.next()).await {}
    }
}
