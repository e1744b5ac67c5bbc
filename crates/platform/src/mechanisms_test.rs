//! Outbox, relay, jobs, keys and live topics together, on a real database.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use entity::platform::live_topic;
use futures_util::StreamExt;
use kernel::{Event, Failure, Fault, Topic, minutes};
use sea_orm::{DbErr, EntityTrait, error::ConnAcquireErr};
use serde::{Deserialize, Serialize};

use crate::{
    IdempotencyKey, Job, KeyRefused, Registry, graphql, live, revision,
    testing::TestPlatform,
    worker::{Backlog, Worker, WorkerSettings, backlog},
};

#[derive(Serialize, Deserialize)]
struct Painted {
    wall: u32,
}

impl Event for Painted {
    const NAME: &'static str = "test.painted.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![Topic::of("wall", self.wall)]
    }
}

#[derive(Serialize, Deserialize)]
struct Fail;

impl Job for Fail {
    const KIND: &'static str = "test.fail";
}

fn counting(registry: &mut Registry) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    registry.on("test.count", move |_, _: Painted| {
        seen.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    count
}

#[tokio::test]
async fn a_committed_event_reaches_its_handler_once_and_a_rolled_back_one_never() {
    let test = TestPlatform::open(|_| {}).await;
    let mut registry = Registry::default();
    let count = counting(&mut registry);
    let worker = Worker::new(Arc::clone(&test.platform), registry, WorkerSettings::default());
    let op = test.platform.system("test");

    let mut tx = op.begin().await.expect("begins");
    tx.emit(&Painted { wall: 1 });
    drop(tx);
    worker.settle().await.expect("settles");
    assert_eq!(count.load(Ordering::SeqCst), 0);

    let mut tx = op.begin().await.expect("begins");
    tx.emit(&Painted { wall: 1 });
    tx.commit().await.expect("commits");
    worker.settle().await.expect("settles");
    worker.settle().await.expect("settles");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(backlog(&test.platform).await.expect("counts"), Backlog::default());
}

#[tokio::test]
async fn a_failing_job_backs_off_and_is_parked_in_the_end() {
    let test = TestPlatform::open(|_| {}).await;
    let mut registry = Registry::default();
    registry.job::<Fail, _, _>(|_, _| async { Err(Fault::internal("on purpose")) });
    let worker = Worker::new(Arc::clone(&test.platform), registry, WorkerSettings::default());
    let mut tx = test.platform.system("test").begin().await.expect("begins");
    tx.enqueue(&Fail);
    tx.commit().await.expect("commits");
    worker.settle().await.expect("settles");
    assert_eq!(backlog(&test.platform).await.expect("counts"), Backlog { later: 1, ..Backlog::default() });
    for _ in 0..11 {
        test.clock.advance(minutes(10));
        worker.settle().await.expect("settles");
    }
    assert_eq!(backlog(&test.platform).await.expect("counts"), Backlog { dead: 1, ..Backlog::default() });
}

#[tokio::test]
async fn a_key_whose_answer_is_known_beforehand_answers_it_the_second_time() {
    let test = TestPlatform::open(|_| {}).await;
    let op = test.platform.system("test");
    let key = IdempotencyKey::new(&op, "paint", "key-0001", &1).expect("well formed");
    let mut tx = op.begin().await.expect("begins");
    assert_eq!(tx.claim_for(&key, &1).await.expect("claims"), None);
    drop(tx);
    for (answer, known) in [(2, None), (3, Some(2))] {
        let mut tx = op.begin().await.expect("begins");
        assert_eq!(tx.claim_for(&key, &answer).await.expect("claims"), known);
        tx.commit().await.expect("commits");
    }
}

#[tokio::test]
async fn a_revision_counts_what_was_committed() {
    let test = TestPlatform::open(|_| {}).await;
    let op = test.platform.system("test");
    for kept in [true, false, true] {
        let mut tx = op.begin().await.expect("begins");
        tx.revise("walls");
        tx.revise("walls");
        if kept {
            tx.commit().await.expect("commits");
        }
    }
    let revisions = revision::current(&op).await.expect("reads");
    assert_eq!((revisions.of("walls"), revisions.of("ceilings")), (2, 0));
}

#[tokio::test]
async fn many_topics_and_many_jobs_take_as_many_statements_as_one() {
    let test = TestPlatform::open(|_| {}).await;
    let mut registry = Registry::default();
    let count = counting(&mut registry);
    let worker = Worker::new(Arc::clone(&test.platform), registry, WorkerSettings::default());
    let op = test.platform.system("test");
    let mut taken = Vec::new();
    for walls in [1, 20] {
        let mut tx = op.begin().await.expect("begins");
        (0..walls).for_each(|wall| tx.emit(&Painted { wall }));
        tx.emit(&Painted { wall: 0 });
        tx.commit().await.expect("commits");
        let before = test.platform.db.statements();
        worker.settle().await.expect("settles");
        taken.push(test.platform.db.statements() - before);
    }
    assert_eq!(count.load(Ordering::SeqCst), 23);
    assert_eq!(taken[0], taken[1], "{taken:?}");
    let seq = |wall: u32| live_topic::Entity::find_by_id(Topic::of("wall", wall).0).one(op.reader());
    assert_eq!(seq(0).await.expect("reads").map(|row| row.seq), Some(4));
    assert_eq!(seq(19).await.expect("reads").map(|row| row.seq), Some(1));
}

#[tokio::test]
async fn a_key_has_one_effect_and_refuses_another_input() {
    let test = TestPlatform::open(|_| {}).await;
    let op = test.platform.system("test");
    let key = |input: u32| IdempotencyKey::new(&op, "paint", "key-0001", &input).expect("well formed");
    let mut tx = op.begin().await.expect("begins");
    assert_eq!(tx.claim::<u32>(&key(1)).await.expect("claims"), None);
    tx.remember(&key(1), &42).await.expect("remembers");
    tx.commit().await.expect("commits");
    let mut tx = op.begin().await.expect("begins");
    assert_eq!(tx.claim::<u32>(&key(1)).await.expect("claims"), Some(42));
    assert!(matches!(tx.claim::<u32>(&key(2)).await, Err(Failure::Refused(KeyRefused::Reused))));
    for bad in ["", "short", "with space", &"x".repeat(65)] {
        assert!(matches!(IdempotencyKey::new(&op, "paint", bad, &1), Err(Failure::Refused(KeyRefused::Invalid))), "{bad}");
    }
}

#[tokio::test]
async fn a_watcher_sees_the_state_first_then_changes_and_is_told_of_gaps() {
    let test = TestPlatform::open(|_| {}).await;
    let worker = Worker::new(Arc::clone(&test.platform), Registry::default(), WorkerSettings::default());
    let op = test.platform.system("test");
    let state = Arc::new(AtomicUsize::new(7));
    let load = {
        let state = Arc::clone(&state);
        move |_| {
            let state = state.load(Ordering::SeqCst);
            async move { Ok(Some(state)) }
        }
    };
    let mut seen = Box::pin(live::watch(&op, Topic::of("wall", 1), None, load.clone()).await.expect("watches"));
    let first = seen.next().await.expect("a first frame").expect("no fault");
    assert_eq!((first.value, first.gap), (7, false));

    state.store(8, Ordering::SeqCst);
    let mut tx = op.begin().await.expect("begins");
    tx.emit(&Painted { wall: 1 });
    tx.commit().await.expect("commits");
    worker.settle().await.expect("settles");
    let second = seen.next().await.expect("a second frame").expect("no fault");
    assert_eq!(second.value, 8);
    assert_eq!(second.cursor, format!("{}:1", test.platform.epoch));

    for (after, gap) in [(second.cursor.clone(), false), ("elsewhere:1".to_owned(), true), (format!("{}:9", test.platform.epoch), true)] {
        let mut again = Box::pin(live::watch(&op, Topic::of("wall", 1), Some(after), load.clone()).await.expect("watches"));
        assert_eq!(again.next().await.expect("a frame").expect("no fault").gap, gap);
    }
    assert!(live::watch(&op, Topic::of("wall", 1), Some("garbage".into()), load).await.is_err());
}

#[tokio::test]
async fn who_waited_in_vain_for_a_connection_is_told_that_nothing_happened() {
    let test = TestPlatform::open(|_| {}).await;
    let op = test.platform.system("test");
    let said = |fault: Fault| graphql::hidden(&op, &fault).extensions.and_then(|extensions| extensions.get("code").cloned());
    assert_eq!(said(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout).into()), Some("UNAVAILABLE".into()));
    assert_eq!(said(DbErr::RecordNotInserted.into()), Some("INTERNAL".into()));
}
