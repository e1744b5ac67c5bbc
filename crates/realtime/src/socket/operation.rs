//! One operation of a socket, in a task of its own.

use std::sync::Arc;

use async_graphql::Response;
use axum::extract::ws::Utf8Bytes;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::Session;
use crate::{
    Authenticated, Call, Endpoint, Kind, Params, Rejection, Transport, Via, answer,
    outbox::{Gone, LaneHandle},
    protocol::{Frame, Says},
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
        let _: Result<(), Gone> = run(&transport, call, &key, lane, params).await;
    });
}

async fn run<E: Endpoint>(
    transport: &Transport<E>,
    call: Call<E::Caller>,
    key: &str,
    lane: LaneHandle,
    params: Params,
) -> Result<(), Gone> {
    let reject =
        |rejection: Rejection| Frame { says: Says::Error, body: json_text(&json!([rejection.error(call.locale, &call.request_id)])) };
    let admitted = match transport.admit(params) {
        Ok(admitted) => admitted,
        Err(rejection) => return lane.push(reject(rejection)).await,
    };
    let level = match transport.charge(key, admitted.cost).await {
        Ok(level) => level,
        Err(rejection) => return lane.push(reject(rejection)).await,
    };
    let cancelled = lane.cancelled.clone();
    match admitted.kind {
        Kind::Query => tokio::select! {
            () = cancelled.cancelled() => Err(Gone),
            response = transport.execute(call.clone(), admitted, level) => match response {
                Ok(response) => once(&lane, &response).await,
                Err(rejection) => lane.push(reject(rejection)).await,
            },
        },
        Kind::Mutation => {
            lane.runs_on();
            let response = transport.execute(call.clone(), admitted, level).await;
            lane.ran_on();
            match response {
                Ok(response) => once(&lane, &response).await,
                Err(rejection) => lane.push(reject(rejection)).await,
            }
        }
        Kind::Subscription => {
            lane.streams();
            let mut stream = transport.execute_stream(call.clone(), admitted);
            let mut first = true;
            loop {
                let response = tokio::select! {
                    () = cancelled.cancelled() => return Err(Gone),
                    response = stream.next() => response,
                };
                match response {
                    None => return lane.push(complete()).await,
                    Some(response) if first && answer::is_request_error(&response) => return lane.push(refused(&response)).await,
                    Some(response) => lane.push(next(&response)).await?,
                }
                first = false;
            }
        }
    }
}

/// The only result of an operation, and its end.
async fn once(lane: &LaneHandle, response: &Response) -> Result<(), Gone> {
    if answer::is_request_error(response) {
        return lane.push(refused(response)).await;
    }
    lane.push(next(response)).await?;
    lane.push(complete()).await
}

fn next(response: &Response) -> Frame {
    Frame { says: Says::Next, body: text(answer::to_json(response)) }
}

fn refused(response: &Response) -> Frame {
    Frame { says: Says::Error, body: text(answer::errors_to_json(response)) }
}

fn complete() -> Frame {
    Frame { says: Says::Complete, body: Utf8Bytes::default() }
}

fn json_text(value: &Value) -> Utf8Bytes {
    value.to_string().into()
}

/// JSON is UTF-8.
fn text(json: Vec<u8>) -> Utf8Bytes {
    Utf8Bytes::try_from(axum::body::Bytes::from(json)).unwrap_or_default()
}
