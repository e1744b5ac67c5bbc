//! The vectors of WeChat's own SDKs.

use std::sync::{Arc, RwLock};

use kernel::{Clock, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use trade::payment::gateway::NotificationRefused;

use super::{Wire, wire::Certificates};
use crate::{
    crypto::{RsaPrivateKey, RsaPublicKey, der, open_gcm},
    http,
    wechat::wire,
    x509::Certificate,
};

struct Stopped(i64);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp(self.0 * 1000)
    }
}

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    #[serde(default)]
    expect: Option<String>,
    #[serde(flatten)]
    more: Value,
}

impl Case {
    fn text(&self, name: &str) -> &str {
        self.more[name].as_str().unwrap_or_else(|| panic!("{}: no {name}", self.id))
    }

    fn key(&self) -> RsaPrivateKey {
        RsaPrivateKey::parse(self.text("private_key_pkcs8_der_b64")).expect("a key")
    }
}

fn cases(kind: &str) -> Vec<Case> {
    let all: Vec<Case> = serde_json::from_str(include_str!("../../tests/vectors/wechatpay_v3.json")).expect("vectors");
    let found: Vec<_> = all.into_iter().filter(|case| case.kind == kind).collect();
    assert!(!found.is_empty(), "{kind}");
    found
}

#[test]
fn signatures_are_those_of_the_sdks() {
    for case in cases("rsa_sha256_sign") {
        assert_eq!(case.key().sign(case.text("message").as_bytes()), case.text("signature_b64"), "{}", case.id);
    }
    for case in cases("rsa_sha256_verify") {
        let certificate = Certificate::parse(case.text("certificate_pem")).expect("a certificate");
        assert_eq!(certificate.serial, case.text("serial"), "{}", case.id);
        let fits = certificate.key.verify(case.text("message").as_bytes(), case.text("signature_b64")).is_ok();
        assert_eq!(fits, case.expect.as_deref() == Some("valid"), "{}", case.id);
    }
    for case in cases("rsa_sha256_verify_public_key") {
        let key = RsaPublicKey::parse(case.text("public_key_pem")).expect("a key");
        assert!(key.verify(case.text("message").as_bytes(), case.text("signature_b64")).is_err(), "{}", case.id);
    }
}

#[test]
fn seals_open_or_are_refused_and_never_panic() {
    for case in cases("rsa_oaep_sha1_decrypt") {
        let opened = case.key().open_oaep(case.text("ciphertext_b64"));
        match case.expect.as_deref() {
            Some("error") => assert!(opened.is_err(), "{}", case.id),
            _ => assert_eq!(opened.expect(&case.id), case.text("plaintext").as_bytes()),
        }
    }
    for case in cases("aes_256_gcm_decrypt").into_iter().chain(cases("aes_gcm_decrypt_16_byte_key")) {
        let sealed = (case.text("associated_data"), case.text("ciphertext_b64"));
        let opened = open_gcm(case.text("api_v3_key").as_bytes(), case.text("nonce"), sealed);
        match case.expect.as_deref() {
            Some("error") => assert!(opened.is_err(), "{}", case.id),
            _ => assert_eq!(opened.expect(&case.id), case.text("plaintext").as_bytes()),
        }
    }
    for case in cases("certificate_download_decrypt") {
        let sealed = (case.text("associated_data"), case.text("ciphertext_b64"));
        let pem = open_gcm(case.text("api_v3_key").as_bytes(), case.text("nonce"), sealed).expect(&case.id);
        let certificate = Certificate::parse(std::str::from_utf8(&pem).expect("text")).expect("a certificate");
        assert_eq!(certificate.serial, case.text("plaintext_serial_hex"));
    }
}

#[test]
fn what_is_signed_is_what_the_sdks_sign() {
    for case in cases("authorization_message") {
        let body = (case.text("nonce"), case.text("body"));
        assert_eq!(wire::request_message(case.text("method"), case.text("url"), case.text("timestamp"), body), case.text("message"));
    }
}

#[tokio::test]
async fn callbacks_are_believed_or_not_as_by_the_sdks() {
    let key = cases("rsa_sha256_sign")[0].text("private_key_pkcs8_der_b64").to_owned();
    for case in cases("callback") {
        let now = case.more["now_unix"].as_i64().expect("a time");
        let wire = Wire {
            base_url: "http://127.0.0.1:1".into(),
            mchid: "1234567890".into(),
            serial: "0A".into(),
            key: RsaPrivateKey::parse(&key).expect("a key"),
            api_v3_key: case.text("api_v3_key").as_bytes().to_vec(),
            public_key: None,
            certificates: RwLock::new(Certificates::default()),
            client: http::client(http::Timeouts::default()).expect("a client"),
            clock: Arc::new(Stopped(now)),
        };
        wire.trust(Certificate::parse(case.text("platform_certificate_pem")).expect("a certificate"));
        let headers: Vec<(String, String)> = case.more["headers"]
            .as_object()
            .expect("headers")
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        let body = case.text("body");
        let believed = wire.verify(|name| http::one(&headers, name), body.as_bytes()).await;
        let opened = || {
            let event: super::Event = serde_json::from_str(body).ok()?;
            let sealed = (event.resource.associated_data.as_str(), event.resource.ciphertext.as_str());
            open_gcm(&wire.api_v3_key, &event.resource.nonce, sealed).ok()
        };
        let valid = believed.is_ok() && opened().is_some();
        assert_eq!(valid, case.expect.as_deref() == Some("valid"), "{}: {believed:?}", case.id);
        if valid {
            assert_eq!(opened().expect("opens"), case.text("plaintext").as_bytes());
            let signtest: Vec<_> = headers
                .iter()
                .map(|(name, value)| {
                    let probe = name.eq_ignore_ascii_case("Wechatpay-Signature");
                    (name.clone(), if probe { format!("WECHATPAY/SIGNTEST/{value}") } else { value.clone() })
                })
                .collect();
            let probed = wire.verify(|name| http::one(&signtest, name), body.as_bytes()).await;
            assert_eq!(probed, Err(NotificationRefused::BadSignature), "WeChat probes whether signatures are checked at all");
        }
    }
}

#[test]
fn a_certificate_that_is_cut_anywhere_is_refused_without_a_panic() {
    let pem = cases("rsa_sha256_verify")[0].text("certificate_pem").to_owned();
    let whole = der(&pem).expect("base64");
    for length in 0..whole.len() - 300 {
        assert!(Certificate::from_der(&whole[..length]).is_err(), "{length}");
    }
}
