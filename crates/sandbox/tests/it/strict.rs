//! Every refusal of the API.

use kernel::{minutes, seconds};
use reqwest::Method;
use sandbox::protocol::{self, SigningKey};
use serde_json::{Value, json};

use crate::world::World;

fn code(answer: &Value) -> &str {
    answer["code"].as_str().unwrap_or_else(|| panic!("not an error: {answer}"))
}

#[tokio::test]
async fn a_charge_lives_from_request_to_payment() {
    let world = World::new().await;
    let (status, created) = world.post("/v1/charges", &world.charge("c1", 5900)).await;
    assert_eq!((status, created["status"].as_str()), (200, Some("PENDING")));
    let cashier = created["cashier_url"].as_str().unwrap();
    assert_eq!(cashier, format!("{}/cashier/{}", world.url, created["charge_id"].as_str().unwrap()));
    assert_eq!(world.post("/v1/charges", &world.charge("c1", 5900)).await, (200, created.clone()), "asked again, the same charge");
    world.bank.pay("c1").unwrap();
    let (status, paid) = world.get("/v1/charges/c1").await;
    assert_eq!((status, paid["status"].as_str(), paid["paid_at"].as_str()), (200, Some("SUCCEEDED"), Some("2025-11-11T00:00:00.000Z")));
    let (status, back) = world.post("/v1/refunds", &world.refund("r1", "c1", 900)).await;
    assert_eq!((status, back["status"].as_str()), (200, Some("SUCCEEDED")));
    assert_eq!(world.get("/v1/refunds/r1").await, (200, back));
    assert_eq!(world.get("/v1/charges/c1").await.1["refunded"]["minor"], 900);
    assert_eq!(world.bank.balance("m1", kernel::Currency::Cny).minor, 5000);
}

#[tokio::test]
async fn who_does_not_prove_who_they_are_is_not_listened_to() {
    let world = World::new().await;
    let body = world.charge("c1", 100).to_string();
    let key = SigningKey::from_pkcs8_base64(&world.credentials.merchant_key).unwrap();
    let now = protocol::header_seconds(crate::world::START);
    let path = "/sandbox/v1/charges";
    let fair = |at: i64, nonce: &str| key.sign(&protocol::request_message("POST", path, at, nonce, body.as_bytes()));
    let send = async |merchant: &str, at: String, nonce: &str, signature: String| {
        let request = world.http.post(format!("{}/v1/charges", world.url)).header("Content-Type", "application/json").body(body.clone());
        let request = request.header(protocol::MERCHANT, merchant).header(protocol::TIMESTAMP, at);
        let request = request.header(protocol::NONCE, nonce).header(protocol::SIGNATURE, signature);
        let (status, answer) = world.send(request).await;
        assert_eq!(status, 401, "{answer}");
        code(&answer).to_owned()
    };
    let nonce = protocol::nonce();
    assert_eq!(send("m2", now.to_string(), &nonce, fair(now, &nonce)).await, "MERCHANT_UNKNOWN");
    assert_eq!(send("", now.to_string(), &nonce, fair(now, &nonce)).await, "MERCHANT_UNKNOWN");
    for at in [now - 301, now + 301, i64::MIN, i64::MAX] {
        assert_eq!(send("m1", at.to_string(), &nonce, fair(at, &nonce)).await, "TIMESTAMP_OUT_OF_WINDOW");
    }
    for at in ["soon", "", "1e9", &format!("+{now}"), &format!("0{now}")] {
        assert_eq!(send("m1", at.to_owned(), &nonce, fair(now, &nonce)).await, "HEADER_INVALID", "{at}");
    }
    for bad in ["short", "with-a-dash-in-the-middle", &"n".repeat(65)] {
        assert_eq!(send("m1", now.to_string(), bad, fair(now, bad)).await, "HEADER_INVALID", "{bad}");
    }
    let stranger = SigningKey::generate();
    let forgeries = [
        stranger.sign(&protocol::request_message("POST", path, now, &nonce, body.as_bytes())),
        key.sign(&protocol::request_message("GET", path, now, &nonce, body.as_bytes())),
        key.sign(&protocol::request_message("POST", "/v1/charges", now, &nonce, body.as_bytes())),
        key.sign(&protocol::request_message("POST", path, now + 1, &nonce, body.as_bytes())),
        key.sign(&protocol::request_message("POST", path, now, &nonce, b"{}")),
        fair(now, &protocol::nonce()),
        "not base64".to_owned(),
        String::new(),
    ];
    for forged in forgeries {
        assert_eq!(send("m1", now.to_string(), &nonce, forged).await, "SIGNATURE_INVALID");
    }
    assert!(world.bank.charges().is_empty(), "nothing was done");
    // The forgeries did not use up the nonce.
    let once = world.http.post(format!("{}/v1/charges", world.url)).header("Content-Type", "application/json").body(body.clone());
    let once = once.header(protocol::MERCHANT, "m1").header(protocol::TIMESTAMP, now);
    let once = once.header(protocol::NONCE, &nonce).header(protocol::SIGNATURE, fair(now, &nonce));
    assert_eq!(world.send(once.try_clone().unwrap()).await.0, 200);
    let (status, answer) = world.send(once).await;
    assert_eq!((status, code(&answer)), (401, "NONCE_USED"));
}

#[tokio::test]
async fn every_signature_header_is_sent_exactly_once() {
    let world = World::new().await;
    for name in [protocol::MERCHANT, protocol::TIMESTAMP, protocol::NONCE, protocol::SIGNATURE] {
        let mut request = world.request(Method::GET, "/v1/charges/c1", "").build().unwrap();
        let value = request.headers().get(name).unwrap().clone();
        request.headers_mut().append(name, value);
        assert_eq!(world.http.execute(request).await.unwrap().status(), 401, "{name} twice");
        let mut request = world.request(Method::GET, "/v1/charges/c1", "").build().unwrap();
        request.headers_mut().remove(name);
        assert_eq!(world.http.execute(request).await.unwrap().status(), 401, "no {name}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_a_rule_is_refused() {
    let world = World::new().await;
    let refused = async |change: &dyn Fn(&mut Value)| {
        let mut body = world.charge("c1", 100);
        change(&mut body);
        let (status, answer) = world.post("/v1/charges", &body).await;
        assert_eq!((status, code(&answer)), (400, "PARAM_ERROR"), "{answer}");
    };
    refused(&|body| body["surprise"] = json!(1)).await;
    refused(&|body| body["amount"]["surprise"] = json!(1)).await;
    refused(&|body| body["amount"]["minor"] = json!(0)).await;
    refused(&|body| body["amount"]["minor"] = json!(-1)).await;
    refused(&|body| body["amount"]["minor"] = json!(1.5)).await;
    refused(&|body| body["amount"]["minor"] = json!("100")).await;
    refused(&|body| body["amount"]["minor"] = json!(u64::MAX)).await;
    refused(&|body| body["amount"]["currency"] = json!("XXX")).await;
    refused(&|body| body["amount"]["currency"] = json!("cny")).await;
    refused(&|body| body["merchant_charge_no"] = json!("a b")).await;
    refused(&|body| body["description"] = json!("")).await;
    refused(&|body| body["notify_url"] = json!("shop")).await;
    refused(&|body| body["return_url"] = json!("javascript:alert(1)")).await;
    refused(&|body| body["expires_at"] = json!("2025-11-11T00:00:00Z")).await;
    refused(&|body| body["expires_at"] = json!(1_762_819_200_000_i64)).await;
    refused(&|body| body["expires_at"] = json!("tomorrow")).await;
    for field in ["merchant_charge_no", "amount", "description", "notify_url", "expires_at"] {
        refused(&|body| drop(body.as_object_mut().unwrap().remove(field))).await;
    }
    let text = world.charge("c1", 100).to_string();
    for broken in [&text[..text.len() / 2], "", "null", "[]", r#"{"merchant_charge_no":"a","merchant_charge_no":"b"}"#] {
        let (status, answer) = world.send(world.request(Method::POST, "/v1/charges", broken)).await;
        assert_eq!((status, code(&answer)), (400, "PARAM_ERROR"), "{broken}");
    }
    let form = world.request(Method::POST, "/v1/charges", &text).build().unwrap();
    let mut form = form;
    form.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(world.http.execute(form).await.unwrap().status(), 415);
    let long = " ".repeat(65 * 1024);
    let (status, answer) = world.send(world.request(Method::POST, "/v1/charges", &long)).await;
    assert_eq!((status, code(&answer)), (413, "BODY_TOO_LARGE"));
    let (status, answer) = world.send(world.request(Method::GET, "/v1/charges/c1", "{}")).await;
    assert_eq!((status, code(&answer)), (400, "PARAM_ERROR"), "a question has no body");
    assert!(world.bank.charges().is_empty(), "nothing was done");
}

#[tokio::test]
async fn numbers_keep_their_meaning() {
    let world = World::new().await;
    let refused = async |path: &str, body: &Value| {
        let (status, answer) = world.post(path, body).await;
        (status, code(&answer).to_owned())
    };
    assert_eq!(world.get("/v1/charges/c1").await.0, 404);
    assert_eq!(world.get("/v1/refunds/r1").await.0, 404);
    assert_eq!(refused("/v1/charges/c1/close", &json!({})).await, (404, "CHARGE_NOT_FOUND".into()));
    assert_eq!(refused("/v1/refunds", &world.refund("r1", "c1", 1)).await, (404, "CHARGE_NOT_FOUND".into()));
    world.post("/v1/charges", &world.charge("c1", 100)).await;
    assert_eq!(refused("/v1/charges", &world.charge("c1", 101)).await, (409, "CHARGE_CONFLICT".into()));
    assert_eq!(refused("/v1/refunds", &world.refund("r1", "c1", 1)).await, (409, "CHARGE_NOT_PAID".into()));
    world.bank.pay("c1").unwrap();
    assert_eq!(refused("/v1/charges/c1/close", &json!({})).await, (409, "CHARGE_PAID".into()));
    assert_eq!(refused("/v1/charges/c1/close", &json!({ "why": 1 })).await, (400, "PARAM_ERROR".into()));
    assert_eq!(world.post("/v1/refunds", &world.refund("r1", "c1", 60)).await.0, 200);
    assert_eq!(refused("/v1/refunds", &world.refund("r1", "c1", 61)).await, (409, "REFUND_CONFLICT".into()));
    assert_eq!(refused("/v1/refunds", &world.refund("r2", "c1", 41)).await, (409, "REFUND_EXCEEDS_PAID".into()));
    let mut dollars = world.refund("r2", "c1", 1);
    dollars["amount"]["currency"] = json!("USD");
    assert_eq!(refused("/v1/refunds", &dollars).await, (400, "CURRENCY_MISMATCH".into()));
    assert_eq!(refused("/v1/refunds", &world.refund("r2", "c1", 0)).await, (400, "PARAM_ERROR".into()));
    assert_eq!(world.post("/v1/refunds", &world.refund("r2", "c1", 40)).await.0, 200);
    assert_eq!(world.bank.refunds().len(), 2);
}

#[tokio::test]
async fn a_charge_closes_when_its_time_runs_out_or_the_merchant_says_so() {
    let world = World::new().await;
    world.post("/v1/charges", &world.charge("c1", 100)).await;
    world.post("/v1/charges", &world.charge("c2", 100)).await;
    let (status, closed) = world.send(world.request(Method::POST, "/v1/charges/c1/close", "")).await;
    assert_eq!((status, closed["status"].as_str()), (200, Some("CLOSED")));
    assert_eq!(world.post("/v1/charges/c1/close", &json!({})).await, (200, closed), "closing twice is closing once");
    assert!(world.bank.pay("c1").is_err());
    world.clock.advance(minutes(30) - seconds(1));
    assert_eq!(world.get("/v1/charges/c2").await.1["status"], "PENDING");
    world.clock.advance(seconds(1));
    assert!(world.bank.pay("c2").is_err(), "too late by nothing");
    assert_eq!(world.get("/v1/charges/c2").await.1["status"], "CLOSED");
    assert_eq!(world.bank.balance("m1", kernel::Currency::Cny).minor, 0);
}

#[tokio::test]
async fn many_refunds_at_once_give_back_no_more_than_was_paid() {
    let world = World::new().await;
    world.paid("c1", 100).await;
    let numbers: Vec<String> = (0..20).map(|n| format!("r{n}")).collect();
    let answers =
        futures_util::future::join_all(numbers.iter().map(async |no| world.post("/v1/refunds", &world.refund(no, "c1", 30)).await.0)).await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 3);
    assert_eq!(world.bank.balance("m1", kernel::Currency::Cny).minor, 10);
}
