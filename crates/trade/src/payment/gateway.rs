//! The port every payment provider stands behind.
//!
//! Numbers are ours and are the key of everything: asking twice with one number is one charge, one refund. That is what
//! makes [`GatewayError::Unknown`] harmless: ask [`Gateway::query`] with the same number, or send the same request again.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use kernel::{Currency, Fault, Money, Timestamp};
use serde::{Deserialize, Serialize};

pub use super::transfer::{NewTransfer, TransferState};

/// A payment provider, as far as money in and money back is concerned.
///
/// No call may be made while a database transaction is open: a provider may take seconds to answer.
#[async_trait]
pub trait Gateway: Send + Sync + 'static {
    /// The name under which payments remember it (`sandbox`) and its notifications arrive (`/pay/notify/sandbox`).
    fn code(&self) -> &'static str;

    /// The ways to pay it offers, the usual one first.
    fn products(&self) -> &'static [PayProduct] {
        &[PayProduct::Page]
    }

    /// Whether it takes money in this currency.
    fn takes(&self, _: Currency) -> bool {
        true
    }

    /// Where the payer's id is kept that a way to pay needs: who knows it, and its scope there (`wechat`, an appid).
    fn payer_scope(&self, _: PayProduct) -> Option<(&'static str, String)> {
        None
    }

    /// Asks for money. The same number with the same content answers the same charge, however often it is asked.
    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError>;

    /// What the provider knows of a charge; the truth after a lost answer or a lost notification.
    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError>;

    /// Makes sure the charge can no longer be paid. A charge that was paid in the meantime answers
    /// [`ChargeState::Succeeded`]: the money is here and must be dealt with.
    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError>;

    /// Gives money back to where it came from. The same number is the same refund, however often it is asked.
    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError>;

    /// What the provider knows of a refund.
    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError>;

    /// Reads a notification if, and only if, it was signed by the provider, for our merchant, just now.
    ///
    /// It says nothing about whether the number and the amount are ones we asked for: the caller compares them with its
    /// own payment, and drops an `event_id` it has seen (a provider delivers at least once, in any order).
    async fn verify_notification(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused>;

    /// What the provider wants to read when its notification was taken for good.
    fn acknowledgement(&self) -> Reply {
        Reply { status: 204, content_type: "", body: "" }
    }

    /// What the provider wants to read when it must send a notification again; `None` when any error will do.
    fn rejection(&self) -> Option<Reply> {
        None
    }

    /// Tells the provider that the goods of a charge are under way, where it holds the money back until it is told.
    async fn shipped(&self, _: ShippedGoods) -> Result<(), GatewayError> {
        Ok(())
    }

    /// The provider's bill of a day (`2026-11-11`, in the provider's time zone), as the file it hands out.
    async fn bill(&self, _: &str) -> Result<Vec<u8>, GatewayError> {
        Err(GatewayError::Refused { code: "NO_BILL".to_owned(), message: "this provider hands out no bills".to_owned() })
    }

    /// Where the id is kept that a payee needs: who knows it, and its scope there (`wechat`, an appid). `None` when this
    /// provider pays nobody out.
    fn payee_scope(&self) -> Option<(&'static str, String)> {
        None
    }

    /// Pays somebody out. The same number is the same transfer, however often it is asked.
    async fn transfer(&self, _: NewTransfer) -> Result<TransferState, GatewayError> {
        Err(no_transfers())
    }

    /// What the provider knows of a transfer.
    async fn query_transfer(&self, _: &str) -> Result<TransferState, GatewayError> {
        Err(no_transfers())
    }

    /// Whether calls go through at the moment.
    fn standing(&self) -> Standing {
        Standing::default()
    }
}

fn no_transfers() -> GatewayError {
    GatewayError::Refused { code: "NO_TRANSFER".to_owned(), message: "this provider pays nobody out".to_owned() }
}

/// What a provider reads as the answer to its notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body, empty without one.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

/// How a provider's calls went lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Calls that failed one after the other, up to now.
    pub failures: u32,
    /// It is not asked before this, because it failed too often.
    pub broken_until: Option<Timestamp>,
}

/// A way to pay at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PayProduct {
    /// On the provider's own page.
    Page,
    /// Inside the provider's app: a mini-program or a page opened there. Needs the payer's id at the provider.
    Jsapi,
    /// In a phone's browser, which opens the provider's app.
    H5,
    /// By a code the shopper scans.
    Native,
    /// Out of an app of the mall's own.
    App,
    /// By card or wallet, in fields the provider draws on our page.
    Card,
    /// Out of the shopper's own balance.
    Balance,
}

/// A charge, for every question after it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeRef {
    /// Our number.
    pub charge_no: String,
    /// The provider's number, when its answer reached us.
    pub provider_charge_id: Option<String>,
}

impl ChargeRef {
    /// A charge of which only our number is known.
    pub fn by_number(charge_no: impl Into<String>) -> Self {
        Self { charge_no: charge_no.into(), provider_charge_id: None }
    }
}

/// A refund, for every question after it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRef {
    /// Our number.
    pub refund_no: String,
    /// The provider's number, when its answer reached us.
    pub provider_refund_id: Option<String>,
    /// The charge it is of.
    pub charge: ChargeRef,
}

/// Goods that are under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippedGoods {
    /// The charge they were paid by.
    pub charge: ChargeRef,
    /// The payer as the provider knows them.
    pub payer: Option<String>,
    /// What is in the parcels, for people.
    pub description: String,
    /// Each parcel's carrier, by its code, and number; none for what is picked up or virtual.
    pub parcels: Vec<(String, String)>,
    /// The last digits of the recipient's phone, for carriers that ask for them.
    pub phone_tail: Option<String>,
    /// When it left.
    pub shipped_at: Timestamp,
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

    /// All of them, by code.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Gateway>> + '_ {
        self.0.values()
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
    /// The way to pay.
    pub product: PayProduct,
    /// Where the shopper's device is on the net, for channels that need it.
    pub client_ip: Option<String>,
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
    /// Show this text as a code to scan.
    QrCode(String),
    /// Hand these to `wx.requestPayment`.
    WeChatJsapi {
        /// The mini-program or official account.
        app_id: String,
        /// Seconds since 1970.
        time_stamp: String,
        /// Chance.
        nonce_str: String,
        /// `prepay_id=…`.
        package: String,
        /// `RSA`.
        sign_type: String,
        /// Our signature.
        pay_sign: String,
    },
    /// Hand this text to the provider's SDK in an app.
    OrderString(String),
    /// Hand this trade number to the provider's mini-program (`my.tradePay`).
    TradeNo(String),
    /// Let Stripe's fields confirm the intent.
    StripeClientSecret {
        /// Of the intent.
        client_secret: String,
        /// Of the account.
        publishable_key: String,
    },
    /// Open PayPal to approve; the mall collects afterwards.
    PayPalApprove(String),
    /// Nothing: it is paid.
    Done,
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
    /// The provider's number of that charge.
    pub provider_charge_id: Option<String>,
    /// What came by that charge.
    pub charged: Money,
    /// Where the provider reports to, absolute.
    pub notify_url: String,
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
    /// The charge moved on, and only a question tells how far.
    ChargeMoved,
    /// Genuine, and nothing to us.
    Other,
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
    /// It cannot be checked now: what is needed for it could not be fetched.
    #[error("it cannot be checked now: {0}")]
    Uncheckable(String),
}
