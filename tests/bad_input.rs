//! What nobody should send: each gets its typed refusal in the reader's language; nothing panics, nothing is a 500.

use kernel::{minutes, seconds};
use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::{Value, json};
use testkit::{
    Answer, Api, both_backends,
    calls::{Filling, Sdl},
    socket::Socket,
};
use tokio_tungstenite::tungstenite::Message;

/// Codes an answer may carry that say the caller did something wrong, not we. Refusals of the rules are data and not here.
const THEIRS: [&str; 13] = [
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "RATE_LIMITED",
    "PAYLOAD_TOO_LARGE",
    "TOO_COMPLEX",
    "LIVE_CURSOR_INVALID",
    "CURSOR_INVALID",
    "PAGE_INVALID",
];

/// Nonsense, one kind at a time.
fn nonsense() -> Vec<(&'static str, Filling)> {
    let long = "长".repeat(10_000);
    let plain = Filling { everything: true, ..Filling::default() };
    let with = |change: fn(&mut Filling)| {
        let mut filling = plain.clone();
        change(&mut filling);
        filling
    };
    let mut all = vec![
        ("unknown ids", plain.clone()),
        ("an empty id", with(|f| f.id = Some(String::new()))),
        ("no id at all", with(|f| f.id = Some("nonsense".to_owned()))),
        ("an id of a foreign kind", with(|f| f.id = Some("evt_00000000000000000000000000000001".to_owned()))),
        ("an id in capitals", with(|f| f.id = Some("ORD_0000000000000000000000000000000A".to_owned()))),
        ("zero", with(|f| f.number = json!(0))),
        ("a negative number", with(|f| f.number = json!(-1))),
        ("a huge number", with(|f| f.number = json!(i32::MAX))),
        ("a number no Int holds", with(|f| f.number = json!(i64::MAX))),
        ("a hugely negative number", with(|f| f.number = json!(i64::MIN))),
        ("a number no Long holds", with(|f| f.number = json!(1e300))),
        ("a fraction", with(|f| f.number = json!(0.5))),
        ("a text for a number", with(|f| f.number = json!("1; DROP TABLE job"))),
        ("an empty text", with(|f| f.text = json!(""))),
        ("blanks", with(|f| f.text = json!(" \t\n "))),
        ("a text with a zero in it", with(|f| f.text = json!("a\u{0}b"))),
        ("a text that turns around", with(|f| f.text = json!("\u{202e}abc\u{200b}😀"))),
        ("a quote", with(|f| f.text = json!("'; DROP TABLE job; --"))),
        ("a number for a text", with(|f| f.text = json!(7))),
        ("a list for a text", with(|f| f.text = json!(["a", {}]))),
        ("nothing for a text", with(|f| f.text = Value::Null)),
        ("a day that never was", with(|f| f.date = json!("2026-02-30T00:00:00Z"))),
        ("a day of another age", with(|f| f.date = json!("-9999-01-01T00:00:00Z"))),
        ("a day far away", with(|f| f.date = json!("9999-12-31T23:59:59Z"))),
    ];
    all.push(("a very long text", Filling { text: json!(long), ..plain }));
    all
}

/// What is wrong with an answer, if something is.
fn complaint(answer: &Answer, english: bool) -> Option<String> {
    if answer.status.is_server_error() {
        return Some(format!("{}", answer.status));
    }
    if let Some(code) = answer.error()
        && !THEIRS.contains(&code)
        && !code.ends_with("_INVALID")
    {
        return Some(format!("code {code}"));
    }
    let refusal = answer.body["data"].as_object().and_then(|data| data.values().find_map(|field| field["userErrors"].get(0).cloned()));
    let message = refusal.as_ref().and_then(|refusal| refusal["message"].as_str());
    match message {
        Some(message) if english != message.is_ascii() => Some(format!("not in the reader's language: {message}")),
        Some(message) if refusal.as_ref().is_some_and(|refusal| refusal["code"] == message) => {
            Some(format!("nobody wrote a sentence for {message}"))
        }
        _ => None,
    }
}

both_backends! {
    async fn nonsense_is_refused_and_never_breaks_anything(app: TestApp) {
        let (mut wrong, mut called) = (Vec::new(), 0);
        for (what, filling) in nonsense() {
            // Long enough for every allowance to come back.
            app.advance(seconds(61)).await;
            let (customer, owner, anonymous) = (app.customer("ann").await, app.owner().await, app.stranger().speaking("en"));
            for (api, somebody) in [(Api::Shop, &*customer), (Api::Admin, &owner), (Api::Shop, &anonymous), (Api::Admin, &anonymous)] {
                let sdl = Sdl::of(api);
                for (root, field) in &sdl.roots() {
                    // What would end the session that asks.
                    if ["sessionRevokeOthers", "staffTotpEnrol"].contains(&root.name.as_str()) {
                        continue;
                    }
                    let answer = somebody.call(&sdl, (root, field), &filling).await;
                    called += 1;
                    if let Some(complaint) = complaint(&answer, std::ptr::eq(somebody, &anonymous)) {
                        wrong.push(format!("{api:?} {} {} with {what}: {complaint}: {}", root.kind, root.name, answer.shown().chars().take(300).collect::<String>()));
                    }
                }
            }
        }
        assert!(called > 1_000, "only {called} calls");
        app.settle().await;
        assert!(wrong.is_empty(), "{} of {called}:\n{}", wrong.len(), wrong.join("\n"));
    }

    async fn a_token_that_ran_out_or_was_never_ours_is_refused(app: TestApp) {
        let ann = app.customer("ann").await;
        let me = "{ me { id } }";
        assert_eq!(ann.shop(me, json!({})).await.ok("me")["id"], ann.id.to_string());
        app.advance(minutes(16)).await;
        let late = ann.shop(me, json!({})).await;
        assert_eq!((late.status, late.error()), (StatusCode::UNAUTHORIZED, Some("UNAUTHENTICATED")));
        for token in ["x", "a.b.c", &"x".repeat(5_000), ann.token().map_or("", |token| &token[..token.len() - 4])] {
            let answer = app.stranger().with_token(token).shop(me, json!({})).await;
            assert_eq!((answer.status, answer.error()), (StatusCode::UNAUTHORIZED, Some("UNAUTHENTICATED")), "{token}");
        }
    }

    async fn bodies_that_are_too_large_or_of_another_kind_are_refused(app: TestApp) {
        let anybody = app.stranger().unpooled();
        let json = [(CONTENT_TYPE, "application/json"), (ACCEPT, "application/json")];
        let post = |headers: &[(reqwest::header::HeaderName, &'static str)], body: Vec<u8>| {
            let (anybody, headers) = (anybody.clone(), headers.to_vec());
            async move { anybody.send(Method::POST, "/shop/graphql", &headers, body).await }
        };
        let large = format!("{{\"query\":\"{}\"}}", "x".repeat(2 << 20)).into_bytes();
        let large = anybody.send_too_much((Method::POST, "/shop/graphql"), &json, large).await;
        assert_eq!((large.status, large.error()), (StatusCode::PAYLOAD_TOO_LARGE, Some("PAYLOAD_TOO_LARGE")), "{}", large.shown());
        let text = post(&[(CONTENT_TYPE, "text/plain")], b"{\"query\":\"{ __typename }\"}".to_vec()).await;
        assert_eq!(text.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        for body in [&b""[..], b"{", b"[]", b"null", b"7", b"{\"query\":7}", b"{}", b"\xff\xfe", b"{\"query\":\"{\"}", b"[{\"query\":\"{ __typename }\"}]"] {
            let answer = post(&json, body.to_vec()).await;
            assert!(answer.status.is_client_error() || answer.error().is_some(), "{body:?}: {}", answer.shown());
            assert!(answer.error().is_some_and(|code| THEIRS.contains(&code)), "{body:?}: {}", answer.shown());
        }
        let picture = anybody.send(Method::PUT, "/uploads/nonsense", &[(CONTENT_TYPE, "image/png")], vec![0; 100]).await;
        assert_eq!((picture.status, picture.error()), (StatusCode::UNPROCESSABLE_ENTITY, Some("MEDIA_UPLOAD_TOKEN_INVALID")));
        let film = anybody.send_too_much((Method::PUT, "/uploads/nonsense"), &[(CONTENT_TYPE, "image/png")], vec![0; 7 << 20]).await;
        assert_eq!((film.status, film.error()), (StatusCode::PAYLOAD_TOO_LARGE, Some("MEDIA_SIZE_INVALID")));
        for path in ["/media/../Cargo.toml", "/media/%2e%2e/%2e%2e/etc/passwd", "/media/a/b.exe", "/media/nothing.png"] {
            assert_eq!(anybody.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn malformed_frames_close_their_socket_and_no_other(app: TestApp) {
        let mut healthy = app.stranger().socket(Api::Shop).await;
        for (frame, code) in [
            (Message::text("{"), 4400),
            (Message::text("[]"), 4400),
            (Message::text("{\"type\":\"start\"}"), 4400),
            (Message::text("{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":7}}"), 4400),
            (Message::binary(vec![0_u8, 255]), 4400),
            (Message::text("{\"type\":\"connection_init\"}"), 4429),
        ] {
            let mut socket = app.stranger().socket(Api::Shop).await;
            socket.say_raw(frame.clone()).await;
            assert_eq!(socket.closed().await, code, "{frame:?}");
        }
        let mut hasty = Socket::open(&app.url(), Api::Admin).await;
        hasty.say(&json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ __typename }" } })).await;
        assert_eq!(hasty.closed().await, 4401);
        let mut liar = Socket::open(&app.url(), Api::Admin).await;
        liar.say(&json!({ "type": "connection_init", "payload": { "authorization": "Bearer nonsense" } })).await;
        assert_eq!(liar.closed().await, 4403);
        healthy.say(&json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ __typename }" } })).await;
        assert_eq!(healthy.hear().await["payload"]["data"]["__typename"], "Query");
    }
}
