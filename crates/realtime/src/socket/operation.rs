//! The operations of a socket: each is a task until it is answered or told by a shared execution.

use std::sync::Arc;

use super::Session;
use crate::{
    Authenticated, Endpoint, Params, Via, operation,
    outbox::{Gone, LaneHandle},
    transport::allowance_key,
};

/// Starts it. `number` tells the operations of a socket apart in the logs.
pub(super) fn start<E: Endpoint>(
    session: &Arc<Session<E>>,
    caller: &Authenticated<E::Caller>,
    lane: LaneHandle,
    params: Params,
    number: u64,
) {
    let transport = session.transport.clone();
    let mut call = transport.call(&session.hello, caller, Via::WebSocket);
    call.request_id = format!("{}-{number}", session.hello.request_id).into();
    call.locale = session.locale();
    let key = allowance_key(caller.key.as_deref(), session.hello.ip);
    session.transport.tasks().spawn(async move {
        // A client that is gone wants no answer.
        let _: Result<(), Gone> = operation::run(&transport, call, &key, &lane, params).await;
    });
}
