//! What keeps a shared execution going, from its first subscriber to a while after its last.

use std::sync::Arc;

use async_graphql::Response;
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{
    Hub, Key, Streams, Topic,
    topic::{Position, Told},
};
use crate::{answer, protocol::Frame, sharing::Plan};

/// Facts told together.
const AT_ONCE: usize = 64;

/// Drives the execution of `topic` to its end.
pub(crate) async fn drive(
    (hub, key, topic): (Arc<Hub>, Key, Arc<Topic>),
    mut results: BoxStream<'static, Response>,
    plan: Plan,
    settings: Streams,
    draining: CancellationToken,
) {
    metrics::gauge!("realtime_executions").increment(1.0);
    let _counted = Counted;
    let (mut pace, mut empty_since, mut began, mut ended) = (Instant::now(), None, false, false);
    while !ended {
        let linger = if draining.is_cancelled() { std::time::Duration::ZERO } else { settings.linger };
        let response = tokio::select! {
            biased;
            () = topic.left.notified() => {
                empty_since = topic.is_empty().then(Instant::now);
                continue;
            }
            () = sleep_until(empty_since.unwrap_or(pace) + linger), if empty_since.is_some() => {
                if hub.retire(key, &topic) {
                    return;
                }
                empty_since = None;
                continue;
            }
            () = draining.cancelled(), if !linger.is_zero() => continue,
            response = async { sleep_until(pace).await; results.next().await } => response,
        };
        let Some(response) = response else { break };
        if !began && refuses(&response) {
            hub.forget(key, &topic);
            return topic.refuse(response);
        }
        began = true;
        let rest = plan.flow.rest(settings.pace);
        let now = Instant::now();
        let mut newer_from = rest.map(|rest| now + rest / 2);
        pace = rest.map_or(pace, |rest| now + rest);
        let told = |response: &Response| {
            let position = Position::of(response, plan.cursor.as_ref());
            Told { frame: Frame::next(answer::to_json(response)), position }
        };
        let mut batch = vec![told(&response)];
        // Facts that are there already go out together.
        while !plan.flow.is_state()
            && batch.len() < AT_ONCE
            && let Some(next) = results.next().now_or_never()
        {
            match next {
                Some(response) => batch.push(told(&response)),
                None => {
                    ended = true;
                    break;
                }
            }
        }
        metrics::counter!("realtime_payloads_total").increment(batch.len() as u64);
        let mut round = topic.begin(batch);
        while !topic.go_on(&mut round) {
            tokio::task::yield_now().await;
            // A state that is told for so long may be true no longer before the last has heard it.
            let Some(rest) = rest.filter(|_| !ended && newer_from.is_some_and(|from| from <= Instant::now())) else { continue };
            match results.next().now_or_never() {
                Some(Some(response)) => {
                    let now = Instant::now();
                    (pace, newer_from) = (now + rest, Some(now + rest / 2));
                    metrics::counter!("realtime_payloads_total").increment(1);
                    topic.renew(&mut round, vec![told(&response)]);
                }
                Some(None) => ended = true,
                None => {}
            }
        }
        topic.has_begun();
    }
    hub.forget(key, &topic);
    topic.end().await;
}

/// Whether nothing came but errors.
fn refuses(response: &Response) -> bool {
    response.data == async_graphql::Value::Null && !response.errors.is_empty()
}

struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("realtime_executions").decrement(1.0);
    }
}
