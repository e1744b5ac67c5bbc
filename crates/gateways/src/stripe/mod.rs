//! Stripe: one PaymentIntent per charge, refunds of it, signed webhooks.
//!
//! Our number is the idempotency key and stands in the metadata. Stripe forgets keys after a day or so, money that waits to
//! go back is tried for longer: a refund is therefore looked for among those of the intent before it is asked for.
//!
//! An intent whose answer was lost is found by a search of the metadata, which lags. That it says "absent" too early harms
//! nobody: without the client secret, which was lost with the answer, nobody can pay it.
//!
//! Stripe signs no answers; they are believed as far as TLS reaches, and only when they are about what was asked.

mod webhook;

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Clock, Currency, Money, Timestamp};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use trade::payment::gateway::{
    ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, Notification, NotificationKind,
    NotificationRefused, PayAction, PayProduct, RefundRef, RefundState, Reply,
};

pub use crate::http::Timeouts;
use crate::{ConfigError, alipay::escaped, decimal, http};

/// The version of the API these messages are of.
const VERSION: &str = "2024-06-20";

/// How to reach Stripe, who we are, and how to know its reports.
#[derive(Clone, Debug)]
pub struct StripeConfig {
    /// Where its API is (`https://api.stripe.com`).
    pub base_url: String,
    /// `sk_…` or `rk_…`.
    pub secret_key: SecretString,
    /// `pk_…`, for the shopper's browser.
    pub publishable_key: String,
    /// `whsec_…`; several while one is being replaced.
    pub webhook_secrets: Vec<SecretString>,
    /// How long calls may take.
    pub timeouts: Timeouts,
}

/// Stripe, seen from the mall.
pub struct Stripe {
    base_url: String,
    secret_key: SecretString,
    publishable_key: String,
    webhook_secrets: Vec<SecretString>,
    live: bool,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct Metadata {
    charge_no: Option<String>,
    refund_no: Option<String>,
}

#[derive(Deserialize)]
struct Charge {
    created: i64,
}

/// A charge, when it was asked for and not only its id.
fn when_expanded<'de, D: serde::Deserializer<'de>>(told: D) -> Result<Option<Charge>, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(told)?).ok())
}

#[derive(Deserialize)]
struct Intent {
    id: String,
    amount: i64,
    #[serde(default)]
    amount_received: i64,
    currency: String,
    status: String,
    #[serde(default)]
    client_secret: Option<String>,
    metadata: Metadata,
    created: i64,
    #[serde(default, deserialize_with = "when_expanded")]
    latest_charge: Option<Charge>,
}

#[derive(Deserialize)]
struct Refund {
    id: String,
    amount: i64,
    currency: String,
    status: String,
    created: i64,
    metadata: Metadata,
    #[serde(default)]
    failure_reason: Option<String>,
}

#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Wrong {
    error: WrongDetail,
}

#[derive(Deserialize)]
struct WrongDetail {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// What Stripe answered.
enum Answer<T> {
    Accepted(T),
    Refused { status: StatusCode, code: String, message: String },
}

impl<T> Answer<T> {
    fn accepted(self) -> Result<T, GatewayError> {
        match self {
            Self::Accepted(value) => Ok(value),
            Self::Refused { code, message, .. } => Err(GatewayError::Refused { code, message }),
        }
    }
}

fn money(minor: i64, currency: &str) -> Result<Money, GatewayError> {
    let currency = decimal::currency(currency).ok_or_else(|| GatewayError::Unknown(format!("the currency {currency} is unknown")))?;
    Ok(Money::new(minor, currency))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds.saturating_mul(1000))
}

impl Stripe {
    /// Checks the configuration and makes a gateway of it. Calls nobody yet.
    pub fn new(config: &StripeConfig, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let secret = config.secret_key.expose_secret();
        if !["sk_", "rk_"].iter().any(|prefix| secret.starts_with(prefix)) || !secret.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ConfigError::Field("the Stripe secret key", "must begin with sk_ or rk_"));
        }
        if !config.publishable_key.starts_with("pk_") {
            return Err(ConfigError::Field("the Stripe publishable key", "must begin with pk_"));
        }
        let live = secret.contains("_live_");
        if live != config.publishable_key.contains("_live_") {
            return Err(ConfigError::Field("the Stripe keys", "must both be of the live mode or both of the test mode"));
        }
        if config.webhook_secrets.is_empty() || config.webhook_secrets.iter().any(|secret| !secret.expose_secret().starts_with("whsec_")) {
            return Err(ConfigError::Field("the Stripe webhook secret", "must begin with whsec_"));
        }
        Ok(Self {
            base_url: http::base(&config.base_url, "the address of Stripe")?,
            secret_key: config.secret_key.clone(),
            publishable_key: config.publishable_key.clone(),
            webhook_secrets: config.webhook_secrets.clone(),
            live,
            client: http::client(config.timeouts)?,
            clock,
        })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<T>, GatewayError> {
        self.call(Method::GET, path, (&[], None)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        (form, key): (&[(&str, String)], Option<&str>),
    ) -> Result<Answer<T>, GatewayError> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base_url))
            .bearer_auth(self.secret_key.expose_secret())
            .header("Stripe-Version", VERSION);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if !form.is_empty() {
            let body = form.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&");
            request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        }
        let answer = http::send(request).await?;
        if answer.status.is_success() {
            return answer.json().map(Answer::Accepted);
        }
        let WrongDetail { kind, code, message } = answer.json::<Wrong>()?.error;
        let (code, message) = (code.unwrap_or(kind), message.unwrap_or_default());
        match (answer.status, code.as_str()) {
            // Our key, our pace or our balance is wrong, not the request; or the same one is under way right now.
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS, _)
            | (_, "balance_insufficient" | "lock_timeout" | "rate_limit") => Err(GatewayError::Unavailable(format!("{code}: {message}"))),
            (StatusCode::CONFLICT, _) => Err(GatewayError::Unknown(format!("{code}: {message}"))),
            (status, _) if status.is_client_error() => Ok(Answer::Refused { status, code, message }),
            (status, _) => Err(GatewayError::Unknown(format!("status {}: {code}: {message}", status.as_u16()))),
        }
    }

    /// The intent of a charge: by Stripe's number, or by a search for ours.
    async fn find(&self, charge: &ChargeRef) -> Result<Option<Intent>, GatewayError> {
        http::number(&charge.charge_no, 64)?;
        let found = match &charge.provider_charge_id {
            Some(id) => match self.get::<Intent>(&format!("/v1/payment_intents/{}?expand[]=latest_charge", escaped(id))).await? {
                Answer::Accepted(intent) => Some(intent),
                Answer::Refused { status: StatusCode::NOT_FOUND, .. } => None,
                refused @ Answer::Refused { .. } => return refused.accepted().map(Some),
            },
            None => {
                let query = escaped(&format!("metadata['charge_no']:'{}'", charge.charge_no));
                let list: List<Intent> =
                    self.get(&format!("/v1/payment_intents/search?query={query}&expand[]=data.latest_charge")).await?.accepted()?;
                list.data.into_iter().next()
            }
        };
        match found {
            Some(intent) if intent.metadata.charge_no.as_deref() != Some(&charge.charge_no) => {
                Err(GatewayError::Unknown("the answer is about something else".into()))
            }
            found => Ok(found),
        }
    }

    fn state(intent: Intent) -> Result<ChargeState, GatewayError> {
        let provider_charge_id = intent.id;
        match intent.status.as_str() {
            "succeeded" => {
                let paid_at = intent.latest_charge.map_or(intent.created, |charge| charge.created);
                let amount = money(intent.amount_received, &intent.currency)?;
                Ok(ChargeState::Succeeded { provider_charge_id, amount, paid_at: at(paid_at) })
            }
            "canceled" => Ok(ChargeState::Closed),
            "requires_payment_method" | "requires_confirmation" | "requires_action" | "processing" | "requires_capture" => {
                Ok(ChargeState::Pending { provider_charge_id })
            }
            other => Err(GatewayError::Unknown(format!("the state {other} is unknown"))),
        }
    }

    fn refund_state(refund: Refund) -> Result<RefundState, GatewayError> {
        let (provider_refund_id, amount) = (refund.id, money(refund.amount, &refund.currency)?);
        Ok(match refund.status.as_str() {
            "succeeded" => RefundState::Succeeded { provider_refund_id, amount, refunded_at: at(refund.created) },
            "failed" | "canceled" => RefundState::Failed { provider_refund_id, reason: refund.failure_reason.unwrap_or(refund.status) },
            _ => RefundState::Processing { provider_refund_id },
        })
    }

    /// The refund with our number, among those of the intent.
    async fn refund_of(&self, intent: &str, refund_no: &str) -> Result<Option<Refund>, GatewayError> {
        let mut after = String::new();
        loop {
            let path = format!("/v1/refunds?payment_intent={}&limit=100{after}", escaped(intent));
            let list: List<Refund> = self.get(&path).await?.accepted()?;
            let last = list.data.last().map(|refund| format!("&starting_after={}", escaped(&refund.id)));
            if let Some(found) = list.data.into_iter().find(|refund| refund.metadata.refund_no.as_deref() == Some(refund_no)) {
                return Ok(Some(found));
            }
            match last {
                Some(last) if list.has_more => after = last,
                _ => return Ok(None),
            }
        }
    }

    async fn intent_id(&self, charge: &ChargeRef) -> Result<Option<String>, GatewayError> {
        match &charge.provider_charge_id {
            Some(id) => Ok(Some(id.clone())),
            None => Ok(self.find(charge).await?.map(|intent| intent.id)),
        }
    }
}

#[async_trait]
impl Gateway for Stripe {
    fn code(&self) -> &'static str {
        "stripe"
    }

    fn products(&self) -> &'static [PayProduct] {
        &[PayProduct::Card]
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        http::number(&charge.charge_no, 64)?;
        if charge.amount.currency == Currency::Kwd && charge.amount.minor % 10 != 0 {
            return Err(GatewayError::Refused { code: "AMOUNT".into(), message: "Stripe takes no less than ten fils".into() });
        }
        let form = [
            ("amount", charge.amount.minor.to_string()),
            ("currency", decimal::code(charge.amount.currency).to_lowercase()),
            ("automatic_payment_methods[enabled]", "true".to_owned()),
            ("description", http::shortened(&charge.description, 200).to_owned()),
            ("metadata[charge_no]", charge.charge_no.clone()),
        ];
        let intent: Intent = self.call(Method::POST, "/v1/payment_intents", (&form, Some(&charge.charge_no))).await?.accepted()?;
        let same =
            intent.metadata.charge_no.as_deref() == Some(&charge.charge_no) && money(intent.amount, &intent.currency)? == charge.amount;
        let Some(client_secret) = intent.client_secret.filter(|_| same) else {
            return Err(GatewayError::Unknown("the answer is about something else".into()));
        };
        let action = PayAction::StripeClientSecret { client_secret, publishable_key: self.publishable_key.clone() };
        Ok(ChargeCreated { provider_charge_id: intent.id, action })
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        self.find(charge).await?.map_or(Ok(ChargeState::Absent), Self::state)
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let Some(id) = self.intent_id(charge).await? else { return Ok(ChargeState::Absent) };
        let form = [("cancellation_reason", "abandoned".to_owned())];
        match self.call::<Intent>(Method::POST, &format!("/v1/payment_intents/{}/cancel", escaped(&id)), (&form, None)).await? {
            Answer::Accepted(intent) => Self::state(intent),
            // It is in no state to be cancelled: paid, or cancelled already.
            Answer::Refused { code, .. } if code == "payment_intent_unexpected_state" => self.query(charge).await,
            Answer::Refused { status: StatusCode::NOT_FOUND, .. } => Ok(ChargeState::Absent),
            Answer::Refused { code, message, .. } => Err(GatewayError::Refused { code, message }),
        }
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        http::number(&refund.refund_no, 64)?;
        let charge = ChargeRef { charge_no: refund.charge_no.clone(), provider_charge_id: refund.provider_charge_id.clone() };
        let intent = self.intent_id(&charge).await?;
        let intent = intent.ok_or_else(|| GatewayError::Unavailable("Stripe does not find the intent yet".into()))?;
        let told = match self.refund_of(&intent, &refund.refund_no).await? {
            Some(known) => known,
            None => {
                let form = [
                    ("payment_intent", intent),
                    ("amount", refund.amount.minor.to_string()),
                    ("reason", "requested_by_customer".to_owned()),
                    ("metadata[refund_no]", refund.refund_no.clone()),
                    ("metadata[charge_no]", refund.charge_no.clone()),
                ];
                self.call(Method::POST, "/v1/refunds", (&form, Some(&refund.refund_no))).await?.accepted()?
            }
        };
        if told.metadata.refund_no.as_deref() != Some(&refund.refund_no) || money(told.amount, &told.currency)? != refund.amount {
            return Err(GatewayError::Unknown("the answer is about something else".into()));
        }
        Self::refund_state(told)
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        http::number(&refund.refund_no, 64)?;
        let Some(intent) = self.intent_id(&refund.charge).await? else { return Ok(RefundState::Absent) };
        self.refund_of(&intent, &refund.refund_no).await?.map_or(Ok(RefundState::Absent), Self::refund_state)
    }

    async fn verify_notification(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        let header = http::one(headers, "Stripe-Signature").ok_or(NotificationRefused::Header("Stripe-Signature"))?;
        let now = http::now_seconds(&*self.clock);
        let fits = |secret: &SecretString| webhook::verify(secret.expose_secret(), (header, body), now);
        // While a secret is being replaced two are right; any other failure is that of the first.
        let mut outcomes = self.webhook_secrets.iter().map(fits);
        let first = outcomes.next().unwrap_or(Err(NotificationRefused::UnknownKey));
        if first.is_err() && !outcomes.any(|outcome| outcome.is_ok()) {
            first?;
        }
        self.read(body)
    }

    fn acknowledgement(&self) -> Reply {
        Reply { status: 200, content_type: "", body: "" }
    }
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    livemode: bool,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: serde_json::Value,
}

impl Stripe {
    /// Reads a genuine event.
    fn read(&self, body: &[u8]) -> Result<Notification, NotificationRefused> {
        let malformed = |error: &dyn std::fmt::Display| NotificationRefused::Malformed(error.to_string());
        let raw = std::str::from_utf8(body).map_err(|error| malformed(&error))?;
        let event: Event = serde_json::from_str(raw).map_err(|error| malformed(&error))?;
        if event.livemode != self.live {
            return Err(NotificationRefused::ForeignMerchant);
        }
        let told = Notification {
            event_id: event.id,
            kind: NotificationKind::Other,
            charge_no: String::new(),
            refund_no: None,
            provider_id: String::new(),
            amount: Money::zero(Currency::Cny),
            merchant: self.publishable_key.clone(),
            happened_at: at(event.created),
            reason: None,
            raw: raw.to_owned(),
        };
        match event.kind.as_str() {
            "payment_intent.succeeded" | "payment_intent.canceled" => {
                let intent: Intent = serde_json::from_value(event.data.object).map_err(|error| malformed(&error))?;
                // Another shop may use the same account.
                let Some(charge_no) = intent.metadata.charge_no else { return Ok(told) };
                let succeeded = event.kind == "payment_intent.succeeded";
                let amount =
                    money(if succeeded { intent.amount_received } else { 0 }, &intent.currency).map_err(|error| malformed(&error))?;
                let kind = if succeeded { NotificationKind::ChargeSucceeded } else { NotificationKind::ChargeClosed };
                Ok(Notification { kind, charge_no, provider_id: intent.id, amount, ..told })
            }
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
                let refund: Refund = serde_json::from_value(event.data.object).map_err(|error| malformed(&error))?;
                let (Some(charge_no), Some(refund_no)) = (refund.metadata.charge_no, refund.metadata.refund_no) else { return Ok(told) };
                let kind = match refund.status.as_str() {
                    "succeeded" => NotificationKind::RefundSucceeded,
                    "failed" | "canceled" => NotificationKind::RefundFailed,
                    _ => return Ok(told),
                };
                let amount = money(refund.amount, &refund.currency).map_err(|error| malformed(&error))?;
                let reason = (kind == NotificationKind::RefundFailed).then(|| refund.failure_reason.unwrap_or(refund.status));
                Ok(Notification { kind, charge_no, refund_no: Some(refund_no), provider_id: refund.id, amount, reason, ..told })
            }
            _ => Ok(told),
        }
    }
}
