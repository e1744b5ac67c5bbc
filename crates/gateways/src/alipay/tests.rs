//! The vectors of Alipay's own SDKs.

use std::sync::Arc;

use kernel::{Clock, Timestamp};
use serde_json::Value;

use super::{Alipay, AlipayConfig, Params, Timeouts, signing};
use crate::{
    crypto::{RsaPrivateKey, RsaPublicKey},
    x509::alipay_number,
};

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../../tests/vectors/alipay.json")).expect("vectors")
}

fn cases(kind: &str) -> Vec<Value> {
    let found: Vec<_> = vectors().into_iter().filter(|case| case["kind"] == kind).collect();
    assert!(!found.is_empty(), "{kind}");
    found
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("{}: no {name}", case["id"]))
}

fn params(case: &Value) -> Params {
    let mut params = Params::default();
    for (name, value) in case["params"].as_object().expect("parameters") {
        // On the wire every parameter is text.
        params.set(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    params
}

fn alipay(public_key: &str) -> Alipay {
    let key = text(&cases("request_sign_rsa2")[0], "private_key_pkcs1_der_b64").to_owned();
    let config = AlipayConfig {
        gateway_url: "http://127.0.0.1:1/gateway.do".into(),
        app_id: "2021".into(),
        seller_id: "2088".into(),
        private_key: key.into(),
        alipay_public_key: public_key.to_owned(),
        certificates: None,
        timeouts: Timeouts::default(),
    };
    Alipay::new(&config, Arc::new(Stopped)).expect("a gateway")
}

#[test]
fn notifications_are_believed_or_not_as_by_the_sdk() {
    for case in cases("notify_verify_rsa2") {
        let believed = alipay(text(&case, "public_key_b64_der")).believe(&params(&case)).is_ok();
        assert_eq!(believed, case["expect"] == "valid", "{}", case["id"]);
    }
}

#[test]
fn an_answer_is_signed_as_the_text_that_stands_in_it() {
    for case in cases("response_signed_text_extraction").iter().chain(&cases("response_verify_rsa2")) {
        if case["raw"].is_string() && case["response_key"].is_string() {
            assert_eq!(
                signing::signed_text(text(case, "raw"), text(case, "response_key")),
                Some(text(case, "signed_text")),
                "{}",
                case["id"]
            );
        }
    }
    for case in cases("response_verify_rsa2") {
        let key = RsaPublicKey::parse(text(&case, "public_key_b64_der")).expect("a key");
        let fits = key.verify(text(&case, "signed_text").as_bytes(), text(&case, "sign")).is_ok();
        assert_eq!(fits, case["expect"] == "valid", "{}", case["id"]);
    }
    for broken in ["", "{", "[]", "{\"a\"", "{\"a\":", "{\"a\":{\"b\":1}", "{\"a\":1,}", "{\"a\\", "\"a\":1"] {
        assert_eq!(signing::signed_text(broken, "b"), None, "{broken}");
    }
    assert_eq!(signing::signed_text("{\"x\":[{\"y\":\"}\"}],\"b\" : {\"c\":\"\\\"}\"} }", "b"), Some("{\"c\":\"\\\"}\"}"));
}

#[test]
fn certificates_have_the_numbers_alipay_knows_them_by() {
    for case in cases("cert_sn") {
        assert_eq!(alipay_number(text(&case, "pem")).as_deref(), Ok(text(&case, "sn")), "{}", case["id"]);
    }
    assert!(alipay_number("").is_err());
    let pem = |id: &str| {
        let found = cases("cert_sn").into_iter().find(|case| text(case, "id").contains(id)).expect("a certificate");
        text(&found, "pem").to_owned()
    };
    let config = AlipayConfig {
        gateway_url: "http://127.0.0.1:1/gateway.do".into(),
        app_id: "2021".into(),
        seller_id: "2088".into(),
        private_key: text(&cases("request_sign_rsa2")[0], "private_key_pkcs1_der_b64").to_owned().into(),
        alipay_public_key: pem("alipayCertPublicKey"),
        certificates: Some((pem("appCertPublicKey"), pem("alipayRootCert"))),
        timeouts: Timeouts::default(),
    };
    let alipay = Alipay::new(&config, Arc::new(Stopped)).expect("a gateway");
    let params = alipay.signed("alipay.trade.query", &serde_json::json!({}), (None, None));
    assert_eq!(params.get("app_cert_sn"), Some("866efef280dec9137a87d047ac446315"));
}

#[test]
fn requests_are_signed_as_by_the_sdk() {
    for case in cases("request_sign_rsa2") {
        let signed = params(&case).text(&["sign"]);
        assert_eq!(signed, text(&case, "signed_text"));
        let key = RsaPrivateKey::parse(text(&case, "private_key_pkcs1_der_b64")).expect("a PKCS#1 key");
        assert_eq!(key.sign(signed.as_bytes()), text(&case, "sign"));
    }
}

#[test]
fn forms_are_read_as_they_are_written_and_nothing_stands_twice() {
    let mut params = Params::default();
    params.set("subject", "拼团 100% & more=+");
    params.set("empty", "");
    let encoded = params.encoded();
    assert_eq!(encoded, "subject=%E6%8B%BC%E5%9B%A2%20100%25%20%26%20more%3D%2B");
    assert_eq!(Params::decoded(&encoded), Some(params));
    assert_eq!(Params::decoded("a=1+2").expect("a form").get("a"), Some("1 2"));
    assert_eq!(Params::decoded("a=1&a=2"), None);
}
