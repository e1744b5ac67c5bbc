//! Live sums: read once for all, not more often than the pace, told only when they differ.

use std::{
    pin::Pin,
    sync::atomic::{AtomicI64, AtomicUsize, Ordering},
};

use futures_util::{FutureExt, StreamExt};
use kernel::Event;
use serde::{Deserialize, Serialize};

use super::*;
use crate::{
    Registry,
    testing::TestPlatform,
    worker::{Worker, WorkerSettings},
};

#[derive(Serialize, Deserialize)]
struct Sold;

impl Event for Sold {
    const NAME: &'static str = "test.sold.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![Topic::of("sales", "all")]
    }
}

#[derive(Default)]
struct Till {
    sum: AtomicI64,
    reads: AtomicUsize,
}

type Sums = Pin<Box<dyn Stream<Item = Result<Live<Arc<i64>>, Fault>> + Send>>;

struct Shop {
    test: TestPlatform,
    worker: Worker,
    till: Arc<Till>,
}

impl Shop {
    async fn open() -> Self {
        let test = TestPlatform::open(|_| {}).await;
        let worker = Worker::new(Arc::clone(&test.platform), Registry::default(), WorkerSettings::default());
        Self { test, worker, till: Arc::default() }
    }

    async fn sell(&self, worth: i64) {
        self.till.sum.fetch_add(worth, Ordering::SeqCst);
        let mut tx = self.test.platform.system("test").begin().await.expect("begins");
        tx.emit(&Sold);
        tx.commit().await.expect("commits");
        self.worker.settle().await.expect("settles");
    }

    async fn watch(&self, variables: &str, after: Option<&str>) -> Sums {
        let of = Aggregate { name: "sum", variables: variables.to_owned(), topic: Topic::of("sales", "all") };
        let till = Arc::clone(&self.till);
        let load = move |_| {
            let till = Arc::clone(&till);
            async move {
                till.reads.fetch_add(1, Ordering::SeqCst);
                Ok(till.sum.load(Ordering::SeqCst))
            }
        };
        let op = self.test.platform.system("test");
        Box::pin(aggregate(&op, of, after.map(str::to_owned), (load, |_: &i64| None)).await.expect("it is watched"))
    }

    fn reads(&self) -> usize {
        self.till.reads.load(Ordering::SeqCst)
    }
}

async fn next(sums: &mut Sums) -> Live<Arc<i64>> {
    sums.next().await.expect("it goes on").expect("no fault")
}

#[tokio::test]
async fn equal_questions_are_read_once_and_no_more_often_than_the_pace() {
    let shop = Shop::open().await;
    let mut watchers = Vec::new();
    for _ in 0..20 {
        let mut sums = shop.watch("day", None).await;
        assert_eq!(*next(&mut sums).await.value, 0);
        watchers.push(sums);
    }
    let mut other = shop.watch("week", None).await;
    assert_eq!(*next(&mut other).await.value, 0);
    let before = shop.reads();
    assert!(before <= 3, "{before} readings of two questions");
    let started = Instant::now();
    for _ in 0..10 {
        shop.sell(5).await;
    }
    let all = watchers.iter_mut().map(|sums| async move {
        let mut last = 0;
        while last != 50 {
            last = *next(sums).await.value;
        }
    });
    futures_util::future::join_all(all).await;
    let seconds = usize::try_from(started.elapsed().as_secs()).expect("few");
    assert!(shop.reads() - before <= 2 + seconds, "{} readings in {seconds} s", shop.reads() - before);
}

#[tokio::test]
async fn only_another_value_is_told_and_a_foreign_cursor_is_a_gap() {
    let shop = Shop::open().await;
    shop.sell(7).await;
    let mut sums = shop.watch("day", None).await;
    let first = next(&mut sums).await;
    assert_eq!((*first.value, first.gap, first.cursor.ends_with(":1")), (7, false, true));
    shop.sell(0).await;
    shop.sell(0).await;
    let before = shop.reads();
    // It looks, sees the same, and says nothing.
    let silent = async {
        while shop.reads() == before {
            assert!(sums.next().now_or_never().is_none());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(sums.next().now_or_never().is_none());
    };
    tokio::time::timeout(Duration::from_secs(20), silent).await.expect("it looks again");
    shop.sell(1).await;
    assert_eq!(*next(&mut sums).await.value, 8);
    assert!(next(&mut shop.watch("day", Some("elsewhere:1")).await).await.gap);
    assert!(!next(&mut shop.watch("day", Some(&first.cursor)).await).await.gap);
    drop(sums);
    drop(shop.watch("year", None).await);
    assert!(shop.test.platform.aggregates.0.len() <= 2, "what nobody watches is forgotten");
}
