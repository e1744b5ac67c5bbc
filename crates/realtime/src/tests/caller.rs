//! Who is on a socket, for how long, and how it ends when the server stops.

use serde_json::{Value, json};

use super::stage::*;

async fn refresh(client: &mut Client, authorization: Value) -> Value {
    client.send(json!({ "type": "ping", "payload": { "authorization": authorization } })).await;
    client.next().await["payload"]["authenticated"].clone()
}

both_ways! {
    async fn the_token_may_come_with_the_upgrade_or_with_the_init() {
        let server = Server::plain().await;
        for (header, payload, name) in [(Some("ann"), "", "ann"), (Some("ann"), "bob", "bob"), (None, "bob", "bob"), (None, "", "")] {
            let mut client = server.try_open(crate::PROTOCOL, header).await.unwrap();
            client.init(payload).await;
            client.next().await;
            client.subscribe("1", "{ me }").await;
            assert_eq!(client.next().await["payload"]["data"]["me"], name);
        }
    }

    async fn a_token_that_runs_out_closes_the_socket() {
        let server = Server::plain().await;
        let mut client = server.ready("ann@5000").await;
        client.subscribe("1", "subscription { ticks }").await;
        client.next().await;
        server.set_clock(4_999);
        client.answers().await;
        server.set_clock(5_000);
        assert_eq!(client.closed().await, (4403, "Token expired".into()));
        server.stream_dropped().await;
    }

    async fn what_is_taken_back_closes_its_sockets_and_no_others() {
        let server = Server::plain().await;
        let (mut ann, mut bob) = (server.ready("ann").await, server.ready("bob").await);
        ann.subscribe("1", "subscription { ticks }").await;
        ann.next().await;
        server.hands.revoked.send_replace(1);
        assert_eq!(ann.closed().await, (4403, "Session revoked".into()));
        server.stream_dropped().await;
        bob.answers().await;
        let mut late = server.open().await;
        late.init("ann").await;
        assert_eq!(late.closed().await.0, 4403, "also when it was taken back before");
    }

    async fn a_newer_token_keeps_the_socket() {
        let server = Server::plain().await;
        let mut client = server.ready("ann@5000").await;
        assert_eq!(refresh(&mut client, json!("Bearer ann@9000")).await, true);
        server.set_clock(5_000);
        client.answers().await;
        for refused in
            [json!("Bearer bad"), json!("Bearer bob@99999"), json!("Bearer ann@4000"), json!("Bearer"), json!("Bearer broken"), json!(1)]
        {
            assert_eq!(refresh(&mut client, refused.clone()).await, false, "{refused}");
        }
        server.set_clock(9_000);
        assert_eq!(client.closed().await.0, 4403);
    }

    async fn a_socket_without_a_caller_cannot_be_refreshed() {
        let server = Server::plain().await;
        let mut client = server.open().await;
        assert_eq!(refresh(&mut client, json!("Bearer ann")).await, false);
        let mut anonymous = server.ready("").await;
        assert_eq!(refresh(&mut anonymous, json!("Bearer ann")).await, false, "an anonymous socket stays anonymous");
    }

    async fn callers_and_addresses_hold_so_many_sockets() {
        let server = Server::start(with(|s| (s.connections.per_caller, s.connections.per_ip) = (1, 3))).await;
        let mut first = server.ready("ann").await;
        let mut second = server.open().await;
        second.init("ann").await;
        assert_eq!(second.closed().await, (4429, "Too many sockets".into()));
        drop(second);
        let _bob = server.ready("bob").await;
        let _anonymous = loop {
            // The closed socket's place is free a moment later.
            if let Ok(client) = server.try_open(crate::PROTOCOL, None).await {
                break client;
            }
        };
        assert_eq!(server.try_open(crate::PROTOCOL, None).await.err().unwrap(), 429);
        first.0.close(None).await.unwrap();
        soon(async { while server.try_open(crate::PROTOCOL, None).await.is_err() {} }).await;
    }

    async fn a_draining_server_sends_everybody_away_and_lets_nobody_in() {
        let server = Server::start(with(|s| s.connections.drain_jitter = std::time::Duration::from_millis(200))).await;
        let mut clients = Vec::new();
        for n in 0..20 {
            let mut client = server.ready(&format!("c{n}")).await;
            client.subscribe("1", "subscription { ticks }").await;
            client.next().await;
            clients.push(client);
        }
        assert!(server.transport.alive() >= 40);
        server.transport.drain();
        assert_eq!(server.try_open(crate::PROTOCOL, None).await.err().unwrap(), 503);
        for client in &mut clients {
            assert_eq!(client.closed().await, (4503, "Draining".into()));
        }
        soon(server.transport.drained()).await;
        assert_eq!(server.transport.alive(), 0);
    }

    async fn a_draining_server_still_answers_what_it_runs() {
        let server = Server::start(with(|s| s.connections.drain_jitter = std::time::Duration::ZERO)).await;
        let mut client = server.ready("ann").await;
        client.subscribe("1", "mutation { slow }").await;
        client.answers().await;
        server.transport.drain();
        client.answers().await;
        server.hands.gate.add_permits(1);
        assert_eq!(client.next().await["payload"]["data"]["slow"], 0);
        assert_eq!(client.next().await, complete("1"));
        assert_eq!(client.closed().await.0, 4503);
    }

    async fn the_init_may_name_the_language() {
        let server = Server::plain().await;
        for (payload, message) in [
            (json!({}), "The document is not GraphQL"),
            (json!({ "locale": "zh-CN" }), "GraphQL 文档无法解析"),
            (json!({ "Accept-Language": "zh" }), "GraphQL 文档无法解析"),
        ] {
            let mut client = server.open().await;
            client.send(json!({ "type": "connection_init", "payload": payload })).await;
            client.next().await;
            client.subscribe("1", "{").await;
            let error = client.next().await;
            assert!(error["payload"][0]["message"].as_str().unwrap().starts_with(message), "{error}");
        }
    }
}

#[test]
fn the_jitter_spreads_evenly() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(Server::start(with(|s| s.connections.drain_jitter = std::time::Duration::from_millis(1_000))));
    let mut shares: Vec<u128> = (0..10).map(|_| server.transport.jitter().as_millis() / 100).collect();
    shares.sort_unstable();
    shares.dedup();
    assert!(shares.len() >= 8, "{shares:?}");
}
