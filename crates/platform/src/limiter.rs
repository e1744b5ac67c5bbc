//! Rates: how often something may happen (the generic cell rate algorithm), in this process or, with Redis, in all.
//!
//! Losing Redis never opens the gate: the process's own count goes on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dashmap::DashMap;
use kernel::Timestamp;
use redis::aio::ConnectionManager;

/// How often: `burst` at once, then one every `period / burst`.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// So many at once.
    pub burst: u32,
    /// In so long all of them come back.
    pub period: Duration,
}

/// Counts by key.
pub struct Limiter {
    here: DashMap<String, i64>,
    redis: Option<Shared>,
}

/// The count all processes share.
struct Shared {
    connection: ConnectionManager,
    healthy: Arc<AtomicBool>,
    prefix: String,
}

/// What became of asking for units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Nothing when they were given, else when to come again.
    pub refused_until: Option<Timestamp>,
    /// Units left.
    pub left: u32,
}

/// The generic cell rate algorithm over microseconds: how long to wait (0 when it was allowed), and how much of the window
/// is used. Exact, because a double holds microseconds of this millennium.
const GCRA: &str = r"
local now, cost, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local new = tat + cost
if new - now > window then return {new - now - window, tat - now} end
redis.call('SET', KEYS[1], string.format('%.0f', new), 'PX', math.max(1, math.ceil((new - now) / 1000)))
return {0, new - now}
";

/// A rate as the algorithm counts: microseconds.
#[derive(Clone, Copy)]
struct Asked {
    now: i64,
    cost: i64,
    window: i64,
}

impl Limiter {
    /// Counts in this process.
    pub fn in_process() -> Self {
        Self { here: DashMap::new(), redis: None }
    }

    /// Counts in all processes on the bus's Redis.
    pub fn shared(bus: &crate::bus::Bus, prefix: &str) -> Self {
        Self {
            here: DashMap::new(),
            redis: bus.connection().map(|(connection, healthy)| Shared { connection, healthy, prefix: prefix.to_owned() }),
        }
    }

    /// Takes `units` from the rate of `key`; `Err` says when to come again.
    pub async fn take(&self, key: &str, units: u32, rate: Rate, now: Timestamp) -> Result<(), Timestamp> {
        match self.take_and_tell(key, units, rate, now).await.refused_until {
            None => Ok(()),
            Some(until) => Err(until),
        }
    }

    /// Takes `units` from the rate of `key`, all or none, and says what is left.
    pub async fn take_and_tell(&self, key: &str, units: u32, rate: Rate, now: Timestamp) -> Taken {
        let window = i64::try_from(rate.period.as_micros()).unwrap_or(i64::MAX / 4).clamp(1, i64::MAX / 4);
        let burst = i128::from(rate.burst.max(1));
        let cost = i64::try_from(i128::from(window) * i128::from(units) / burst).unwrap_or(i64::MAX / 4);
        let asked = Asked { now: now.0.saturating_mul(1_000), cost, window };
        let (wait, used) = match self.take_shared(key, asked).await {
            Some(taken) => taken,
            None => self.take_here(key, asked),
        };
        let left = i128::from(window - used.clamp(0, window)) * burst / i128::from(window);
        // Whole milliseconds, rounded up: who comes then is let in.
        let refused_until = (wait > 0).then(|| Timestamp(now.0.saturating_add((wait - 1) / 1_000 + 1)));
        Taken { refused_until, left: u32::try_from(left).unwrap_or(u32::MAX) }
    }

    async fn take_shared(&self, key: &str, Asked { now, cost, window }: Asked) -> Option<(i64, i64)> {
        let shared = self.redis.as_ref().filter(|shared| shared.healthy.load(Ordering::Relaxed))?;
        let mut connection = shared.connection.clone();
        let script = redis::Script::new(GCRA);
        let mut call = script.key(format!("{}:rate:{key}", shared.prefix));
        call.arg(now).arg(cost).arg(window);
        let taken = call.invoke_async::<(i64, i64)>(&mut connection).await;
        if taken.as_ref().is_err_and(redis::RedisError::is_io_error) {
            shared.healthy.store(false, Ordering::Relaxed);
        }
        taken.ok()
    }

    fn take_here(&self, key: &str, Asked { now, cost, window }: Asked) -> (i64, i64) {
        if self.here.len() > 100_000 {
            self.here.retain(|_, arrival| *arrival > now);
        }
        let mut arrival = self.here.entry(key.to_owned()).or_insert(0);
        let begun = (*arrival).max(now);
        let next = begun.saturating_add(cost);
        let over = next - now - window;
        if over > 0 {
            return (over, begun - now);
        }
        *arrival = next;
        (0, next - now)
    }
}

#[cfg(test)]
mod tests {
    use kernel::seconds;

    use super::*;

    #[tokio::test]
    async fn a_burst_passes_then_one_at_a_time() {
        let (limiter, rate, t0) = (Limiter::in_process(), Rate { burst: 3, period: seconds(3) }, Timestamp(1_000_000));
        for _ in 0..3 {
            assert_eq!(limiter.take("k", 1, rate, t0).await, Ok(()));
        }
        assert_eq!(limiter.take("k", 1, rate, t0).await, Err(t0 + seconds(1)));
        assert_eq!(limiter.take("other", 1, rate, t0).await, Ok(()));
        assert_eq!(limiter.take("k", 1, rate, t0 + seconds(1)).await, Ok(()));
        assert_eq!(limiter.take("k", 1, rate, t0 + seconds(1)).await, Err(t0 + seconds(2)));
    }

    #[tokio::test]
    async fn points_are_counted_exactly_and_told() {
        let (limiter, rate, t0) = (Limiter::in_process(), Rate { burst: 20_000, period: seconds(10) }, Timestamp(1_700_000_000_000));
        let take = |units, at| limiter.take_and_tell("k", units, rate, at);
        assert_eq!(take(1, t0).await, Taken { refused_until: None, left: 19_999 });
        assert_eq!(take(19_999, t0).await, Taken { refused_until: None, left: 0 });
        assert_eq!(take(3, t0).await, Taken { refused_until: Some(Timestamp(t0.0 + 2)), left: 0 });
        assert_eq!(take(3, Timestamp(t0.0 + 2)).await, Taken { refused_until: None, left: 1 });
        assert_eq!(take(30_000, t0 + seconds(60)).await.refused_until, Some(t0 + seconds(65)), "more than there ever is");
        assert_eq!(take(0, t0 + seconds(60)).await, Taken { refused_until: None, left: 20_000 });
    }
}
