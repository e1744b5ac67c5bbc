//! The port every payment provider stands behind.
//!
//! Numbers are ours and are the key of everything: asking twice with one number is one charge, one refund. That is what
//! makes [`GatewayError::Unknown`] harmless: ask [`Gateway::query`] with the same number, or send the same request again.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use kernel::{Fault, Money, Timestamp};
use serde::{Deserialize, Serialize};

/// A payment provider, as far as money in and money back is concerned.
///
/// No call may be made while a database transaction is open: a provider may take seconds to answer.
#[async_trait]
pub trait Gateway: Send + Sync + 'static {
    /// The name under which payments remember it (`sandbox`) and its notifications arrive (`/pay/notify/sandbox`).
    fn code(&self) -> &'static str;

    /// Asks for money. The same number with the same content answers the same charge, however often it is asked.
    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError>;

    /// What the provider knows of a charge; the truth after a lost answer or a lost notification.
    async fn query(&self, charge_no: &str) -> Result<ChargeState, GatewayError>;

    /// Makes sure the charge can no longer be paid. A charge that was paid in the meantime answers
    /// [`ChargeState::Succeeded`]: the money is here and must be dealt with.
    async fn close(&self, charge_no: &str) -> Result<ChargeState, GatewayError>;

    /// Gives money back to where it came from. The same number is the same refund, however often it is asked.
    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError>;

    /// What the provider knows of a refund.
    async fn query_refund(&self, refund_no: &str) -> Result<RefundState, GatewayError>;

    /// Reads a notification if, and only if, it was signed by the provider, for our merchant, just now.
    ///
    /// It says nothing about whether the number and the amount are ones we asked for: the caller compares them with its
    /// own payment, and drops an `event_id` it has seen (a provider delivers at least once, in any order).
    fn verify_notification(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused>;
}

/// The providers this mall takes money through, by code. Plugged once at start; found by [`Gateways::get`].
#[derive(Clone, Default)]
pub struct Gateways(BTreeMap<&'static str, Arc<dyn Gateway>>);

impl Gateways {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more; a second gateway of the same code replaces the first.
    #[must_use]
    pub fn with(mut self, gateway: Arc<dyn Gateway>) -> Self {
        self.0.insert(gateway.code(), gateway);
        self
    }

    /// The provider of that code, if the mall takes money through it.
    pub fn get(&self, code: &str) -> Option<Arc<dyn Gateway>> {
        self.0.get(code).cloned()
    }

    /// The codes, sorted.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.keys().copied()
    }
}

/// What to ask money for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCharge {
    /// Our number of the attempt: 1–64 of `A–Z a–z 0–9 _ -`, never reused.
    pub charge_no: String,
    /// How much; above zero.
    pub amount: Money,
    /// What the shopper reads at the provider.
    pub description: String,
    /// Where the provider reports to, absolute.
    pub notify_url: String,
    /// Where the provider's page sends the shopper afterwards, absolute; proves nothing about the payment.
    pub return_url: Option<String>,
    /// After this the provider takes no money for it.
    pub expires_at: Timestamp,
    /// The shopper as the provider knows them, for channels that need it (a WeChat openid).
    pub payer: Option<String>,
}

/// A charge the provider accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeCreated {
    /// The provider's own number.
    pub provider_charge_id: String,
    /// What the shopper's device does next.
    pub action: PayAction,
}

/// How the shopper gets to the point of paying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PayAction {
    /// Open this address.
    Redirect(String),
}

/// Where a charge stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargeState {
    /// The provider never heard of the number: the request did not arrive and may be sent again.
    Absent,
    /// Waiting for the shopper.
    Pending {
        /// The provider's own number.
        provider_charge_id: String,
    },
    /// The money is here.
    Succeeded {
        /// The provider's own number.
        provider_charge_id: String,
        /// What was paid, to be compared with what was asked.
        amount: Money,
        /// When.
        paid_at: Timestamp,
    },
    /// It can no longer be paid: cancelled, expired or closed by us.
    Closed,
}

/// What to give back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRefund {
    /// Our number of the refund, deterministic, so that a crash before the commit asks for the same refund again.
    pub refund_no: String,
    /// The charge the money came by.
    pub charge_no: String,
    /// How much of it; above zero, in the charge's currency.
    pub amount: Money,
    /// What the shopper reads.
    pub reason: String,
}

/// Where a refund stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundState {
    /// The provider never heard of the number: the request did not arrive and may be sent again.
    Absent,
    /// Accepted; the outcome comes by notification or [`Gateway::query_refund`].
    Processing {
        /// The provider's own number.
        provider_refund_id: String,
    },
    /// The money is back.
    Succeeded {
        /// The provider's own number.
        provider_refund_id: String,
        /// How much went back.
        amount: Money,
        /// When.
        refunded_at: Timestamp,
    },
    /// The provider could not give the money back; a person has to.
    Failed {
        /// The provider's own number.
        provider_refund_id: String,
        /// In the provider's words.
        reason: String,
    },
}

/// Why a provider did not answer what was asked. Which of the three decides what may happen next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The provider said no, under its signature. Final: the same request gets the same answer.
    #[error("the provider refused: {code}: {message}")]
    Refused {
        /// The provider's code.
        code: String,
        /// The provider's words, for logs.
        message: String,
    },
    /// It may or may not have happened (no answer, half an answer, an answer nobody signed). Resolve it with the same number.
    #[error("the provider's answer is unknown: {0}")]
    Unknown(String),
    /// It did not happen (no connection, or the provider says it is busy). Try again later.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
}

impl From<GatewayError> for Fault {
    fn from(error: GatewayError) -> Self {
        Self::upstream("payment gateway", error)
    }
}

/// What a provider reports by itself, signature verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The provider's number of the report; the key of the inbox.
    pub event_id: String,
    /// What happened.
    pub kind: NotificationKind,
    /// Our number of the charge it is about (also on refunds).
    pub charge_no: String,
    /// Our number of the refund, when it is about one.
    pub refund_no: Option<String>,
    /// The provider's own number of the charge or refund.
    pub provider_id: String,
    /// What was paid, refunded or not refunded; to be compared with what was asked.
    pub amount: Money,
    /// The merchant it is for; already found to be us.
    pub merchant: String,
    /// When it happened at the provider.
    pub happened_at: Timestamp,
    /// The provider's words when something failed.
    pub reason: Option<String>,
    /// The body as it came, for the inbox.
    pub raw: String,
}

/// What a notification reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NotificationKind {
    /// The shopper paid.
    ChargeSucceeded,
    /// The charge can no longer be paid.
    ChargeClosed,
    /// The money is back.
    RefundSucceeded,
    /// The money could not be given back.
    RefundFailed,
}

/// Why a notification is not believed. Nothing of its content may be used; the provider is answered with an error and
/// will send a genuine one again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotificationRefused {
    /// A header of the signature is missing, repeated or malformed.
    #[error("the header {0} is missing or malformed")]
    Header(&'static str),
    /// Signed too long ago or in the future.
    #[error("the timestamp is outside the window")]
    Stale,
    /// Signed with a key we do not know.
    #[error("no public key has this serial")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature does not verify")]
    BadSignature,
    /// Genuine, but not a message we understand.
    #[error("the message is malformed: {0}")]
    Malformed(String),
    /// Genuine, but for somebody else.
    #[error("the message is for another merchant")]
    ForeignMerchant,
}
