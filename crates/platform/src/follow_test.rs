//! Facts of followed topics: in order, once, replayed while they are kept, and said to be lost when they are not.

use std::{pin::Pin, sync::Arc};

use entity::platform::live_event;
use futures_util::{Stream, StreamExt};
use kernel::{Event, Fault, Topic, days};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use crate::{
    Registry,
    live::{self, Heard, Live},
    relay,
    testing::TestPlatform,
    worker::{Worker, WorkerSettings},
};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Said {
    word: i64,
}

impl Event for Said {
    const NAME: &'static str = "test.said.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![Topic::of("room", "state"), Topic::of("room", "feed")]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![Topic::of("room", "feed")]
    }
}

type Feed = Pin<Box<dyn Stream<Item = Result<Live<Heard<&'static str>>, Fault>> + Send>>;

struct Room {
    test: TestPlatform,
    worker: Worker,
}

impl Room {
    async fn open() -> Self {
        let test = TestPlatform::open(|_| {}).await;
        let worker = Worker::new(Arc::clone(&test.platform), Registry::default(), WorkerSettings::default());
        Self { test, worker }
    }

    async fn say(&self, words: std::ops::RangeInclusive<i64>) {
        let mut tx = self.test.platform.system("test").begin().await.expect("begins");
        for word in words {
            tx.emit(&Said { word });
        }
        tx.commit().await.expect("commits");
        self.worker.settle().await.expect("settles");
    }

    async fn follow(&self, after: Option<i64>) -> Feed {
        let after = after.map(|seq| format!("{}:{seq}", self.test.platform.epoch));
        let op = self.test.platform.system("test");
        Box::pin(live::follow(&op, Topic::of("room", "feed"), after, |_| async { Ok(Some("here")) }).await.expect("follows"))
    }
}

async fn heard(feed: &mut Feed) -> Live<Heard<&'static str>> {
    feed.next().await.expect("it goes on").expect("no fault")
}

async fn words(feed: &mut Feed, words: std::ops::RangeInclusive<i64>) {
    for word in words {
        let frame = heard(feed).await;
        let Heard::Fact(fact) = &frame.value else { panic!("{frame:?}") };
        assert_eq!(fact.read::<Said>().expect("reads"), Some(Said { word }));
        assert!(frame.cursor.ends_with(&format!(":{word}")) && !frame.gap, "{frame:?}");
    }
}

#[tokio::test]
async fn every_fact_is_told_once_in_order_and_replayed_to_who_comes_back() {
    let room = Room::open().await;
    room.say(1..=3).await;
    let mut feed = room.follow(None).await;
    assert_eq!(heard(&mut feed).await.value, Heard::Snapshot("here"));
    room.say(4..=5).await;
    words(&mut feed, 4..=5).await;
    // More than one batch of the relay, more than one reading of the follower.
    room.say(6..=700).await;
    words(&mut feed, 6..=700).await;

    for after in [0, 1, 4, 699, 700] {
        let mut back = room.follow(Some(after)).await;
        let first = heard(&mut back).await;
        assert_eq!((first.value, first.gap), (Heard::Resumed, false));
        words(&mut back, after + 1..=700).await;
    }
    let mut back = room.follow(Some(700)).await;
    heard(&mut back).await;
    room.say(701..=701).await;
    words(&mut back, 701..=701).await;
}

#[tokio::test]
async fn what_is_forgotten_is_a_gap_with_a_snapshot() {
    let room = Room::open().await;
    room.say(1..=30).await;
    let mut slow = room.follow(Some(5)).await;
    assert_eq!(heard(&mut slow).await.value, Heard::Resumed);
    let db = room.test.platform.db.writer();
    live_event::Entity::delete_many().filter(live_event::Column::Seq.lte(20)).exec(db).await.expect("deletes");
    let frame = heard(&mut slow).await;
    assert_eq!((frame.value, frame.gap), (Heard::Snapshot("here"), true));
    room.say(31..=31).await;
    words(&mut slow, 31..=31).await;

    for after in [5, 19, 99] {
        let frame = heard(&mut room.follow(Some(after)).await).await;
        assert_eq!((frame.value, frame.gap), (Heard::Snapshot("here"), true), "{after}");
    }
    let mut kept = room.follow(Some(20)).await;
    heard(&mut kept).await;
    words(&mut kept, 21..=31).await;
}

#[tokio::test]
async fn a_topic_keeps_its_last_thousand_facts_for_a_day() {
    let room = Room::open().await;
    room.say(1..=1_010).await;
    let op = room.test.platform.system("test");
    relay::forget_facts(op.clone()).await.expect("forgets");
    let kept = || async { live_event::Entity::find().count(op.reader()).await.expect("counts") };
    assert_eq!(kept().await, 1_000);
    room.test.clock.advance(days(2));
    relay::forget_facts(op.clone()).await.expect("forgets");
    assert_eq!(kept().await, 0);
}
