//! The pinned bytes both sides agree on; the mall's client reads the same file.

use sandbox::protocol::{self, CallbackEvent, ChargeView, ErrorView, NewCharge, NewRefund, RefundView, SigningKey, VerifyingKey};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/sandbox.json")).unwrap()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("{field}"))
}

#[test]
fn signatures_are_byte_for_byte_the_pinned_ones() {
    let v = vectors();
    let merchant = SigningKey::from_pkcs8_base64(text(&v["merchant"], "private_key")).unwrap();
    assert_eq!(merchant.public_base64(), text(&v["merchant"], "public_key"));
    let public = VerifyingKey::from_base64(text(&v["merchant"], "public_key")).unwrap();
    for case in v["requests"].as_array().unwrap() {
        let at = case["timestamp"].as_i64().unwrap();
        let message =
            protocol::request_message(text(case, "method"), text(case, "path"), at, text(case, "nonce"), text(case, "body").as_bytes());
        assert_eq!(message, text(case, "message").as_bytes(), "{}", case["name"]);
        assert_eq!(merchant.sign(&message), text(case, "signature"), "{}", case["name"]);
        assert!(public.verify(&message, text(case, "signature")));
        assert!(!public.verify(&message[1..], text(case, "signature")));
    }
    let bank = SigningKey::from_pkcs8_base64(text(&v["bank"], "private_key")).unwrap();
    assert_eq!(bank.public_base64(), text(&v["bank"], "public_key"));
    for case in v["answers"].as_array().unwrap().iter().chain(v["notifications"].as_array().unwrap()) {
        let message = protocol::answer_message(case["timestamp"].as_i64().unwrap(), text(case, "nonce"), text(case, "body").as_bytes());
        assert_eq!(message, text(case, "message").as_bytes(), "{}", case["name"]);
        assert_eq!(bank.sign(&message), text(case, "signature"), "{}", case["name"]);
    }
}

#[test]
fn messages_survive_reading_and_writing() {
    fn same<T: DeserializeOwned + Serialize>(body: &str) {
        let read: T = serde_json::from_str(body).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), body);
    }
    let v = vectors();
    same::<NewCharge>(text(&v["requests"][0], "body"));
    same::<NewRefund>(text(&v["requests"][4], "body"));
    same::<ChargeView>(text(&v["answers"][0], "body"));
    same::<RefundView>(text(&v["answers"][1], "body"));
    same::<ErrorView>(text(&v["answers"][2], "body"));
    for case in v["notifications"].as_array().unwrap() {
        same::<CallbackEvent>(text(case, "body"));
    }
}

#[test]
fn keys_survive_their_text_form() {
    let key = SigningKey::generate();
    let again = SigningKey::from_pkcs8_base64(&key.to_pkcs8_base64()).unwrap();
    assert_eq!(again.public_base64(), key.public_base64());
    assert!(SigningKey::from_pkcs8_base64("nonsense").is_err());
    assert!(VerifyingKey::from_base64("c2hvcnQ=").is_err());
}
