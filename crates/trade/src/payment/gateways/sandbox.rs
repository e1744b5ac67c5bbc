//! The client of the sandbox bank: signed requests over HTTP, signed answers and notifications back.
//!
//! It trusts the bank no further than a signature reaches: an answer that is unsigned, late, cut short or about something
//! else is [`GatewayError::Unknown`], whatever its status says. It never draws a number of its own and never repeats a call
//! by itself; who calls again does so with the same number.
//!
//! What is signed is written down in the bank's protocol; `vectors/sandbox.json` of the bank proves that both agree.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Clock, Currency, Money, Timestamp, seconds};
use reqwest::{Method, StatusCode, Url, header::HeaderMap};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::payment::gateway::{
    ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, Notification, NotificationKind,
    NotificationRefused, PayAction, RefundRef, RefundState,
};

const MERCHANT: &str = "Sandbox-Merchant";
const TIMESTAMP: &str = "Sandbox-Timestamp";
const NONCE: &str = "Sandbox-Nonce";
const SERIAL: &str = "Sandbox-Serial";
const SIGNATURE: &str = "Sandbox-Signature";

/// How far the bank's clock may be from ours, in seconds.
const WINDOW: i64 = 300;

/// More than the bank ever answers.
const ANSWER_LIMIT: usize = 256 * 1024;

/// How to reach the sandbox bank, and how to know it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxGatewayConfig {
    /// Where its API begins, mount prefix included (`http://127.0.0.1:8080/sandbox`).
    pub base_url: String,
    /// Who we are to it.
    pub merchant_id: String,
    /// What we sign with: Ed25519 PKCS#8 DER in base64.
    pub merchant_key: String,
    /// What it signs with: serial and 32 bytes in base64, old and new keys side by side.
    pub bank_public_keys: Vec<(String, String)>,
    /// How long a connection may take.
    #[serde(default = "connect_timeout")]
    pub connect_timeout: Duration,
    /// How long a whole call may take.
    #[serde(default = "total_timeout")]
    pub total_timeout: Duration,
}

fn connect_timeout() -> Duration {
    seconds(2)
}

fn total_timeout() -> Duration {
    seconds(10)
}

impl SandboxGatewayConfig {
    /// With the usual timeouts: 2 s to connect, 10 s in all.
    pub fn new(
        base_url: impl Into<String>,
        merchant_id: impl Into<String>,
        merchant_key: impl Into<String>,
        bank_public_keys: Vec<(String, String)>,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            merchant_id: merchant_id.into(),
            merchant_key: merchant_key.into(),
            bank_public_keys,
            connect_timeout: connect_timeout(),
            total_timeout: total_timeout(),
        }
    }
}

impl std::fmt::Debug for SandboxGatewayConfig {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxGatewayConfig")
            .field("base_url", &self.base_url)
            .field("merchant_id", &self.merchant_id)
            .field("connect_timeout", &self.connect_timeout)
            .field("total_timeout", &self.total_timeout)
            .finish_non_exhaustive()
    }
}

/// Why a configuration does not make a gateway; a sentence for whoever wrote it.
#[derive(Debug, thiserror::Error)]
pub enum SandboxConfigError {
    /// Not an address.
    #[error("the sandbox bank's base_url must be an absolute http or https address, such as http://127.0.0.1:8080/sandbox")]
    BaseUrl,
    /// Cannot be sent in a header.
    #[error("the merchant id must be printable ASCII and not empty")]
    MerchantId,
    /// Not a private key.
    #[error("the merchant key must be an Ed25519 private key, PKCS#8 DER in base64")]
    MerchantKey,
    /// Not a public key.
    #[error("the bank's public key {0} must be 32 bytes in base64")]
    BankKey(String),
    /// Nobody to believe.
    #[error("at least one public key of the bank is needed")]
    NoBankKey,
    /// The HTTP client cannot be built.
    #[error("http client: {0}")]
    Client(#[from] reqwest::Error),
}

/// The sandbox bank, seen from the mall.
pub struct SandboxGateway {
    base_url: String,
    merchant_id: String,
    merchant_key: Ed25519KeyPair,
    bank_keys: Vec<(String, UnparsedPublicKey<Vec<u8>>)>,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl SandboxGateway {
    /// Checks the configuration and makes a gateway of it. Calls nobody yet.
    pub fn new(config: &SandboxGatewayConfig, clock: Arc<dyn Clock>) -> Result<Self, SandboxConfigError> {
        let base_url = config.base_url.trim_end_matches('/').to_owned();
        let plain = Url::parse(&base_url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none());
        if !plain {
            return Err(SandboxConfigError::BaseUrl);
        }
        if config.merchant_id.is_empty() || !config.merchant_id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SandboxConfigError::MerchantId);
        }
        let der = STANDARD.decode(config.merchant_key.trim()).map_err(|_| SandboxConfigError::MerchantKey)?;
        let merchant_key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| SandboxConfigError::MerchantKey)?;
        let bank_keys = config
            .bank_public_keys
            .iter()
            .map(|(serial, text)| {
                let raw = STANDARD.decode(text.trim()).ok().filter(|raw| raw.len() == 32);
                let raw = raw.ok_or_else(|| SandboxConfigError::BankKey(serial.clone()))?;
                Ok((serial.clone(), UnparsedPublicKey::new(&ED25519, raw)))
            })
            .collect::<Result<Vec<_>, SandboxConfigError>>()?;
        if bank_keys.is_empty() {
            return Err(SandboxConfigError::NoBankKey);
        }
        let client = reqwest::Client::builder()
            .connect_timeout(config.connect_timeout)
            .timeout(config.total_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { base_url, merchant_id: config.merchant_id.clone(), merchant_key, bank_keys, client, clock })
    }

    /// One signed call. A signed refusal comes back as [`Answer::Refused`]; everything doubtful is an error.
    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Answer<T>, GatewayError> {
        let url = Url::parse(&format!("{}{path}", self.base_url)).map_err(|error| GatewayError::Unavailable(error.to_string()))?;
        let body = body.unwrap_or_default();
        let (timestamp, nonce) = (header_seconds(self.clock.now()), nonce());
        let message = request_message(method.as_str(), url.path(), timestamp, &nonce, &body);
        let mut request = self
            .client
            .request(method, url)
            .header(MERCHANT, &self.merchant_id)
            .header(TIMESTAMP, timestamp)
            .header(NONCE, nonce)
            .header(SIGNATURE, STANDARD.encode(self.merchant_key.sign(&message)));
        if !body.is_empty() {
            request = request.header("Content-Type", "application/json").body(body);
        }
        let mut response = request.send().await.map_err(|error| {
            // Only a connection that was never made proves that nothing arrived.
            if error.is_connect() || error.is_builder() { unavailable(&error) } else { unknown(&error) }
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unknown(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_LIMIT {
                return Err(GatewayError::Unknown("the answer is too long".into()));
            }
        }
        self.verify(|name| one(&headers, name), &body)
            .map_err(|refused| GatewayError::Unknown(format!("status {}, not to be believed: {refused}", status.as_u16())))?;
        judge(status, &body)
    }

    /// Proves that the bank signed `body` just now.
    fn verify<'h>(&self, header: impl Fn(&'static str) -> Option<&'h str>, body: &[u8]) -> Result<(), NotificationRefused> {
        let need = |name: &'static str| header(name).ok_or(NotificationRefused::Header(name));
        let (timestamp, nonce, serial, signature) = (need(TIMESTAMP)?, need(NONCE)?, need(SERIAL)?, need(SIGNATURE)?);
        let seconds = timestamp.parse::<i64>().map_err(|_| NotificationRefused::Header(TIMESTAMP))?;
        let signature = STANDARD.decode(signature).map_err(|_| NotificationRefused::Header(SIGNATURE))?;
        let fresh = seconds.checked_sub(header_seconds(self.clock.now())).is_some_and(|skew| skew.abs() <= WINDOW);
        if !fresh {
            return Err(NotificationRefused::Stale);
        }
        let (_, key) = self.bank_keys.iter().find(|(known, _)| known == serial).ok_or(NotificationRefused::UnknownKey)?;
        key.verify(&answer_message(timestamp, nonce, body), &signature).map_err(|_| NotificationRefused::BadSignature)
    }

    /// The notification in a body, if the bank signed it for us just now.
    fn read(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        let one = |name: &str| {
            let mut found = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
            match (found.next(), found.next()) {
                (Some((_, value)), None) => Some(value.as_str()),
                _ => None,
            }
        };
        self.verify(one, body)?;
        let malformed = |error: &dyn std::fmt::Display| NotificationRefused::Malformed(error.to_string());
        let raw = std::str::from_utf8(body).map_err(|error| malformed(&error))?;
        let event: EventBody = serde_json::from_str(raw).map_err(|error| malformed(&error))?;
        let data = event.data;
        if data.merchant_id != self.merchant_id {
            return Err(NotificationRefused::ForeignMerchant);
        }
        let (kind, about_refund) = match event.kind.as_str() {
            "charge.succeeded" => (NotificationKind::ChargeSucceeded, false),
            "charge.closed" => (NotificationKind::ChargeClosed, false),
            "refund.succeeded" => (NotificationKind::RefundSucceeded, true),
            "refund.failed" => (NotificationKind::RefundFailed, true),
            other => return Err(NotificationRefused::Malformed(format!("unknown type {other}"))),
        };
        let (refund_no, provider_id) = match (about_refund, data.merchant_refund_no, data.refund_id) {
            (true, Some(refund_no), Some(refund_id)) => (Some(refund_no), refund_id),
            (false, None, None) => (None, data.charge_id),
            _ => return Err(NotificationRefused::Malformed("refund numbers do not fit the type".into())),
        };
        Ok(Notification {
            event_id: event.event_id,
            kind,
            charge_no: data.merchant_charge_no,
            refund_no,
            provider_id,
            amount: data.amount.into(),
            merchant: data.merchant_id,
            happened_at: event.created_at.0,
            reason: data.reason,
            raw: raw.to_owned(),
        })
    }

    /// The charge asked about, and no other.
    fn charge(&self, charge_no: &str, view: ChargeView) -> Result<ChargeView, GatewayError> {
        if view.merchant_id == self.merchant_id && view.merchant_charge_no == charge_no { Ok(view) } else { Err(elsewhere()) }
    }

    /// The refund asked about, and no other.
    fn refund_state(&self, refund_no: &str, view: RefundView) -> Result<RefundState, GatewayError> {
        if view.merchant_id != self.merchant_id || view.merchant_refund_no != refund_no {
            return Err(elsewhere());
        }
        let (provider_refund_id, amount) = (view.refund_id, view.amount.into());
        Ok(match (view.status, view.settled_at) {
            (RefundStatus::Processing, _) => RefundState::Processing { provider_refund_id },
            (RefundStatus::Succeeded, Some(refunded_at)) => {
                RefundState::Succeeded { provider_refund_id, amount, refunded_at: refunded_at.0 }
            }
            (RefundStatus::Succeeded, None) => return Err(GatewayError::Unknown("refunded, but not when".into())),
            (RefundStatus::Failed, _) => RefundState::Failed { provider_refund_id, reason: view.failure.unwrap_or_default() },
        })
    }
}

#[async_trait]
impl Gateway for SandboxGateway {
    fn code(&self) -> &'static str {
        "sandbox"
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        let body = write(&ChargeBody {
            merchant_charge_no: &charge.charge_no,
            amount: charge.amount.into(),
            description: &charge.description,
            notify_url: &charge.notify_url,
            return_url: charge.return_url.as_deref(),
            expires_at: charge.expires_at.to_rfc3339(),
        });
        let view = self.call::<ChargeView>(Method::POST, "/v1/charges", Some(body)).await?.accepted()?;
        let view = self.charge(&charge.charge_no, view)?;
        if Money::from(view.amount) != charge.amount {
            return Err(elsewhere());
        }
        Ok(ChargeCreated { provider_charge_id: view.charge_id, action: PayAction::Redirect(view.cashier_url) })
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let charge_no = charge.charge_no.as_str();
        number(charge_no)?;
        match self.call::<ChargeView>(Method::GET, &format!("/v1/charges/{charge_no}"), None).await? {
            Answer::Accepted(view) => state(self.charge(charge_no, view)?),
            Answer::Refused { code, .. } if code == "CHARGE_NOT_FOUND" => Ok(ChargeState::Absent),
            Answer::Refused { code, message } => Err(GatewayError::Refused { code, message }),
        }
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let charge_no = charge.charge_no.as_str();
        number(charge_no)?;
        match self.call::<ChargeView>(Method::POST, &format!("/v1/charges/{charge_no}/close"), None).await? {
            Answer::Accepted(view) => state(self.charge(charge_no, view)?),
            Answer::Refused { code, .. } if code == "CHARGE_NOT_FOUND" => Ok(ChargeState::Absent),
            Answer::Refused { code, .. } if code == "CHARGE_PAID" => self.query(charge).await,
            Answer::Refused { code, message } => Err(GatewayError::Refused { code, message }),
        }
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        let body = write(&RefundBody {
            merchant_refund_no: &refund.refund_no,
            merchant_charge_no: &refund.charge_no,
            amount: refund.amount.into(),
            reason: &refund.reason,
        });
        let view = self.call::<RefundView>(Method::POST, "/v1/refunds", Some(body)).await?.accepted()?;
        if view.merchant_charge_no != refund.charge_no || Money::from(view.amount) != refund.amount {
            return Err(elsewhere());
        }
        self.refund_state(&refund.refund_no, view)
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        let refund_no = refund.refund_no.as_str();
        number(refund_no)?;
        match self.call::<RefundView>(Method::GET, &format!("/v1/refunds/{refund_no}"), None).await? {
            Answer::Accepted(view) => self.refund_state(refund_no, view),
            Answer::Refused { code, .. } if code == "REFUND_NOT_FOUND" => Ok(RefundState::Absent),
            Answer::Refused { code, message } => Err(GatewayError::Refused { code, message }),
        }
    }

    async fn verify_notification(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        self.read(headers, body)
    }
}

/// What the bank said under its signature.
enum Answer<T> {
    Accepted(T),
    Refused { code: String, message: String },
}

impl<T> Answer<T> {
    fn accepted(self) -> Result<T, GatewayError> {
        match self {
            Self::Accepted(value) => Ok(value),
            Self::Refused { code, message } => Err(GatewayError::Refused { code, message }),
        }
    }
}

/// Reads a verified answer by its status.
fn judge<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<Answer<T>, GatewayError> {
    if status.is_success() {
        return serde_json::from_slice(body)
            .map(Answer::Accepted)
            .map_err(|error| GatewayError::Unknown(format!("the answer does not read: {error}")));
    }
    let error: ErrorBody = serde_json::from_slice(body)
        .map_err(|error| GatewayError::Unknown(format!("status {}, the error does not read: {error}", status.as_u16())))?;
    match status {
        // Our key, our clock or our quota is wrong, not the request: it was not looked at and may succeed later.
        StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Err(GatewayError::Unavailable(format!("{}: {}", error.code, error.message)))
        }
        status if status.is_client_error() => Ok(Answer::Refused { code: error.code, message: error.message }),
        _ => Err(GatewayError::Unknown(format!("{}: {}", error.code, error.message))),
    }
}

fn state(view: ChargeView) -> Result<ChargeState, GatewayError> {
    let provider_charge_id = view.charge_id;
    match (view.status, view.paid_at) {
        (ChargeStatus::Pending, _) => Ok(ChargeState::Pending { provider_charge_id }),
        (ChargeStatus::Succeeded, Some(paid_at)) => {
            Ok(ChargeState::Succeeded { provider_charge_id, amount: view.amount.into(), paid_at: paid_at.0 })
        }
        (ChargeStatus::Succeeded, None) => Err(GatewayError::Unknown("paid, but not when".into())),
        (ChargeStatus::Closed, _) => Ok(ChargeState::Closed),
    }
}

/// A number goes into a path: only what the bank would accept anyway.
fn number(text: &str) -> Result<(), GatewayError> {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits {
        Ok(())
    } else {
        Err(GatewayError::Refused { code: "PARAM_ERROR".into(), message: "a number is 1 to 64 of A-Z a-z 0-9 _ -".into() })
    }
}

fn elsewhere() -> GatewayError {
    GatewayError::Unknown("the answer is about something else".into())
}

fn unknown(error: &reqwest::Error) -> GatewayError {
    GatewayError::Unknown(chain(error))
}

fn unavailable(error: &reqwest::Error) -> GatewayError {
    GatewayError::Unavailable(chain(error))
}

/// An HTTP client's error says little without its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn one<'h>(headers: &'h HeaderMap, name: &'static str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next().and_then(|value| value.to_str().ok()), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

fn header_seconds(now: Timestamp) -> i64 {
    now.0.div_euclid(1000)
}

fn nonce() -> String {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's randomness does not fail");
    hex::encode(bytes)
}

fn request_message(method: &str, path: &str, timestamp: i64, nonce: &str, body: &[u8]) -> Vec<u8> {
    [format!("{method}\n{path}\n{timestamp}\n{nonce}\n").as_bytes(), body, b"\n"].concat()
}

fn answer_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    [format!("{timestamp}\n{nonce}\n").as_bytes(), body, b"\n"].concat()
}

fn write(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("a request is plain data")
}

// The bank's messages. Read liberally: a provider adds fields without asking.

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Amount {
    minor: i64,
    currency: Currency,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency }
    }
}

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        Self::new(amount.minor, amount.currency)
    }
}

/// A time in RFC 3339.
#[derive(Clone, Copy)]
struct At(Timestamp);

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Timestamp::parse_rfc3339(&text).map(Self).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 date and time"))
    }
}

#[derive(Serialize)]
struct ChargeBody<'a> {
    merchant_charge_no: &'a str,
    amount: Amount,
    description: &'a str,
    notify_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_url: Option<&'a str>,
    expires_at: String,
}

#[derive(Serialize)]
struct RefundBody<'a> {
    merchant_refund_no: &'a str,
    merchant_charge_no: &'a str,
    amount: Amount,
    reason: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ChargeStatus {
    Pending,
    Succeeded,
    Closed,
}

#[derive(Deserialize)]
struct ChargeView {
    charge_id: String,
    merchant_id: String,
    merchant_charge_no: String,
    amount: Amount,
    status: ChargeStatus,
    cashier_url: String,
    paid_at: Option<At>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum RefundStatus {
    Processing,
    Succeeded,
    Failed,
}

#[derive(Deserialize)]
struct RefundView {
    refund_id: String,
    merchant_id: String,
    merchant_refund_no: String,
    merchant_charge_no: String,
    amount: Amount,
    status: RefundStatus,
    settled_at: Option<At>,
    failure: Option<String>,
}

#[derive(Deserialize)]
struct ErrorBody {
    code: String,
    message: String,
}

#[derive(Deserialize)]
struct EventBody {
    event_id: String,
    #[serde(rename = "type")]
    kind: String,
    created_at: At,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    merchant_id: String,
    merchant_charge_no: String,
    charge_id: String,
    merchant_refund_no: Option<String>,
    refund_id: Option<String>,
    amount: Amount,
    reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    struct Stopped(Timestamp);

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../../../sandbox/vectors/sandbox.json")).unwrap()
    }

    fn text<'v>(value: &'v Value, field: &str) -> &'v str {
        value[field].as_str().unwrap_or_else(|| panic!("{field}"))
    }

    fn config(v: &Value) -> SandboxGatewayConfig {
        let bank = (text(&v["bank"], "serial").to_owned(), text(&v["bank"], "public_key").to_owned());
        SandboxGatewayConfig::new("http://bank.test/", text(&v["merchant"], "id"), text(&v["merchant"], "private_key"), vec![bank])
    }

    fn gateway(v: &Value, now: i64) -> SandboxGateway {
        SandboxGateway::new(&config(v), Arc::new(Stopped(Timestamp(now * 1000)))).unwrap()
    }

    const SIGNED_AT: i64 = 1_762_819_200;

    fn headers(v: &Value, case: &Value) -> Vec<(String, String)> {
        vec![
            ("content-type".into(), "application/json".into()),
            ("sandbox-timestamp".into(), case["timestamp"].to_string()),
            ("sandbox-nonce".into(), text(case, "nonce").into()),
            ("sandbox-serial".into(), text(&v["bank"], "serial").into()),
            ("sandbox-signature".into(), text(case, "signature").into()),
        ]
    }

    #[test]
    fn requests_are_signed_and_written_byte_for_byte_as_the_bank_reads_them() {
        let v = vectors();
        let gateway = gateway(&v, SIGNED_AT);
        for case in v["requests"].as_array().unwrap() {
            let at = case["timestamp"].as_i64().unwrap();
            let message = request_message(text(case, "method"), text(case, "path"), at, text(case, "nonce"), text(case, "body").as_bytes());
            assert_eq!(message, text(case, "message").as_bytes(), "{}", case["name"]);
            assert_eq!(STANDARD.encode(gateway.merchant_key.sign(&message)), text(case, "signature"), "{}", case["name"]);
        }
        let charge = ChargeBody {
            merchant_charge_no: "PAY20251111-0001",
            amount: Money::new(5900, Currency::Cny).into(),
            description: "三罐茶 three tins of tea",
            notify_url: "https://shop.example/pay/notify/sandbox",
            return_url: Some("https://shop.example/orders/1"),
            expires_at: Timestamp::parse_rfc3339("2025-11-11T00:30:00Z").unwrap().to_rfc3339(),
        };
        assert_eq!(write(&charge), text(&v["requests"][0], "body").as_bytes());
        let refund = RefundBody {
            merchant_refund_no: "ORD1-team-failed",
            merchant_charge_no: "PAY20251111-0001",
            amount: Money::new(5900, Currency::Cny).into(),
            reason: "未成团 the team did not form",
        };
        assert_eq!(write(&refund), text(&v["requests"][4], "body").as_bytes());
    }

    #[test]
    fn signed_answers_are_believed_and_read() {
        let v = vectors();
        let gateway = gateway(&v, SIGNED_AT);
        for case in v["answers"].as_array().unwrap() {
            let at = case["timestamp"].to_string();
            let header = |name| match name {
                TIMESTAMP => Some(at.as_str()),
                NONCE => Some(text(case, "nonce")),
                SERIAL => Some(text(&v["bank"], "serial")),
                SIGNATURE => Some(text(case, "signature")),
                _ => None,
            };
            assert_eq!(gateway.verify(header, text(case, "body").as_bytes()), Ok(()), "{}", case["name"]);
        }
        let charge: ChargeView = serde_json::from_str(text(&v["answers"][0], "body")).unwrap();
        assert_eq!(
            state(charge).unwrap(),
            ChargeState::Succeeded {
                provider_charge_id: "chg_00112233445566778899aabbccddeeff".into(),
                amount: Money::new(5900, Currency::Cny),
                paid_at: Timestamp::parse_rfc3339("2025-11-11T00:01:00.250Z").unwrap(),
            }
        );
        let refund: RefundView = serde_json::from_str(text(&v["answers"][1], "body")).unwrap();
        assert!(matches!(gateway.refund_state("ORD1-team-failed", refund), Ok(RefundState::Succeeded { .. })));
        let refund: RefundView = serde_json::from_str(text(&v["answers"][1], "body")).unwrap();
        assert!(matches!(gateway.refund_state("ORD2-team-failed", refund), Err(GatewayError::Unknown(_))), "about another refund");
    }

    #[test]
    fn a_status_decides_only_what_may_happen_next() {
        let v = vectors();
        let body = text(&v["answers"][2], "body").as_bytes();
        let judged = |status: u16, body: &[u8]| judge::<ChargeView>(StatusCode::from_u16(status).unwrap(), body);
        assert!(matches!(judged(409, body), Ok(Answer::Refused { code, .. }) if code == "CHARGE_CONFLICT"));
        for status in [401, 429, 503] {
            assert!(matches!(judged(status, body), Err(GatewayError::Unavailable(_))), "{status}");
        }
        for status in [302, 500, 502, 504] {
            assert!(matches!(judged(status, body), Err(GatewayError::Unknown(_))), "{status}");
        }
        assert!(matches!(judged(200, body), Err(GatewayError::Unknown(_))), "an error is no charge");
        assert!(matches!(judged(409, b"<html>"), Err(GatewayError::Unknown(_))));
    }

    #[test]
    fn genuine_notifications_are_read() {
        let v = vectors();
        let gateway = gateway(&v, SIGNED_AT + WINDOW);
        let read = |n: usize| {
            let case = &v["notifications"][n];
            gateway.read(&headers(&v, case), text(case, "body").as_bytes()).unwrap()
        };
        let paid = read(0);
        assert_eq!(
            (paid.event_id.as_str(), paid.kind, paid.charge_no.as_str()),
            ("evt_0001", NotificationKind::ChargeSucceeded, "PAY20251111-0001")
        );
        assert_eq!((paid.refund_no, paid.amount), (None, Money::new(5900, Currency::Cny)));
        assert_eq!((paid.merchant.as_str(), paid.raw.as_str()), ("liebian-vector", text(&v["notifications"][0], "body")));
        assert_eq!((read(1).kind, read(1).reason.as_deref()), (NotificationKind::ChargeClosed, Some("expired")));
        assert_eq!((read(2).kind, read(2).refund_no.as_deref()), (NotificationKind::RefundSucceeded, Some("ORD1-team-failed")));
        assert_eq!((read(3).kind, read(3).reason.as_deref()), (NotificationKind::RefundFailed, Some("account closed")));
    }

    #[test]
    fn anything_else_is_not_believed() {
        let v = vectors();
        let case = &v["notifications"][0];
        let (good, body) = (headers(&v, case), text(case, "body").as_bytes());
        let now = gateway(&v, SIGNED_AT);
        let with = |name: &str, value: &str| {
            let mut headers = good.clone();
            headers.iter_mut().filter(|(key, _)| key == name).for_each(|(_, v)| *v = value.to_owned());
            now.read(&headers, body)
        };
        use NotificationRefused::{BadSignature, ForeignMerchant, Header, Malformed, Stale, UnknownKey};
        for name in [TIMESTAMP, NONCE, SERIAL, SIGNATURE] {
            let without: Vec<_> = good.iter().filter(|(key, _)| !key.eq_ignore_ascii_case(name)).cloned().collect();
            assert_eq!(now.read(&without, body), Err(Header(name)));
            let twice = [good.clone(), good.clone()].concat();
            assert!(now.read(&twice, body).is_err(), "{name} twice");
        }
        assert_eq!(with("sandbox-timestamp", "soon"), Err(Header(TIMESTAMP)));
        assert_eq!(with("sandbox-timestamp", &i64::MIN.to_string()), Err(Stale));
        assert_eq!(with("sandbox-timestamp", &(SIGNED_AT + 1).to_string()), Err(BadSignature));
        assert_eq!(with("sandbox-nonce", "another"), Err(BadSignature));
        assert_eq!(with("sandbox-serial", "stranger"), Err(UnknownKey));
        assert_eq!(with("sandbox-signature", "***"), Err(Header(SIGNATURE)));
        assert_eq!(with("sandbox-signature", &STANDARD.encode([0; 64])), Err(BadSignature));
        assert_eq!(now.read(&good, &body[..body.len() / 2]), Err(BadSignature));
        for late in [SIGNED_AT + WINDOW + 1, SIGNED_AT - WINDOW - 1] {
            assert_eq!(gateway(&v, late).read(&good, body), Err(Stale));
        }
        let other = SandboxGatewayConfig { merchant_id: "somebody-else".into(), ..config(&v) };
        let other = SandboxGateway::new(&other, Arc::new(Stopped(Timestamp(SIGNED_AT * 1000)))).unwrap();
        assert_eq!(other.read(&good, body), Err(ForeignMerchant));
        // An answer of the bank is signed the same way, but is no notification.
        let answer = &v["answers"][0];
        assert!(matches!(now.read(&headers(&v, answer), text(answer, "body").as_bytes()), Err(Malformed(_))));
    }

    #[test]
    fn a_wrong_configuration_is_refused_with_a_sentence() {
        let v = vectors();
        let refused =
            |config: SandboxGatewayConfig| SandboxGateway::new(&config, Arc::new(Stopped(Timestamp(0)))).err().unwrap().to_string();
        assert!(refused(SandboxGatewayConfig { base_url: "bank".into(), ..config(&v) }).contains("base_url"));
        assert!(refused(SandboxGatewayConfig { base_url: "http://bank.test/?x=1".into(), ..config(&v) }).contains("base_url"));
        assert!(refused(SandboxGatewayConfig { merchant_id: "商户".into(), ..config(&v) }).contains("merchant id"));
        assert!(refused(SandboxGatewayConfig { merchant_key: "c2hvcnQ=".into(), ..config(&v) }).contains("merchant key"));
        assert!(refused(SandboxGatewayConfig { bank_public_keys: vec![("k1".into(), "c2hvcnQ=".into())], ..config(&v) }).contains("k1"));
        assert!(refused(SandboxGatewayConfig { bank_public_keys: vec![], ..config(&v) }).contains("at least one"));
        assert!(!format!("{:?}", config(&v)).contains(text(&v["merchant"], "private_key")), "the key is not printed");
    }

    #[test]
    fn a_number_that_could_leave_its_path_is_refused_before_anybody_is_called() {
        for bad in ["", "a/b", "..", "a?b", "号", &"n".repeat(65)] {
            assert!(matches!(number(bad), Err(GatewayError::Refused { .. })), "{bad}");
        }
        assert_eq!(number("ORD1-team_failed"), Ok(()));
    }
}
