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

/// Micro-exact GCRA over milliseconds: returns 0 when allowed, else the milliseconds to wait.
const GCRA: &str = r"
local tat = tonumber(redis.call('GET', KEYS[1]) or '0')
local now, cost, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local new = math.max(tat, now) + cost
if new - now > window then return new - now - window end
redis.call('SET', KEYS[1], new, 'PX', math.max(1, math.ceil(new - now)))
return 0
";

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
        let window = i64::try_from(rate.period.as_millis()).unwrap_or(i64::MAX);
        let cost = (window / i64::from(rate.burst.max(1))).saturating_mul(i64::from(units));
        let wait = match self.take_shared(key, cost, window, now).await {
            Some(wait) => wait,
            None => self.take_here(key, cost, window, now),
        };
        if wait == 0 { Ok(()) } else { Err(Timestamp(now.0.saturating_add(wait))) }
    }

    async fn take_shared(&self, key: &str, cost: i64, window: i64, now: Timestamp) -> Option<i64> {
        let shared = self.redis.as_ref().filter(|shared| shared.healthy.load(Ordering::Relaxed))?;
        let mut connection = shared.connection.clone();
        let script = redis::Script::new(GCRA);
        let mut call = script.key(format!("{}:rate:{key}", shared.prefix));
        call.arg(now.0).arg(cost).arg(window);
        let waits = call.invoke_async::<i64>(&mut connection).await;
        if waits.as_ref().is_err_and(redis::RedisError::is_io_error) {
            shared.healthy.store(false, Ordering::Relaxed);
        }
        waits.ok()
    }

    fn take_here(&self, key: &str, cost: i64, window: i64, now: Timestamp) -> i64 {
        if self.here.len() > 100_000 {
            self.here.retain(|_, arrival| *arrival > now.0);
        }
        let mut arrival = self.here.entry(key.to_owned()).or_insert(0);
        let next = (*arrival).max(now.0).saturating_add(cost);
        let over = next - now.0 - window;
        if over > 0 {
            return over;
        }
        *arrival = next;
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::seconds;

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
}
