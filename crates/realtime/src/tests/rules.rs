//! Every close code of the protocol, and frames that are none.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::stage::*;
use crate::PROTOCOL;

both_ways! {
    async fn what_is_no_message_closes_with_4400() {
        let server = Server::plain().await;
        for bad in [
            json!("text"),
            json!({}),
            json!({ "type": "start" }),
            json!({ "type": "next", "id": "1", "payload": {} }),
            json!({ "type": "subscribe", "payload": { "query": "{ hello }" } }),
            json!({ "type": "subscribe", "id": "", "payload": { "query": "{ hello }" } }),
            json!({ "type": "subscribe", "id": "1", "payload": { "query": 1 } }),
            json!({ "type": "complete" }),
            json!({ "type": "ping", "payload": "x" }),
            json!({ "type": "connection_init", "payload": 1 }),
        ] {
            let mut client = server.ready("ann").await;
            client.send(bad.clone()).await;
            assert_eq!(client.closed().await.0, 4400, "{bad}");
        }
        let mut client = server.ready("ann").await;
        futures_util::SinkExt::send(&mut client.0, Message::Binary(Bytes::from_static(b"{\"type\":\"ping\"}"))).await.unwrap();
        assert_eq!(client.closed().await, (4400, "Binary messages are not part of the protocol".into()));
    }

    async fn an_operation_before_the_acknowledgement_closes_with_4401() {
        let server = Server::plain().await;
        let mut client = server.open().await;
        client.subscribe("1", "{ hello }").await;
        assert_eq!(client.closed().await, (4401, "Unauthorized".into()));

        let mut client = server.open().await;
        client.init("slow").await;
        client.subscribe("1", "{ hello }").await;
        assert_eq!(client.closed().await, (4401, "Unauthorized".into()));
        assert!(server.hands.calls.lock().unwrap().is_empty());
    }

    async fn a_refused_caller_closes_with_4403_and_a_broken_decision_with_4500() {
        let server = Server::plain().await;
        for (token, close) in [("bad", (4403, "Forbidden")), ("ann@1000", (4403, "Forbidden")), ("broken", (4500, "Internal server error"))] {
            let mut client = server.open().await;
            client.init(token).await;
            assert_eq!(client.closed().await, (close.0, close.1.into()), "{token}");
        }
    }

    async fn a_foreign_subprotocol_closes_with_4406() {
        let server = Server::plain().await;
        let mut client = server.try_open("", None).await.unwrap();
        assert_eq!(client.closed().await, (4406, "Subprotocol not acceptable".into()));
        let mut client = server.try_open(&format!("graphql-ws, {PROTOCOL}"), None).await.unwrap();
        client.answers().await;
    }

    async fn a_silent_beginning_closes_with_4408() {
        let server = Server::start(with(|s| s.connections.init_timeout = std::time::Duration::from_millis(500))).await;
        assert_eq!(server.open().await.closed().await, (4408, "Connection initialisation timeout".into()));
        server.ready("ann").await.answers().await;
    }

    async fn an_id_in_use_closes_with_4409() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        client.subscribe("same", "subscription { ticks }").await;
        assert_eq!(client.next().await, next("same", json!({ "ticks": 0 })));
        client.subscribe("same", "{ hello }").await;
        assert_eq!(client.closed().await, (4409, "Subscriber for same already exists".into()));
        server.stream_dropped().await;
    }

    async fn a_second_init_closes_with_4429() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        client.init("ann").await;
        assert_eq!(client.closed().await, (4429, "Too many initialisation requests".into()));
        let mut client = server.open().await;
        client.init("slow").await;
        client.init("slow").await;
        assert_eq!(client.closed().await.0, 4429, "also while the first is being decided");
    }

    async fn ping_and_pong_go_both_ways() {
        let server = Server::plain().await;
        let mut client = server.open().await;
        client.answers().await;
        client.send(json!({ "type": "ping", "payload": { "n": [1] } })).await;
        assert_eq!(client.next().await, json!({ "type": "pong", "payload": { "n": [1] } }));
        client.send(json!({ "type": "pong", "payload": {} })).await;
        client.init("ann").await;
        assert_eq!(client.next().await["type"], "connection_ack");
        client.answers().await;
    }

    async fn a_message_that_is_too_large_closes_with_1009() {
        let server = Server::plain().await;
        let mut client = server.ready("ann").await;
        client.send(json!({ "type": "ping", "payload": { "x": "x".repeat(65 << 10) } })).await;
        assert_eq!(client.closed().await.0, 1009);
    }
}

/// A connection past its handshake, for frames a client library would not send.
async fn raw(server: &Server) -> TcpStream {
    let mut socket = TcpStream::connect(&server.address).await.unwrap();
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: {PROTOCOL}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(socket.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    socket
}

/// The code of the close frame a raw connection gets; it answers no ping.
async fn raw_close(mut socket: TcpStream) -> u16 {
    loop {
        let (kind, length) = (soon(socket.read_u8()).await.unwrap(), socket.read_u8().await.unwrap());
        let mut body = vec![0; usize::from(length)];
        socket.read_exact(&mut body).await.unwrap();
        if kind == 0x88 {
            return u16::from_be_bytes([body[0], body[1]]);
        }
    }
}

both_ways! {
    async fn what_is_no_frame_closes_by_the_websocket_rules() {
        let server = Server::plain().await;
        let long_ping = [&[0x89, 0xFE, 0x01, 0x00, 0, 0, 0, 0][..], &[b'x'; 256][..]].concat();
        for (bytes, code, what) in [
            (&[0x81, 0x02, b'{', b'}'][..], 1002, "a frame without a mask"),
            (&[0xF1, 0x80, 0, 0, 0, 0][..], 1002, "reserved bits"),
            (&[0x83, 0x80, 0, 0, 0, 0][..], 1002, "an unknown opcode"),
            (&[0x80, 0x80, 0, 0, 0, 0][..], 1002, "a continuation of nothing"),
            (&long_ping[..], 1002, "a long ping"),
            (&[0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28][..], 1007, "text that is not UTF-8"),
            (&[0x81, 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], 1009, "a frame of nine exabytes"),
        ] {
            let mut socket = raw(&server).await;
            socket.write_all(bytes).await.unwrap();
            assert_eq!(raw_close(socket).await, code, "{what}");
        }
    }

    async fn random_bytes_do_no_harm() {
        let server = Server::plain().await;
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        for _ in 0..200 {
            let mut socket = raw(&server).await;
            let bytes: Vec<u8> = (0..64)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state.to_le_bytes()[0]
                })
                .collect();
            // The server may close before all is written.
            let _ = socket.write_all(&bytes).await;
        }
        server.ready("ann").await.answers().await;
    }

    async fn a_socket_that_gives_no_sign_of_life_is_closed() {
        let server = Server::start(with(|s| s.connections.heartbeat = std::time::Duration::from_millis(250))).await;
        let mut socket = raw(&server).await;
        // `{"type":"connection_init"}`, masked with zeros.
        let init = br#"{"type":"connection_init"}"#;
        socket.write_all(&[0x81, 0x80 | u8::try_from(init.len()).unwrap(), 0, 0, 0, 0]).await.unwrap();
        socket.write_all(init).await.unwrap();
        assert_eq!(raw_close(socket).await, 4510);

        let mut alive = server.ready("ann").await;
        let mut pings = 0;
        while pings < 5 {
            pings += usize::from(soon(futures_util::StreamExt::next(&mut alive.0)).await.unwrap().unwrap().is_ping());
        }
        alive.answers().await;
    }
}

/// The status and the named header of the answer to an upgrade with those headers.
async fn asked(server: &Server, headers: &[(&str, &str)], named: &str) -> (u16, String) {
    let mut socket = TcpStream::connect(&server.address).await.unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    socket.write_all(format!("GET / HTTP/1.1\r\nhost: here:1\r\n{headers}\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(soon(socket.read_u8()).await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap();
    let value = answer.lines().find_map(|line| line.strip_prefix(&format!("{named}: "))).unwrap_or_default();
    (answer[9..12].parse().unwrap(), value.to_owned())
}

#[tokio::test]
async fn an_upgrade_is_asked_for_to_the_letter() {
    let server = Server::plain().await;
    let right = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "graphql-ws, graphql-transport-ws"),
    ];
    assert_eq!(asked(&server, &right, "sec-websocket-accept").await, (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".into()));
    assert_eq!(asked(&server, &right, "sec-websocket-protocol").await, (101, PROTOCOL.into()));
    for (nth, wrong, status) in
        [(0, "keep-alive", 400), (1, "h2c", 400), (2, "8", 426), (3, "short", 400), (3, "dGhlIHNhbXBsZSBub25jZQ!!", 400)]
    {
        let mut asking = right;
        asking[nth].1 = wrong;
        assert_eq!(asked(&server, &asking, "sec-websocket-accept").await, (status, String::new()), "{asking:?}");
    }
    let mut old = right;
    old[2].1 = "8";
    assert_eq!(asked(&server, &old, "sec-websocket-version").await.1, "13");
    let mut foreign = right;
    foreign[4].1 = "graphql-ws";
    assert_eq!(asked(&server, &foreign, "sec-websocket-protocol").await, (101, String::new()));
}

#[tokio::test]
async fn pages_of_other_origins_are_kept_out_where_the_others_are_known() {
    let named = crate::Origins::Named(vec!["https://shop.example".into()]);
    let server = Server::start(with(|s| s.connections.origins = named)).await;
    for (origin, status) in [
        ("https://shop.example", 101),
        ("http://here:1", 101),
        ("https://HERE:1", 101),
        ("http://here", 403),
        ("https://shop.example.evil", 403),
        ("null", 403),
    ] {
        let asking = [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("origin", origin),
        ];
        assert_eq!(asked(&server, &asking, "x").await.0, status, "{origin}");
        assert_eq!(asked(&server, &asking[..4], "x").await.0, 101, "no browser");
    }
}

#[tokio::test]
async fn what_comes_with_the_handshake_is_read_first_and_pieces_are_put_together() {
    let server = Server::plain().await;
    let mut socket = TcpStream::connect(&server.address).await.unwrap();
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: {PROTOCOL}\r\n\r\n"
    );
    let frame = |first: u8, text: &str| [&[first, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0][..], text.as_bytes()].concat();
    let ping = frame(0x89, "hi");
    let said = [head.as_bytes(), &frame(0x01, r#"{"type":"conn"#), &ping, &frame(0x00, r#"ection_"#), &frame(0x80, r#"init"}"#)].concat();
    // The head and half of it at once, the rest byte by byte.
    let (at_once, rest) = said.split_at(head.len() + 9);
    socket.write_all(at_once).await.unwrap();
    for byte in rest {
        socket.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("connection_ack") {
        assert!(soon(socket.read_buf(&mut answer)).await.unwrap() > 0);
    }
    let after = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(answer[after..after + 4], [0x8A, 2, b'h', b'i'], "the ping is answered between the pieces");
    socket.write_all(&frame(0x88, "\u{3}\u{f0}")).await.unwrap();
}

/// Frames of all kinds, good and bad, whole and cut, at a real socket: it answers what it can and closes the rest.
#[tokio::test]
async fn any_frames_cut_anywhere_do_no_harm() {
    let server = Server::start(with(|s| s.connections.linger = std::time::Duration::from_millis(20))).await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    use proptest::{prelude::*, strategy::ValueTree};
    let frame = (
        prop::sample::select(vec![0x81_u8, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xC1]),
        prop_oneof![
            prop::sample::select(vec![r#"{"type":"ping"}"#, r#"{"type":"connection_init"}"#, "{}", "\u{3}\u{e8}"]).prop_map(str::to_owned),
            ".{0,20}",
        ],
        any::<[u8; 4]>(),
    );
    let some = prop::collection::vec(frame, 0..6);
    for _ in 0..300 {
        let frames = some.new_tree(&mut runner).unwrap().current();
        let bytes: Vec<u8> = frames
            .into_iter()
            .flat_map(|(first, text, mask)| {
                let text: Vec<u8> = text.into_bytes().into_iter().take(125).collect();
                let head = [first, 0x80 | u8::try_from(text.len()).unwrap()];
                let masked: Vec<u8> = text.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
                [&head[..], &mask, &masked].concat()
            })
            .collect();
        let cut = any::<usize>().new_tree(&mut runner).unwrap().current() % (bytes.len() + 1);
        let mut socket = raw(&server).await;
        // The server may close before all is written.
        let _ = socket.write_all(&bytes[..cut]).await;
        let _ = socket.write_all(&bytes[cut..]).await;
    }
    server.ready("ann").await.answers().await;
    soon(async {
        while server.transport.alive() > 1 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
}
