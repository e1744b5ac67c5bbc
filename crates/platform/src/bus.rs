//! Who is told "look again": live topics within this process, and through Redis between processes.
//!
//! A change is a topic and its number. Watchers of one topic share a `watch` channel, so a slow one costs nothing and
//! sees the latest. Redis only carries the hint quickly; whatever it loses, [`crate::relay::catch_up`] finds by number.

use std::{sync::Arc, time::Duration};

use dashmap::DashMap;
use kernel::{Fault, Topic};
use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

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
}

struct RedisBus {
    connection: ConnectionManager,
    channel: String,
}

impl Bus {
    /// A bus within this process.
    pub fn in_process() -> Self {
        Self { watched: Arc::default(), redis: None }
    }

    /// A bus that also reaches the other processes on the same Redis and prefix. It reconnects and resubscribes by itself.
    pub async fn redis(url: &str, prefix: &str) -> Result<Self, Fault> {
        let url = if url.contains("protocol=") {
            url.to_owned()
        } else {
            format!("{url}{}protocol=resp3", if url.contains('?') { "&" } else { "?" })
        };
        let client = redis::Client::open(url).map_err(|e| Fault::upstream("redis", e))?;
        let channel = format!("{prefix}:changes");
        let (sender, mut pushed) = mpsc::unbounded_channel();
        let config = redis::aio::ConnectionManagerConfig::new()
            .set_push_sender(sender)
            .set_automatic_resubscription()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(2)))
            .set_max_delay(Duration::from_secs(2));
        let mut connection = client.get_connection_manager_with_config(config).await.map_err(|e| Fault::upstream("redis", e))?;
        connection.subscribe(&channel).await.map_err(|e| Fault::upstream("redis", e))?;
        let watched: Arc<DashMap<Topic, watch::Sender<i64>>> = Arc::default();
        let heard = Arc::clone(&watched);
        tokio::spawn(async move {
            while let Some(push) = pushed.recv().await {
                if push.kind == redis::PushKind::Message
                    && let Some(redis::Value::BulkString(body)) = push.data.get(1)
                    && let Ok(changes) = serde_json::from_slice::<Vec<Change>>(body)
                {
                    changes.iter().for_each(|change| tell(&heard, change));
                }
            }
        });
        Ok(Self { watched, redis: Some(RedisBus { connection, channel }) })
    }

    /// Watches a topic: the receiver wakes when its number grows.
    pub fn watch(&self, topic: &Topic) -> watch::Receiver<i64> {
        self.watched.entry(topic.clone()).or_insert_with(|| watch::Sender::new(0)).subscribe()
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
        let Ok(body) = serde_json::to_vec(changes) else { return };
        let mut connection = redis.connection.clone();
        let sent: redis::RedisResult<()> = redis::cmd("PUBLISH").arg(&redis.channel).arg(body).query_async(&mut connection).await;
        if let Err(error) = sent {
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

    /// The connection to Redis, for the limiter.
    pub(crate) fn connection(&self) -> Option<ConnectionManager> {
        self.redis.as_ref().map(|redis| redis.connection.clone())
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
}
