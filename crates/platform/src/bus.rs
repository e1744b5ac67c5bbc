//! Who is told "look again": live topics within this process, and between processes through Redis or, where there is
//! none, through Postgres' LISTEN/NOTIFY.
//!
//! A change is a topic and its number. Watchers of one topic share a `watch` channel, so a slow one costs nothing and
//! sees the latest. Both only carry the hint quickly; whatever they lose, [`crate::relay::catch_up`] finds by number.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dashmap::DashMap;
use kernel::{Fault, Topic};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

/// One change of one topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What changed.
    pub topic: Topic,
    /// How often it has changed.
    pub seq: i64,
}

/// The watchers of this process, and the way to the others.
pub struct Bus {
    watched: Arc<DashMap<Topic, watch::Sender<i64>>>,
    redis: Option<RedisBus>,
    postgres: Option<PostgresBus>,
}

/// Hears what relays notify in their transactions.
struct PostgresBus(JoinHandle<()>);

impl Drop for PostgresBus {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct RedisBus {
    connection: ConnectionManager,
    channel: String,
    /// Whether Redis answered lately; while it does not, nobody waits for it.
    healthy: Arc<AtomicBool>,
    pulse: JoinHandle<()>,
    listener: JoinHandle<()>,
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        self.pulse.abort();
        self.listener.abort();
    }
}

/// How often Redis is asked whether it is there.
const PULSE: Duration = Duration::from_secs(1);

impl Bus {
    /// A bus within this process.
    pub fn in_process() -> Self {
        Self { watched: Arc::default(), redis: None, postgres: None }
    }

    /// A bus that also hears the other processes on the same Postgres. It connects and comes back by itself.
    pub fn postgres(url: &str) -> Self {
        let watched: Arc<DashMap<Topic, watch::Sender<i64>>> = Arc::default();
        let listener = tokio::spawn(listen(url.to_owned(), Arc::clone(&watched)));
        Self { watched, redis: None, postgres: Some(PostgresBus(listener)) }
    }

    /// A bus that also reaches the other processes on the same Redis and prefix. Redis need not be there yet: the bus
    /// connects, subscribes and comes back by itself.
    pub fn redis(url: &str, prefix: &str) -> Result<Self, Fault> {
        let url = if url.contains("protocol=") {
            url.to_owned()
        } else {
            format!("{url}{}protocol=resp3", if url.contains('?') { "&" } else { "?" })
        };
        let client = redis::Client::open(url).map_err(|e| Fault::upstream("redis", e))?;
        let channel = format!("{prefix}:changes");
        let (sender, mut pushed) = mpsc::unbounded_channel();
        let config = ConnectionManagerConfig::new()
            .set_push_sender(sender)
            .set_automatic_resubscription()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(2)))
            // The pulse tries again; a caller must not wait through a row of tries.
            .set_number_of_retries(0)
            .set_max_delay(Duration::from_secs(2));
        let connection = client.get_connection_manager_lazy(config).map_err(|e| Fault::upstream("redis", e))?;
        let watched: Arc<DashMap<Topic, watch::Sender<i64>>> = Arc::default();
        let heard = Arc::clone(&watched);
        let listener = tokio::spawn(async move {
            while let Some(push) = pushed.recv().await {
                if push.kind == redis::PushKind::Message
                    && let Some(redis::Value::BulkString(body)) = push.data.get(1)
                    && let Ok(changes) = serde_json::from_slice::<Vec<Change>>(body)
                {
                    changes.iter().for_each(|change| tell(&heard, change));
                }
            }
        });
        let healthy = Arc::new(AtomicBool::new(true));
        let pulse = tokio::spawn(beat(connection.clone(), channel.clone(), Arc::clone(&healthy)));
        Ok(Self { watched, redis: Some(RedisBus { connection, channel, healthy, pulse, listener }), postgres: None })
    }

    /// Watches a topic: the receiver wakes when its number grows.
    pub fn watch(&self, topic: &Topic) -> watch::Receiver<i64> {
        self.watched.entry(topic.clone()).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Notifies the other processes when `tx` commits, if they listen to Postgres.
    pub(crate) async fn notify(&self, tx: &DatabaseTransaction, changes: &[Change]) -> Result<(), Fault> {
        if self.postgres.is_none() {
            return Ok(());
        }
        for changes in changes.chunks(NOTIFIED) {
            let body = serde_json::to_string(changes)?;
            if body.len() < NOTIFY_BYTES {
                let values = [CHANNEL.into(), body.into()];
                tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values)).await?;
            }
        }
        Ok(())
    }

    /// Whether somebody here watches the topic.
    pub fn is_watched(&self, topic: &Topic) -> bool {
        self.watched.get(topic).is_some_and(|sender| sender.receiver_count() > 0)
    }

    /// The topics somebody here watches; forgets those nobody does.
    pub fn watched(&self) -> Vec<Topic> {
        self.watched.retain(|_, sender| sender.receiver_count() > 0);
        self.watched.iter().map(|entry| entry.key().clone()).collect()
    }

    /// Tells the watchers of this process.
    pub fn tell_here(&self, changes: &[Change]) {
        changes.iter().for_each(|change| tell(&self.watched, change));
    }

    /// Tells everybody. When Redis is away the others find out by number.
    pub async fn tell(&self, changes: &[Change]) {
        self.tell_here(changes);
        let Some(redis) = self.redis.as_ref().filter(|_| !changes.is_empty()) else { return };
        if !redis.healthy.load(Ordering::Relaxed) {
            return;
        }
        let Ok(body) = serde_json::to_vec(changes) else { return };
        let mut connection = redis.connection.clone();
        let sent: redis::RedisResult<()> = redis::cmd("PUBLISH").arg(&redis.channel).arg(body).query_async(&mut connection).await;
        if let Err(error) = sent {
            redis.healthy.store(false, Ordering::Relaxed);
            metrics::counter!("bus_publish_failed_total").increment(1);
            tracing::warn!(%error, "redis did not take the changes; other processes will find them by number");
        }
    }

    /// Answers when Redis does; at once when there is none.
    pub async fn ping(&self) -> Result<(), Fault> {
        let Some(redis) = &self.redis else { return Ok(()) };
        let mut connection = redis.connection.clone();
        redis::cmd("PING").query_async::<()>(&mut connection).await.map_err(|e| Fault::upstream("redis", e))
    }

    /// The connection to Redis and whether it answers, for the limiter.
    pub(crate) fn connection(&self) -> Option<(ConnectionManager, Arc<AtomicBool>)> {
        self.redis.as_ref().map(|redis| (redis.connection.clone(), Arc::clone(&redis.healthy)))
    }
}

/// Asks Redis again and again whether it is there, and subscribes as soon as it is (later losses resubscribe by themselves).
async fn beat(mut connection: ConnectionManager, channel: String, healthy: Arc<AtomicBool>) {
    let mut subscribed = false;
    loop {
        let mut answered = redis::cmd("PING").query_async::<()>(&mut connection).await;
        if answered.is_ok() && !subscribed {
            answered = connection.subscribe(&channel).await;
            subscribed = answered.is_ok();
        }
        let was = healthy.swap(answered.is_ok(), Ordering::Relaxed);
        match answered {
            Ok(()) if !was => tracing::info!("redis is back"),
            Err(error) if was => tracing::warn!(%error, "redis does not answer; the mall goes on without it until it does"),
            _ => {}
        }
        metrics::gauge!("redis_healthy").set(f64::from(u8::from(healthy.load(Ordering::Relaxed))));
        tokio::time::sleep(PULSE).await;
    }
}

/// Postgres' channel; channels belong to one database.
const CHANNEL: &str = "liebian_changes";
/// Changes in one notification, and the bytes Postgres takes.
const NOTIFIED: usize = 50;
const NOTIFY_BYTES: usize = 7_900;

/// Listens to Postgres for ever. What is missed while the connection is away is found by number.
async fn listen(url: String, watched: Arc<DashMap<Topic, watch::Sender<i64>>>) {
    loop {
        let heard = async {
            let mut listener = PgListener::connect(&url).await?;
            listener.listen(CHANNEL).await?;
            loop {
                let notification = listener.recv().await?;
                if let Ok(changes) = serde_json::from_str::<Vec<Change>>(notification.payload()) {
                    changes.iter().for_each(|change| tell(&watched, change));
                }
            }
        };
        let ended: Result<(), sqlx::Error> = heard.await;
        if let Err(error) = ended {
            tracing::warn!(%error, "postgres does not tell of changes; they are found by number until it does");
        }
        tokio::time::sleep(PULSE).await;
    }
}

fn tell(watched: &DashMap<Topic, watch::Sender<i64>>, change: &Change) {
    if let Some(sender) = watched.get(&change.topic) {
        sender.send_if_modified(|seq| {
            let newer = change.seq > *seq;
            *seq = (*seq).max(change.seq);
            newer
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limiter::{Limiter, Rate, Taken};

    #[tokio::test]
    async fn watchers_see_growing_numbers_only_and_unwatched_topics_are_forgotten() {
        let bus = Bus::in_process();
        let topic = Topic::of("team", 1);
        let mut seen = bus.watch(&topic);
        bus.tell(&[Change { topic: topic.clone(), seq: 2 }]).await;
        assert!(seen.has_changed().expect("the bus is alive"));
        assert_eq!(*seen.borrow_and_update(), 2);
        bus.tell(&[Change { topic: topic.clone(), seq: 1 }]).await;
        assert!(!seen.has_changed().expect("the bus is alive"));
        assert_eq!(bus.watched(), [topic]);
        drop(seen);
        assert!(bus.watched().is_empty());
    }

    /// A Redis of our own, gone with the test.
    fn redis_server(port: u16) -> tokio::process::Child {
        tokio::process::Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"])
            .stdout(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("redis-server is installed; `make need-test` installs it")
    }

    /// Tells again and again until the other process has heard.
    async fn reaches(from: &Bus, seen: &mut watch::Receiver<i64>, topic: &Topic, start: i64) {
        let telling = async {
            for seq in start.. {
                from.tell(&[Change { topic: topic.clone(), seq }]).await;
                if tokio::time::timeout(Duration::from_millis(50), seen.changed()).await.is_ok() {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), telling).await.expect("the other process hears within a minute");
    }

    /// What one process takes, the other has not.
    async fn one_rate_for_both(here: &Bus, there: &Bus) {
        let (here, there) = (Limiter::shared(here, "t"), Limiter::shared(there, "t"));
        let (rate, now) = (Rate { burst: 20_000, period: Duration::from_secs(10) }, kernel::Timestamp(1_700_000_000_000));
        assert_eq!(here.take_and_tell("k", 15_000, rate, now).await, Taken { refused_until: None, left: 5_000 });
        assert_eq!(there.take_and_tell("k", 4_999, rate, now).await, Taken { refused_until: None, left: 1 });
        let refused = here.take_and_tell("k", 3, rate, now).await;
        assert_eq!(refused, Taken { refused_until: Some(kernel::Timestamp(now.0 + 1)), left: 1 });
        assert!(there.take("k", 3, rate, kernel::Timestamp(now.0 + 1)).await.is_ok());
    }

    #[tokio::test]
    async fn processes_find_each_other_when_redis_comes_goes_and_comes_back() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let url = format!("redis://127.0.0.1:{port}");
        let (here, there) = (Bus::redis(&url, "t").expect("a URL"), Bus::redis(&url, "t").expect("a URL"));
        let topic = Topic::of("team", 1);
        let mut seen = there.watch(&topic);
        assert!(here.ping().await.is_err());

        let mut server = redis_server(port);
        reaches(&here, &mut seen, &topic, 1).await;
        assert!(here.ping().await.is_ok());
        one_rate_for_both(&here, &there).await;

        server.kill().await.expect("kills");
        here.tell(&[Change { topic: topic.clone(), seq: 5_000 }]).await;
        let _server = redis_server(port);
        reaches(&here, &mut seen, &topic, 10_000).await;
    }
}
