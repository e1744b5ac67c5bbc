//! Operations on a socket.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::stage::*;
use crate::{Allowance, Settings};

both_ways! {
    async fn operations_of_every_kind_share_a_socket() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        client.subscribe("ticks", "subscription { ticks }").await;
        assert_eq!(client.next().await, next("ticks", json!({ "ticks": 0 })));

        client.subscribe("q", "{ hello me }").await;
        let answer = client.next().await;
        assert_eq!((&answer["type"], &answer["payload"]["data"]), (&json!("next"), &json!({ "hello": "you", "me": "ann" })));
        assert_eq!(client.next().await, complete("q"));

        server.hands.gate.add_permits(1);
        client.subscribe("m", "mutation { slow }").await;
        let answer = client.next().await;
        assert_eq!((&answer["id"], &answer["payload"]["extensions"]["cost"]["requested"]), (&json!("m"), &json!(10)));
        assert_eq!(client.next().await, complete("m"));

        server.hands.ticks.send(7).unwrap();
        assert_eq!(client.next().await, next("ticks", json!({ "ticks": 7 })));
        client.subscribe("s", "subscription { count(to: 2) }").await;
        assert_eq!(client.next().await, next("s", json!({ "count": 1 })));
        assert_eq!(client.next().await, next("s", json!({ "count": 2 })));
        assert_eq!(client.next().await, complete("s"));
    }

    async fn ids_come_back_as_they_went() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        for id in ["\"", "\\", "\n\u{0}\u{2028}", "团", "</script>", r#"","type":"complete"#] {
            client.subscribe(id, "{ hello }").await;
            assert_eq!(client.next().await["id"], id);
            assert_eq!(client.next().await, complete(id));
        }
    }

    async fn what_does_not_run_is_an_error_and_frees_its_id() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        for (query, code) in [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { count(to: \"x\") }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { count(to: 1) ticks }", "GRAPHQL_VALIDATION_FAILED"),
            ("query A { hello } query B { hello }", "GRAPHQL_VALIDATION_FAILED"),
            ("mutation { a: slow b: slow c: slow d: slow e: slow f: slow }", "TOO_MANY_ROOT_FIELDS"),
            ("{ panics }", "INTERNAL"),
            ("subscription { panics }", ""),
        ] {
            client.subscribe("1", query).await;
            if code.is_empty() {
                assert_eq!(client.next().await, next("1", json!({ "panics": 1 })));
                assert_eq!(client.next().await["payload"]["errors"][0]["extensions"]["code"], "INTERNAL");
                assert_eq!(client.next().await, complete("1"));
            } else {
                assert_eq!(client.error_code("1").await, code, "{query}");
            }
        }
        client.answers().await;
    }

    async fn a_subscription_that_refuses_to_begin_is_a_result_with_errors() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        client.subscribe("1", "subscription { refused }").await;
        let refused = client.next().await;
        assert_eq!((&refused["type"], &refused["payload"]["errors"][0]["extensions"]["code"]), (&json!("next"), &json!("NOT_FOUND")));
        assert_eq!(client.next().await, complete("1"));
    }

    async fn nothing_follows_a_complete_and_the_id_is_free() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        client.subscribe("1", "subscription { ticks }").await;
        client.next().await;
        client.send(complete("1")).await;
        server.stream_dropped().await;
        client.send(complete("1")).await;
        client.send(complete("nobody")).await;
        client.subscribe("1", "{ hello }").await;
        assert_eq!(client.next().await["payload"]["data"]["hello"], "you");
        assert_eq!(client.next().await, complete("1"));

        client.subscribe("2", "{ slow }").await;
        client.answers().await;
        client.send(complete("2")).await;
        server.stream_dropped().await;
        client.answers().await;
    }

    async fn a_mutation_runs_to_its_end_though_nobody_waits() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        client.subscribe("1", "mutation { slow }").await;
        client.answers().await;
        while server.hands.calls.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        client.send(complete("1")).await;
        client.answers().await;
        client.0.close(None).await.unwrap();
        server.hands.gate.add_permits(1);
        server.transport.drain();
        soon(server.transport.drained()).await;
        assert_eq!(server.hands.done.load(Ordering::SeqCst), 1);
    }

    async fn a_socket_runs_so_many_operations_and_no_more() {
        let server = Server::start(with(|s| s.connections.operations_per_socket = 2)).await;
        let mut client = server.ready("ann").await;
        for id in ["1", "2"] {
            client.subscribe(id, "subscription { ticks }").await;
            client.next().await;
        }
        client.subscribe("3", "{ hello }").await;
        assert_eq!(client.error_code("3").await, "TOO_MANY_SUBSCRIPTIONS");
        client.send(complete("1")).await;
        client.subscribe("3", "{ hello }").await;
        assert_eq!(client.next().await["type"], "next");
    }

    async fn operations_are_paid_for() {
        let server = Server::with_allowance(Settings::default(), Allowance { capacity: 3, restore_rate: 1, ..Allowance::default() }).await;
        let mut client = server.ready("ann").await;
        for _ in 0..3 {
            client.subscribe("1", "{ hello }").await;
            client.next().await;
            client.next().await;
        }
        client.subscribe("1", "subscription { ticks }").await;
        assert_eq!(client.error_code("1").await, "RATE_LIMITED");
        let mut other = server.ready("bob").await;
        other.subscribe("1", "{ request }").await;
        assert_eq!(other.next().await["payload"]["data"]["request"], "r-1", "each operation has its own request id");
        server.hands.clock.fetch_add(1_000, Ordering::SeqCst);
        client.subscribe("1", "{ hello }").await;
        assert_eq!(client.next().await["type"], "next");
    }
}
