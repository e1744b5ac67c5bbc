//! Server-sent events, read from the body of the answer.

use std::{sync::Arc, time::Duration};

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use serde_json::json;

use super::stage::*;
use crate::{Hello, Params, Transport, sse};

async fn ask(transport: &Arc<Transport<Stage>>, token: &str, query: &str) -> Result<BodyDataStream, crate::Rejection> {
    let hello = Hello { bearer: Some(token.into()), accept_language: Some("en".into()), ip: None, request_id: "r".into() };
    let caller = transport.authenticate(hello.clone()).await?;
    let admitted = transport.admit(Params::from_json(json!({ "query": query })).unwrap());
    sse::respond(transport, &hello, &caller, admitted).map(|response| Body::into_data_stream(response.into_body()))
}

/// The next event, or the end.
async fn event(events: &mut BodyDataStream) -> Option<String> {
    soon(events.next()).await.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn results_then_complete() {
    let server = Server::plain().await;
    let mut events = ask(&server.transport, "ann", "subscription { count(to: 1) }").await.unwrap();
    assert_eq!(event(&mut events).await.unwrap(), "event: next\ndata: {\"data\":{\"count\":1}}\n\n");
    assert_eq!(event(&mut events).await.unwrap(), "event: complete\ndata: \n\n");
    assert_eq!(event(&mut events).await, None);
    let mut events = ask(&server.transport, "ann", "{ panics }").await.unwrap();
    assert!(event(&mut events).await.unwrap().contains("\"code\":\"INTERNAL\""));
    assert_eq!(event(&mut events).await.unwrap(), "event: complete\ndata: \n\n");
}

#[tokio::test]
async fn comments_keep_it_awake_and_leaving_ends_it() {
    let server = Server::start(with(|s| s.connections.heartbeat = Duration::from_millis(20))).await;
    let mut events = ask(&server.transport, "ann", "subscription { ticks }").await.unwrap();
    assert!(event(&mut events).await.unwrap().contains("\"ticks\":0"));
    assert_eq!(event(&mut events).await.unwrap(), ":\n\n");
    server.hands.ticks.send(5).unwrap();
    while !event(&mut events).await.unwrap().contains("\"ticks\":5") {}
    drop(events);
    server.stream_dropped().await;
    assert_eq!(server.transport.alive(), 0);
}

#[tokio::test]
async fn a_token_that_runs_out_and_a_server_that_drains_cut_it_without_complete() {
    let server = Server::start(with(|s| s.connections.drain_jitter = Duration::from_millis(20))).await;
    let mut events = ask(&server.transport, "ann@5000", "subscription { ticks }").await.unwrap();
    event(&mut events).await.unwrap();
    server.set_clock(5_000);
    assert_eq!(event(&mut events).await, None);
    drop(events);
    assert!(ask(&server.transport, "ann@5000", "{ hello }").await.is_err());

    let mut events = ask(&server.transport, "bob", "subscription { ticks }").await.unwrap();
    event(&mut events).await.unwrap();
    server.transport.drain();
    assert_eq!(event(&mut events).await, None);
    drop(events);
    soon(server.transport.drained()).await;
    assert_eq!(ask(&server.transport, "bob", "{ hello }").await.err().unwrap().code, crate::Code::Unavailable);
}

#[tokio::test]
async fn streams_count_among_the_connections_of_a_caller() {
    let server = Server::start(with(|s| s.connections.per_caller = 1)).await;
    let first = ask(&server.transport, "ann", "subscription { ticks }").await.unwrap();
    assert_eq!(ask(&server.transport, "ann", "{ hello }").await.err().unwrap().code, crate::Code::TooManyConnections);
    drop(first);
    assert!(ask(&server.transport, "ann", "{ hello }").await.is_ok());
}
