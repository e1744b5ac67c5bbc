//! One operation from its parameters to its last frame, whatever the protocol.

use std::sync::Arc;

use async_graphql::{Response, Value};
use futures_util::StreamExt;
use tokio::time::{Instant, sleep_until};

use crate::{
    Admitted, Call, Endpoint, Kind, Params, Rejection, Transport, admission, answer,
    hub::{self, Began, Key, Position, Topic},
    outbox::{Gone, LaneHandle},
    protocol::{Frame, Says},
    sharing::{Flow, Plan},
};

/// Admits, charges and runs it; every outcome is frames on its lane.
pub(crate) async fn run<E: Endpoint>(
    transport: &Arc<Transport<E>>,
    call: Call<E::Caller>,
    key: &str,
    lane: &LaneHandle,
    params: Params,
) -> Result<(), Gone> {
    let admitted = transport.admit(params);
    run_admitted(transport, call, key, lane, admitted).await
}

/// Charges and runs it, if it was admitted.
pub(crate) async fn run_admitted<E: Endpoint>(
    transport: &Arc<Transport<E>>,
    call: Call<E::Caller>,
    key: &str,
    lane: &LaneHandle,
    admitted: Result<Admitted, Rejection>,
) -> Result<(), Gone> {
    let (locale, request_id) = (call.locale, call.request_id.clone());
    let reject = |rejection: Rejection| {
        let errors = serde_json::Value::from(vec![rejection.error(locale, &request_id)]);
        Frame { says: Says::Error, body: errors.to_string().into() }
    };
    let charged = match admitted {
        Ok(admitted) => transport.charge(key, admitted.cost).await.map(|level| (admitted, level)),
        Err(rejection) => Err(rejection),
    };
    let (admitted, level) = match charged {
        Ok(charged) => charged,
        Err(rejection) => return lane.push(reject(rejection)).await,
    };
    let response = match admitted.kind {
        Kind::Query => tokio::select! {
            () = lane.over() => return Err(Gone),
            response = transport.execute(call, admitted, level) => response,
        },
        Kind::Mutation => {
            lane.runs_on();
            let response = transport.execute(call, admitted, level).await;
            lane.ran_on();
            response
        }
        Kind::Subscription => {
            lane.streams();
            return tokio::select! {
                () = lane.over() => Err(Gone),
                done = subscribe(transport, call, lane, admitted) => done,
            };
        }
    };
    match response {
        Ok(response) => once(lane, &response).await,
        Err(rejection) => lane.push(reject(rejection)).await,
    }
}

/// Runs a subscription: within a shared execution if its document and its caller's audience allow that.
async fn subscribe<E: Endpoint>(
    transport: &Arc<Transport<E>>,
    call: Call<E::Caller>,
    lane: &LaneHandle,
    admitted: Admitted,
) -> Result<(), Gone> {
    let subscription = Subscription { transport, call, lane, admitted };
    let Some(plan) = subscription.plan() else { return subscription.alone(None).await };
    match subscription.share(&plan) {
        Some(share) => subscription.together(&plan, share).await,
        None => subscription.alone(Some(plan.flow)).await,
    }
}

struct Subscription<'a, E: Endpoint> {
    transport: &'a Arc<Transport<E>>,
    call: Call<E::Caller>,
    lane: &'a LaneHandle,
    admitted: Admitted,
}

/// What it has in common with others.
struct Share<C> {
    key: Key,
    /// Asks for everybody: without a face, without a cursor.
    call: Call<C>,
    /// The caller is not told apart from others anyhow.
    anonymous: bool,
    resumes: bool,
}

impl<E: Endpoint> Subscription<'_, E> {
    fn plan(&self) -> Option<Plan> {
        let sharing = self.transport.endpoint.sharing()?;
        let document = &self.admitted.document.parsed;
        let operation = admission::choose(document, self.admitted.operation.as_deref()).ok()?;
        Some(sharing.plan(document, operation))
    }

    /// What is shared, if anything is.
    fn share(&self, plan: &Plan) -> Option<Share<E::Caller>> {
        if plan.alone {
            return None;
        }
        let audience = self.transport.endpoint.audience(&self.call)?;
        let Admitted { document, operation: name, variables, .. } = &self.admitted;
        let resumes = plan.after.as_ref().and_then(|name| variables.get(name)).is_some_and(|after| *after != Value::Null);
        if plan.cursor.is_none() && (resumes || plan.flow == Flow::Feed) {
            // Without cursors in the results, nobody can tell where the shared ones go on.
            return None;
        }
        let operation = admission::choose(&document.parsed, name.as_deref()).ok()?;
        let variables = hub::canonical(operation, variables, plan.after.as_ref());
        let key = Key::of(&[&audience.name, self.call.locale.tag(), name.as_deref().unwrap_or_default(), &document.text, &variables]);
        let request_id = format!("live-{}", self.transport.endpoint.request_id()).into();
        let call = Call { caller: audience.face, request_id, locale: self.call.locale, ip: None, via: self.call.via };
        Some(Share { key, call, anonymous: audience.anonymous, resumes })
    }

    /// Joins the shared execution, or starts it.
    async fn together(self, plan: &Plan, share: Share<E::Caller>) -> Result<(), Gone> {
        loop {
            let hub = self.transport.hub();
            let (topic, new) = hub.topic(share.key, plan.flow, self.transport.settings.streams.held);
            // Facts told before one came must be caught up with; a state is all in its latest payload. Who starts it is there
            // before anything is told.
            let catches_up = share.resumes || (plan.flow == Flow::Feed && !new);
            let joined = if catches_up { topic.join_held(self.lane) } else { topic.join(self.lane).map(u64::from) };
            if new {
                self.start(plan, &share, &topic);
            }
            let Ok(joined) = joined else { continue };
            if catches_up {
                return match topic.began().await {
                    Began::Running => self.catch_up(plan, &share, &topic, joined).await,
                    _ => self.alone(Some(plan.flow)).await,
                };
            }
            if joined > 0 {
                return Ok(());
            }
            return match topic.began().await {
                // What nobody in particular is refused, this caller may be given.
                Began::Refused(response) if !share.anonymous && !answer::is_request_error(&response) => self.alone(Some(plan.flow)).await,
                Began::Refused(response) => once(self.lane, &response).await,
                Began::Running | Began::Ended | Began::NotYet => Ok(()),
            };
        }
    }

    /// Starts the driver of a new topic.
    fn start(&self, plan: &Plan, share: &Share<E::Caller>, topic: &Arc<Topic>) {
        let results = self.transport.execute_stream(share.call.clone(), self.again(plan.after.as_ref()));
        let place = (self.transport.hub().clone(), share.key, topic.clone());
        let settings = self.transport.settings.streams.clone();
        self.transport.spawn(hub::drive(place, results, plan.clone(), settings, self.transport.draining().clone()));
    }

    /// Resumes by an execution of its own until the shared one is not ahead any more, then goes on with that.
    async fn catch_up(self, plan: &Plan, share: &Share<E::Caller>, topic: &Topic, place: u64) -> Result<(), Gone> {
        let goal = topic.position();
        let mut results = self.transport.execute_stream(share.call.clone(), self.again(None));
        let mut first = true;
        while let Some(response) = results.next().await {
            if first && answer::is_request_error(&response) {
                return self.lane.push(refused(&response)).await;
            }
            first = false;
            let seen = Position::of(&response, plan.cursor.as_ref());
            self.lane.push(next(&response)).await?;
            match (&seen, &goal) {
                // It has no cursor to go on from: the rest is its own.
                (None, _) => self.lane.leaves(),
                (Some(seen), Some(goal)) if seen.is_before(goal) => {}
                _ => {
                    topic.release(place, seen);
                    return Ok(());
                }
            }
        }
        self.lane.push(Frame::complete()).await
    }

    /// Runs for its caller alone. A state keeps to the pace here, too.
    async fn alone(self, flow: Option<Flow>) -> Result<(), Gone> {
        let mut results = self.transport.execute_stream(self.call, self.admitted.request());
        let (mut first, mut pace) = (true, Instant::now());
        loop {
            sleep_until(pace).await;
            match results.next().await {
                None => return self.lane.push(Frame::complete()).await,
                Some(response) if first && answer::is_request_error(&response) => return self.lane.push(refused(&response)).await,
                Some(response) => self.lane.push(next(&response)).await?,
            }
            first = false;
            if let Some(rest) = flow.and_then(|flow| flow.rest(self.transport.settings.streams.pace)) {
                pace = Instant::now() + rest;
            }
        }
    }

    /// The request for everybody, without that variable and without what the caller adds to it.
    fn again(&self, without: Option<&async_graphql::Name>) -> async_graphql::Request {
        let mut request = self.admitted.request();
        request.extensions = Default::default();
        if let Some(name) = without {
            request.variables.remove(name);
        }
        request
    }
}

/// The only result of an operation, and its end.
async fn once(lane: &LaneHandle, response: &Response) -> Result<(), Gone> {
    if answer::is_request_error(response) {
        return lane.push(refused(response)).await;
    }
    lane.push(next(response)).await?;
    lane.push(Frame::complete()).await
}

fn next(response: &Response) -> Frame {
    Frame::next(answer::to_json(response))
}

fn refused(response: &Response) -> Frame {
    Frame { says: Says::Error, body: Frame::next(answer::errors_to_json(response)).body }
}
