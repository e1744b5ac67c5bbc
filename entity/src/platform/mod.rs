//! Events on their way, background work, live topics.

pub mod idempotency_key;
pub mod installation;
pub mod job;
pub mod live_event;
pub mod live_topic;
pub mod outbox;
pub mod revision;
pub mod work_part;
