//! What travels between a merchant and the bank: headers, messages and what is signed.
//!
//! A request is signed by the merchant over
//!
//! ```text
//! METHOD \n path?query \n timestamp \n nonce \n body \n
//! ```
//!
//! and an answer or a callback by the bank over
//!
//! ```text
//! timestamp \n nonce \n body \n
//! ```
//!
//! with Ed25519. The path is the whole one the client asked for, mount prefix included; the timestamp is in seconds; an
//! absent body is the empty text. `vectors/sandbox.json` pins all of it for implementations in other places.

use aws_lc_rs::{
    encoding::AsDer,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Currency, Money, Timestamp};
use serde::{Deserialize, Serialize};

/// Request header: who asks.
pub const MERCHANT: &str = "Sandbox-Merchant";
/// Header: when it was signed, in seconds since 1970.
pub const TIMESTAMP: &str = "Sandbox-Timestamp";
/// Header: 16–64 letters and digits, never used twice by one signer.
pub const NONCE: &str = "Sandbox-Nonce";
/// Answer and callback header: which of the bank's keys signed.
pub const SERIAL: &str = "Sandbox-Serial";
/// Header: the signature, base64 with padding.
pub const SIGNATURE: &str = "Sandbox-Signature";

/// How far the signer's clock may be from ours, in seconds, either way.
pub const WINDOW_SECONDS: i64 = 300;

/// What a merchant signs.
pub fn request_message(method: &str, path_and_query: &str, timestamp: i64, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{method}\n{path_and_query}\n{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// What the bank signs, answer or callback.
pub fn answer_message(timestamp: i64, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// A key text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 key in base64 ({0})")]
pub struct InvalidKey(&'static str);

/// A private Ed25519 key.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// A new one.
    pub fn generate() -> Self {
        Self(Ed25519KeyPair::generate().expect("the system's randomness does not fail"))
    }

    /// From PKCS#8 DER, version 1 or 2, in base64.
    pub fn from_pkcs8_base64(text: &str) -> Result<Self, InvalidKey> {
        let der = STANDARD.decode(text.trim()).map_err(|_| InvalidKey("base64"))?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map(Self).map_err(|_| InvalidKey("PKCS#8"))
    }

    /// As PKCS#8 v1 DER in base64.
    pub fn to_pkcs8_base64(&self) -> String {
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = self.0.as_der().expect("a key pair has a PKCS#8 form");
        STANDARD.encode(der.as_ref())
    }

    /// The public half: 32 bytes in base64.
    pub fn public_base64(&self) -> String {
        STANDARD.encode(self.0.public_key().as_ref())
    }

    /// Signs; base64.
    pub fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.0.sign(message).as_ref())
    }
}

/// A public Ed25519 key.
#[derive(Clone, Debug)]
pub struct VerifyingKey(UnparsedPublicKey<Vec<u8>>);

impl VerifyingKey {
    /// From 32 bytes in base64.
    pub fn from_base64(text: &str) -> Result<Self, InvalidKey> {
        let raw = STANDARD.decode(text.trim()).map_err(|_| InvalidKey("base64"))?;
        if raw.len() != 32 {
            return Err(InvalidKey("32 bytes"));
        }
        Ok(Self(UnparsedPublicKey::new(&ED25519, raw)))
    }

    /// True when the base64 `signature` is the key's over `message`.
    pub fn verify(&self, message: &[u8], signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

/// RFC 3339 text for the times inside messages.
pub mod rfc3339 {
    use kernel::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the text.
    pub fn serialize<S: Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&at.to_rfc3339())
    }

    /// Reads the text.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(d)?;
        Timestamp::parse_rfc3339(&text).ok_or_else(|| D::Error::custom("not an RFC 3339 date and time"))
    }

    /// The same for a time that may be missing.
    pub mod option {
        use super::{Deserialize, Deserializer, Error, Serializer, Timestamp};

        /// Writes the text or null.
        pub fn serialize<S: Serializer>(at: &Option<Timestamp>, s: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, s),
                None => s.serialize_none(),
            }
        }

        /// Reads the text or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Timestamp>, D::Error> {
            Option::<String>::deserialize(d)?
                .map(|text| Timestamp::parse_rfc3339(&text).ok_or_else(|| D::Error::custom("not an RFC 3339 date and time")))
                .transpose()
        }
    }
}

/// An amount on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Minor units; above zero in requests.
    pub minor: i64,
    /// A currency the bank knows.
    pub currency: Currency,
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

/// `POST /v1/charges`: asks for money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCharge {
    /// The merchant's number: 1–64 of `A–Z a–z 0–9 _ -`.
    pub merchant_charge_no: String,
    /// How much.
    pub amount: Amount,
    /// What the shopper reads: 1–127 characters.
    pub description: String,
    /// Where callbacks go: absolute, http or https, at most 512 characters.
    pub notify_url: String,
    /// Where the cashier's "back to the shop" leads; the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// The last moment to pay: later than now, within 30 days.
    #[serde(with = "rfc3339")]
    pub expires_at: Timestamp,
}

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChargeStatus {
    /// Waiting for the shopper.
    Pending,
    /// Paid.
    Succeeded,
    /// Cancelled, expired or closed by the merchant; never paid.
    Closed,
}

/// The answer to everything about one charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeView {
    /// The bank's number; nobody can guess it.
    pub charge_id: String,
    /// Whose.
    pub merchant_id: String,
    /// The merchant's number.
    pub merchant_charge_no: String,
    /// How much.
    pub amount: Amount,
    /// What has gone or is going back.
    pub refunded: Amount,
    /// Where it stands.
    pub status: ChargeStatus,
    /// The page where the shopper pays.
    pub cashier_url: String,
    /// Accepted when.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// The last moment to pay.
    #[serde(with = "rfc3339")]
    pub expires_at: Timestamp,
    /// Paid when.
    #[serde(with = "rfc3339::option", default)]
    pub paid_at: Option<Timestamp>,
    /// Closed when.
    #[serde(with = "rfc3339::option", default)]
    pub closed_at: Option<Timestamp>,
}

/// `POST /v1/refunds`: gives money back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRefund {
    /// The merchant's number: 1–64 of `A–Z a–z 0–9 _ -`.
    pub merchant_refund_no: String,
    /// The charge the money came by.
    pub merchant_charge_no: String,
    /// How much; all refunds of a charge together never exceed what was paid.
    pub amount: Amount,
    /// What the shopper reads: 1–80 characters.
    pub reason: String,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundStatus {
    /// On its way.
    Processing,
    /// Arrived.
    Succeeded,
    /// Could not be delivered; the money is the merchant's again.
    Failed,
}

/// The answer to everything about one refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundView {
    /// The bank's number.
    pub refund_id: String,
    /// Whose.
    pub merchant_id: String,
    /// The merchant's number.
    pub merchant_refund_no: String,
    /// The charge the money came by.
    pub merchant_charge_no: String,
    /// How much.
    pub amount: Amount,
    /// Where it stands.
    pub status: RefundStatus,
    /// Accepted when.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// Arrived or failed when.
    #[serde(with = "rfc3339::option", default)]
    pub settled_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default)]
    pub failure: Option<String>,
}

/// `POST /v1/charges/{no}/close` carries this, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseCharge {}

/// The body of every answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorView {
    /// For programs.
    pub code: String,
    /// For logs.
    pub message: String,
}

/// What a callback reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// The shopper paid.
    #[serde(rename = "charge.succeeded")]
    ChargeSucceeded,
    /// It can no longer be paid.
    #[serde(rename = "charge.closed")]
    ChargeClosed,
    /// The money is back.
    #[serde(rename = "refund.succeeded")]
    RefundSucceeded,
    /// The money could not be given back.
    #[serde(rename = "refund.failed")]
    RefundFailed,
}

/// The body of a callback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackEvent {
    /// The same in every repetition.
    pub event_id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// To what.
    pub data: CallbackData,
}

/// What a callback is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackData {
    /// Whose.
    pub merchant_id: String,
    /// The merchant's number of the charge.
    pub merchant_charge_no: String,
    /// The bank's number of the charge.
    pub charge_id: String,
    /// The merchant's number of the refund, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_refund_no: Option<String>,
    /// The bank's number of the refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    /// What was asked, paid or refunded.
    pub amount: Amount,
    /// Why it failed or was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Random bytes as lower-case hexadecimal.
pub(crate) fn random_hex<const N: usize>() -> String {
    let mut bytes = [0_u8; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's randomness does not fail");
    hex::encode(bytes)
}

/// A fresh nonce.
pub fn nonce() -> String {
    random_hex::<16>()
}

/// The seconds a [`TIMESTAMP`] header carries.
pub fn header_seconds(now: Timestamp) -> i64 {
    now.0.div_euclid(1000)
}

/// True when `timestamp` (seconds) is within the window around `now`.
pub fn in_window(timestamp: i64, now: Timestamp) -> bool {
    timestamp.checked_sub(header_seconds(now)).is_some_and(|skew| skew.abs() <= WINDOW_SECONDS)
}

/// True for a nonce of the agreed form.
pub fn is_nonce(text: &str) -> bool {
    (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
