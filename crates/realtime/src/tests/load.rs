//! One client cannot hurt another, nor itself: fairness and bounded memory.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::StreamExt;
use serde_json::json;

use super::stage::*;

both_ways! {
    async fn four_hot_streams_do_not_starve_a_ticker() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        client.subscribe("ticks", "subscription { ticks }").await;
        client.next().await;
        for id in ["a", "b", "c", "d"] {
            client.subscribe(id, "subscription { hot }").await;
        }
        let mut hot = std::collections::HashSet::new();
        while hot.len() < 4 {
            hot.insert(client.next().await["id"].to_string());
        }
        for tick in 1..=20 {
            server.hands.ticks.send(tick).unwrap();
            loop {
                let message = client.next().await;
                if message["id"] == "ticks" {
                    assert_eq!(message["payload"]["data"]["ticks"], tick);
                    break;
                }
            }
        }
        // An answer to a ping is not stuck behind them either.
        client.send(json!({ "type": "ping", "payload": { "now": 1 } })).await;
        while client.next().await["type"] != "pong" {}
    }

    async fn a_reader_that_does_not_read_is_closed_when_too_much_waits() {
        let server = Server::start(with(|s| s.connections.linger = Duration::from_secs(20))).await;
        let mut client = server.ready("ann").await;
        client.subscribe("1", "subscription { big(size: 100000) }").await;
        server.stream_dropped().await;
        // What the kernel holds, and at most 1 MiB of ours.
        let taken = server.hands.taken.load(Ordering::SeqCst);
        assert!(taken < 200, "{taken} frames of 100 kB were made");
        let mut read = 0;
        let close = loop {
            match soon(client.0.next()).await.unwrap().unwrap() {
                tokio_tungstenite::tungstenite::Message::Close(close) => break close.unwrap(),
                _ => read += 1,
            }
        };
        assert_eq!(u16::from(close.code), 4513);
        assert!(read <= taken);
    }

    async fn a_reader_that_does_not_read_small_frames_makes_its_stream_wait() {
        let server = Server::start(with(|s| {
            s.connections.heartbeat = Duration::from_millis(400);
            s.connections.linger = Duration::from_millis(50);
        }))
        .await;
        let mut client = server.ready("ann").await;
        client.subscribe("1", "subscription { big(size: 2000) }").await;
        // It waits until two heartbeats stay unanswered, then the socket is given up.
        server.stream_dropped().await;
        let taken = server.hands.taken.load(Ordering::SeqCst);
        assert!(taken * 2_000 < 32 << 20, "{taken} frames of 2 kB were made");
        soon(async {
            while server.transport.alive() > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    async fn a_flood_of_pings_that_nobody_reads_the_answers_of_is_closed() {
        let server = Server::start(with(|s| s.connections.queued_bytes = 10_000)).await;
        let mut client = server.ready("ann").await;
        let payload = "x".repeat(20_000);
        client.send(json!({ "type": "ping", "payload": { "x": payload } })).await;
        assert_eq!(client.closed().await.0, 4513);
    }

    async fn many_sockets_at_once() {
        let server = Server::plain().await;
        let clients = futures_util::future::join_all((0..200).map(|n| {
            let server = &server;
            async move {
                let mut client = server.ready(&format!("c{n}")).await;
                client.subscribe("1", "subscription { ticks }").await;
                client.next().await;
                client
            }
        }))
        .await;
        server.hands.ticks.send(9).unwrap();
        let heard = clients.into_iter().map(|mut client| async move { client.next().await == next("1", json!({ "ticks": 9 })) });
        assert!(futures_util::future::join_all(heard).await.into_iter().all(|heard| heard));
    }
}
