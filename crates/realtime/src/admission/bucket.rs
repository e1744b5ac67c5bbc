//! The allowance of a caller: a leaky bucket of cost points.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_graphql::futures_util::future::BoxFuture;
use dashmap::DashMap;
use kernel::{Clock, Fault, Timestamp};
use serde_json::{Value, json};

use crate::Allowance;

/// What a caller has left after asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Whether the points were given.
    pub granted: bool,
    /// Points left.
    pub available: u32,
    /// Points that come back per second.
    pub restore_rate: u32,
}

impl Level {
    /// `extensions.cost` of an answer.
    pub fn report(self, requested: u64) -> Value {
        json!({ "requested": requested, "available": self.available, "restoreRate": self.restore_rate })
    }

    /// Whole seconds until `requested` points are there again.
    pub fn seconds_until(self, requested: u64) -> u64 {
        requested.saturating_sub(u64::from(self.available)).div_ceil(u64::from(self.restore_rate.max(1)))
    }
}

/// Where allowances are kept: in this process, or shared between nodes by the platform's limiter.
pub trait Bucket: Send + Sync + 'static {
    /// Takes `cost` points of `key`, all or none. A fault lets the request pass: the limit protects, it is not the truth.
    fn take<'a>(&'a self, key: &'a str, cost: u64) -> BoxFuture<'a, Result<Level, Fault>>;
}

/// Buckets of this process.
pub struct MemoryBuckets {
    clock: Arc<dyn Clock>,
    allowance: Allowance,
    /// Points in thousandths, and when they were counted.
    levels: DashMap<String, (u64, Timestamp)>,
    taken: AtomicU64,
}

/// Forgotten buckets are swept once in so many takes.
const SWEEP_EVERY: u64 = 4_096;

impl MemoryBuckets {
    /// Full buckets by that clock.
    pub fn new(clock: Arc<dyn Clock>, allowance: Allowance) -> Self {
        Self { clock, allowance, levels: DashMap::new(), taken: AtomicU64::new(0) }
    }

    fn take_now(&self, key: &str, cost: u64) -> Level {
        let now = self.clock.now();
        let full = u64::from(self.allowance.capacity) * 1_000;
        if self.taken.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.levels.retain(|_, (_, at)| now.since(*at) < self.allowance.forget_after);
        }
        let mut entry = self.levels.entry(key.to_owned()).or_insert((full, now));
        let (points, at) = *entry;
        // Points per second are thousandths per millisecond.
        let elapsed = u64::try_from(now.since(at).as_millis()).unwrap_or(u64::MAX);
        let points = points.saturating_add(elapsed.saturating_mul(u64::from(self.allowance.restore_rate))).min(full);
        let cost = cost.saturating_mul(1_000);
        let granted = cost <= points;
        let left = if granted { points - cost } else { points };
        *entry = (left, at.max(now));
        Level { granted, available: u32::try_from(left / 1_000).unwrap_or(u32::MAX), restore_rate: self.allowance.restore_rate }
    }
}

impl Bucket for MemoryBuckets {
    fn take<'a>(&'a self, key: &'a str, cost: u64) -> BoxFuture<'a, Result<Level, Fault>> {
        Box::pin(std::future::ready(Ok(self.take_now(key, cost))))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use super::*;

    struct Hand(AtomicI64);
    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn a_bucket_empties_refuses_and_refills() {
        let hand = Arc::new(Hand(AtomicI64::new(0)));
        let buckets = MemoryBuckets::new(hand.clone(), Allowance { capacity: 100, restore_rate: 10, ..Allowance::default() });
        let level = |granted, available| Level { granted, available, restore_rate: 10 };
        assert_eq!(buckets.take_now("ann", 60), level(true, 40));
        assert_eq!(buckets.take_now("ann", 60), level(false, 40));
        assert_eq!(buckets.take_now("bob", 100), level(true, 0));
        assert_eq!(level(false, 40).seconds_until(60), 2);
        hand.0.store(1_950, Ordering::Relaxed);
        assert_eq!(buckets.take_now("ann", 60), level(false, 59));
        hand.0.store(2_000, Ordering::Relaxed);
        assert_eq!(buckets.take_now("ann", 60), level(true, 0));
        hand.0.store(1_000, Ordering::Relaxed);
        assert_eq!(buckets.take_now("ann", 1), level(false, 0), "a clock that steps back gives nothing");
        hand.0.store(1_000_000, Ordering::Relaxed);
        assert_eq!(buckets.take_now("ann", 0), level(true, 100));
    }

    proptest::proptest! {
        #[test]
        fn nobody_gets_more_than_capacity_and_refill(takes in proptest::collection::vec((0..500_i64, 0..80_u64), 0..60)) {
            let hand = Arc::new(Hand(AtomicI64::new(0)));
            let buckets = MemoryBuckets::new(hand.clone(), Allowance { capacity: 100, restore_rate: 10, ..Allowance::default() });
            let mut given = 0;
            for (wait, cost) in takes {
                hand.0.fetch_add(wait, Ordering::Relaxed);
                given += if buckets.take_now("ann", cost).granted { cost } else { 0 };
            }
            let elapsed = u64::try_from(hand.0.load(Ordering::Relaxed)).unwrap();
            proptest::prop_assert!(given * 1_000 <= 100_000 + elapsed * 10);
        }
    }
}
