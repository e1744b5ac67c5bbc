//! PayPal: Orders v2 with the intent to capture, refunds of captures, webhooks.
//!
//! The shopper approves, **we** collect: no money moves before our capture. A question about an approved order therefore
//! collects it, under a key of its own, and a closed charge is one we never collect: PayPal has no call to close one.
//!
//! `PayPal-Request-Id` is our number; PayPal keeps it for weeks. An order whose answer was lost counts as absent: its
//! approval link was lost with it, so nobody can approve it.
//!
//! A webhook is checked by PayPal itself (`verify-webhook-signature`): its body is handed back byte by byte.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kernel::{Clock, Currency, Money, Timestamp, seconds};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use trade::payment::gateway::{
    ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, Notification, NotificationKind,
    NotificationRefused, PayAction, PayProduct, RefundRef, RefundState, Reply,
};

pub use crate::http::Timeouts;
use crate::{ConfigError, alipay::escaped, decimal, http};

/// How to reach PayPal, who we are, and which webhook is ours.
#[derive(Clone, Debug)]
pub struct PayPalConfig {
    /// Where its API is (`https://api-m.paypal.com`).
    pub base_url: String,
    /// The application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The id of the webhook that reports to us.
    pub webhook_id: String,
    /// The merchant: captures for another one are not believed.
    pub merchant_id: String,
    /// How long calls may take.
    pub timeouts: Timeouts,
}

/// PayPal, seen from the mall.
pub struct PayPal {
    base_url: String,
    client_id: String,
    client_secret: SecretString,
    webhook_id: String,
    merchant_id: String,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    token: Mutex<Option<(SecretString, Timestamp)>>,
}

#[derive(Deserialize)]
struct Token {
    access_token: SecretString,
    expires_in: u64,
}

#[derive(Deserialize)]
struct Amount {
    currency_code: String,
    value: String,
}

impl Amount {
    fn money(&self) -> Option<Money> {
        decimal::money(&self.value, decimal::currency(&self.currency_code)?)
    }

    fn of(money: Money) -> Value {
        json!({ "currency_code": decimal::code(money.currency), "value": decimal::decimal(money) })
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

#[derive(Deserialize)]
struct Link {
    href: String,
    rel: String,
}

#[derive(Deserialize)]
struct Payee {
    merchant_id: Option<String>,
}

#[derive(Deserialize)]
struct Order {
    id: String,
    status: String,
    #[serde(default)]
    purchase_units: Vec<Unit>,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Unit {
    custom_id: Option<String>,
    amount: Option<Amount>,
    payee: Option<Payee>,
    payments: Option<Payments>,
}

#[derive(Deserialize)]
struct Payments {
    #[serde(default)]
    captures: Vec<Capture>,
}

#[derive(Deserialize)]
struct Capture {
    id: String,
    status: String,
    amount: Amount,
    custom_id: Option<String>,
    create_time: At,
    payee: Option<Payee>,
}

#[derive(Deserialize)]
struct Refund {
    id: String,
    status: String,
    amount: Option<Amount>,
    custom_id: Option<String>,
    create_time: Option<At>,
    status_details: Option<StatusDetails>,
}

#[derive(Deserialize)]
struct StatusDetails {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Wrong {
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    issue: String,
}

/// What PayPal answered.
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

fn elsewhere() -> GatewayError {
    GatewayError::Unknown("the answer is about something else".into())
}

impl PayPal {
    /// Checks the configuration and makes a gateway of it. Calls nobody yet.
    pub fn new(config: &PayPalConfig, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        for (text, name) in [
            (&config.client_id, "the PayPal client id"),
            (&config.webhook_id, "the PayPal webhook id"),
            (&config.merchant_id, "the PayPal merchant id"),
        ] {
            if !plain(text) {
                return Err(ConfigError::Field(name, "must be printable ASCII and not empty"));
            }
        }
        Ok(Self {
            base_url: http::base(&config.base_url, "the address of PayPal")?,
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
            webhook_id: config.webhook_id.clone(),
            merchant_id: config.merchant_id.clone(),
            client: http::client(config.timeouts)?,
            clock,
            token: Mutex::default(),
        })
    }

    /// The access token; a minute before its end it is asked for again.
    async fn token(&self, fresh: bool) -> Result<SecretString, GatewayError> {
        let known = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((token, _)) = known.filter(|(_, until)| !fresh && *until > self.clock.now() + seconds(60)) {
            return Ok(token);
        }
        let request = self
            .client
            .post(format!("{}/v1/oauth2/token", self.base_url))
            .basic_auth(&self.client_id, Some(self.client_secret.expose_secret()))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        // Whatever goes wrong here, the call itself was not made.
        let unavailable = |why: String| GatewayError::Unavailable(format!("no access token: {why}"));
        let answer = http::send(request).await.map_err(|error| unavailable(error.to_string()))?;
        if !answer.status.is_success() {
            return Err(unavailable(format!("status {}", answer.status.as_u16())));
        }
        let told: Token = answer.json().map_err(|error| unavailable(error.to_string()))?;
        let until = self.clock.now() + seconds(told.expires_in);
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some((told.access_token.clone(), until));
        Ok(told.access_token)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<Answer<T>, GatewayError> {
        self.call(Method::GET, path, (None, None)).await
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        (body, key): (Option<String>, Option<&str>),
    ) -> Result<Answer<T>, GatewayError> {
        for fresh in [false, true] {
            let token = self.token(fresh).await?;
            let mut request = self
                .client
                .request(method.clone(), format!("{}{path}", self.base_url))
                .bearer_auth(token.expose_secret())
                .header("Accept", "application/json")
                .header("Prefer", "return=representation");
            if let Some(key) = key {
                request = request.header("PayPal-Request-Id", key);
            }
            if method != Method::GET {
                request = request.header("Content-Type", "application/json").body(body.clone().unwrap_or_else(|| "{}".to_owned()));
            }
            let answer = http::send(request).await?;
            if answer.status.is_success() {
                return answer.json().map(Answer::Accepted);
            }
            if answer.status == StatusCode::UNAUTHORIZED && !fresh {
                continue;
            }
            let wrong: Wrong = answer.json()?;
            let code = wrong.details.first().map(|detail| detail.issue.clone()).filter(|issue| !issue.is_empty()).unwrap_or(wrong.name);
            let message = wrong.message;
            return match (answer.status, code.as_str()) {
                (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS, _)
                | (_, "REFUND_FAILED_INSUFFICIENT_FUNDS" | "PAYEE_ACCOUNT_LOCKED_OR_CLOSED") => {
                    Err(GatewayError::Unavailable(format!("{code}: {message}")))
                }
                // The same key is being worked on right now.
                (StatusCode::CONFLICT, _) => Err(GatewayError::Unknown(format!("{code}: {message}"))),
                (status, _) if status.is_client_error() => Ok(Answer::Refused { status, code, message }),
                (status, _) => Err(GatewayError::Unknown(format!("status {}: {code}: {message}", status.as_u16()))),
            };
        }
        Err(GatewayError::Unavailable("PayPal takes no access token of ours".into()))
    }

    /// The order of a charge, when its number is known.
    async fn order(&self, charge: &ChargeRef) -> Result<Option<Order>, GatewayError> {
        let Some(id) = &charge.provider_charge_id else { return Ok(None) };
        match self.get::<Order>(&format!("/v2/checkout/orders/{}", escaped(id))).await? {
            Answer::Accepted(order) => self.mine(&charge.charge_no, order).map(Some),
            Answer::Refused { status: StatusCode::NOT_FOUND, .. } => Ok(None),
            Answer::Refused { code, message, .. } => Err(GatewayError::Refused { code, message }),
        }
    }

    /// The order asked about, and no other.
    fn mine(&self, charge_no: &str, order: Order) -> Result<Order, GatewayError> {
        let unit = order.purchase_units.first().ok_or_else(elsewhere)?;
        let payee = unit.payee.as_ref().and_then(|payee| payee.merchant_id.as_deref());
        if unit.custom_id.as_deref() != Some(charge_no) || payee.is_some_and(|id| id != self.merchant_id) {
            return Err(elsewhere());
        }
        Ok(order)
    }

    /// Where an order stands, nothing done about it.
    fn state(order: &Order) -> Result<ChargeState, GatewayError> {
        let pending = || ChargeState::Pending { provider_charge_id: order.id.clone() };
        match order.status.as_str() {
            "CREATED" | "SAVED" | "PAYER_ACTION_REQUIRED" | "APPROVED" => Ok(pending()),
            "VOIDED" => Ok(ChargeState::Closed),
            "COMPLETED" => {
                let captures = order.purchase_units.first().and_then(|unit| unit.payments.as_ref()).map(|payments| &payments.captures);
                let capture = captures.and_then(|captures| captures.first());
                let capture = capture.ok_or_else(|| GatewayError::Unknown("completed, but nothing collected".into()))?;
                match capture.status.as_str() {
                    // Refunded: it was paid, and some of it went back since.
                    "COMPLETED" | "REFUNDED" | "PARTIALLY_REFUNDED" => {
                        let amount = capture.amount.money().ok_or_else(|| GatewayError::Unknown("collected, but not how much".into()))?;
                        Ok(ChargeState::Succeeded { provider_charge_id: capture.id.clone(), amount, paid_at: capture.create_time.0 })
                    }
                    "DECLINED" | "FAILED" => Ok(ChargeState::Closed),
                    _ => Ok(pending()),
                }
            }
            other => Err(GatewayError::Unknown(format!("the state {other} is unknown"))),
        }
    }

    fn refund_state(&self, refund_no: &str, told: Refund) -> Result<RefundState, GatewayError> {
        if told.custom_id.as_deref() != Some(refund_no) {
            return Err(elsewhere());
        }
        let provider_refund_id = told.id;
        match told.status.as_str() {
            "COMPLETED" => {
                let amount = told.amount.and_then(|amount| amount.money());
                let amount = amount.ok_or_else(|| GatewayError::Unknown("refunded, but not how much".into()))?;
                let refunded_at = told.create_time.map_or_else(|| self.clock.now(), |at| at.0);
                Ok(RefundState::Succeeded { provider_refund_id, amount, refunded_at })
            }
            "PENDING" => Ok(RefundState::Processing { provider_refund_id }),
            "FAILED" | "CANCELLED" => {
                let reason = told.status_details.and_then(|details| details.reason).unwrap_or(told.status);
                Ok(RefundState::Failed { provider_refund_id, reason })
            }
            other => Err(GatewayError::Unknown(format!("the state {other} is unknown"))),
        }
    }

    /// Asks PayPal whether it sent this. The body goes back byte by byte: its signature is over exactly these.
    async fn believe(&self, headers: &[(String, String)], raw: &str) -> Result<(), NotificationRefused> {
        let mut fields = Vec::new();
        for (field, name) in [
            ("auth_algo", "PAYPAL-AUTH-ALGO"),
            ("cert_url", "PAYPAL-CERT-URL"),
            ("transmission_id", "PAYPAL-TRANSMISSION-ID"),
            ("transmission_sig", "PAYPAL-TRANSMISSION-SIG"),
            ("transmission_time", "PAYPAL-TRANSMISSION-TIME"),
        ] {
            let value = http::one(headers, name).filter(|value| !value.is_empty()).ok_or(NotificationRefused::Header(name))?;
            fields.push(format!("\"{field}\":{}", Value::from(value)));
        }
        // What is not JSON would break out of the envelope.
        serde_json::from_str::<serde::de::IgnoredAny>(raw).map_err(|error| NotificationRefused::Malformed(error.to_string()))?;
        let body = format!("{{{},\"webhook_id\":{},\"webhook_event\":{raw}}}", fields.join(","), Value::from(self.webhook_id.as_str()));
        #[derive(Deserialize)]
        struct Verdict {
            verification_status: String,
        }
        let verdict = self.call::<Verdict>(Method::POST, "/v1/notifications/verify-webhook-signature", (Some(body), None)).await;
        match verdict {
            Ok(Answer::Accepted(verdict)) if verdict.verification_status == "SUCCESS" => Ok(()),
            Ok(_) => Err(NotificationRefused::BadSignature),
            Err(error) => Err(NotificationRefused::Uncheckable(error.to_string())),
        }
    }
}

#[async_trait]
impl Gateway for PayPal {
    fn code(&self) -> &'static str {
        "paypal"
    }

    fn products(&self) -> &'static [PayProduct] {
        &[PayProduct::Page]
    }

    fn takes(&self, currency: Currency) -> bool {
        matches!(currency, Currency::Usd | Currency::Eur | Currency::Gbp | Currency::Hkd | Currency::Jpy)
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        http::number(&charge.charge_no, 108)?;
        let back = charge.return_url.as_deref().unwrap_or(&charge.notify_url);
        let asked = json!({
            "intent": "CAPTURE",
            "purchase_units": [{
                "reference_id": "default",
                "custom_id": charge.charge_no,
                "invoice_id": charge.charge_no,
                "description": http::shortened(&charge.description, 127),
                "amount": Amount::of(charge.amount),
            }],
            "payment_source": { "paypal": { "experience_context": {
                "return_url": back,
                "cancel_url": back,
                "user_action": "PAY_NOW",
                "shipping_preference": "NO_SHIPPING",
            } } },
        });
        let order: Order =
            self.call(Method::POST, "/v2/checkout/orders", (Some(asked.to_string()), Some(&charge.charge_no))).await?.accepted()?;
        let order = self.mine(&charge.charge_no, order)?;
        let unit = order.purchase_units.first().ok_or_else(elsewhere)?;
        if unit.amount.as_ref().and_then(Amount::money) != Some(charge.amount) {
            return Err(elsewhere());
        }
        let approve = order.links.iter().find(|link| link.rel == "payer-action" || link.rel == "approve");
        let approve = approve.ok_or_else(|| GatewayError::Unknown("accepted, but not where to approve".into()))?;
        Ok(ChargeCreated { action: PayAction::PayPalApprove(approve.href.clone()), provider_charge_id: order.id })
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let Some(order) = self.order(charge).await? else { return Ok(ChargeState::Absent) };
        if order.status != "APPROVED" {
            return Self::state(&order);
        }
        let (path, key) = (format!("/v2/checkout/orders/{}/capture", escaped(&order.id)), format!("{}-capture", charge.charge_no));
        match self.call::<Order>(Method::POST, &path, (None, Some(&key))).await? {
            Answer::Accepted(collected) => Self::state(&self.mine(&charge.charge_no, collected)?),
            // The shopper must choose another card; collected by another hand; approved for too little.
            Answer::Refused { code, .. }
                if ["INSTRUMENT_DECLINED", "ORDER_NOT_APPROVED", "PAYER_ACTION_REQUIRED"].contains(&code.as_str()) =>
            {
                Self::state(&order)
            }
            Answer::Refused { code, .. } if code == "ORDER_ALREADY_CAPTURED" => {
                let order = self.order(charge).await?.ok_or_else(elsewhere)?;
                Self::state(&order)
            }
            Answer::Refused { code, message, .. } => Err(GatewayError::Refused { code, message }),
        }
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let Some(order) = self.order(charge).await? else { return Ok(ChargeState::Absent) };
        match Self::state(&order)? {
            // Not collected, and from now on it never will be.
            ChargeState::Pending { .. } if order.status != "COMPLETED" => Ok(ChargeState::Closed),
            state => Ok(state),
        }
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        http::number(&refund.refund_no, 108)?;
        let Some(capture) = &refund.provider_charge_id else {
            return Err(GatewayError::Unavailable("it is not known which capture paid the charge".into()));
        };
        let asked = json!({
            "amount": Amount::of(refund.amount),
            "custom_id": refund.refund_no,
            "note_to_payer": http::shortened(&refund.reason, 255),
        });
        let path = format!("/v2/payments/captures/{}/refund", escaped(capture));
        let told: Refund = self.call(Method::POST, &path, (Some(asked.to_string()), Some(&refund.refund_no))).await?.accepted()?;
        if told.amount.as_ref().is_some_and(|amount| amount.money() != Some(refund.amount)) {
            return Err(elsewhere());
        }
        self.refund_state(&refund.refund_no, told)
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        let Some(id) = refund.provider_refund_id.as_deref().filter(|id| !id.is_empty()) else { return Ok(RefundState::Absent) };
        match self.get::<Refund>(&format!("/v2/payments/refunds/{}", escaped(id))).await? {
            Answer::Accepted(told) => self.refund_state(&refund.refund_no, told),
            Answer::Refused { status: StatusCode::NOT_FOUND, .. } => Ok(RefundState::Absent),
            Answer::Refused { code, message, .. } => Err(GatewayError::Refused { code, message }),
        }
    }

    async fn verify_notification(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        let malformed = |error: &dyn std::fmt::Display| NotificationRefused::Malformed(error.to_string());
        let raw = std::str::from_utf8(body).map_err(|error| malformed(&error))?;
        self.believe(headers, raw).await?;
        #[derive(Deserialize)]
        struct Event {
            id: String,
            event_type: String,
            create_time: At,
            resource: Value,
        }
        let event: Event = serde_json::from_str(raw).map_err(|error| malformed(&error))?;
        let told = Notification {
            event_id: event.id,
            kind: NotificationKind::Other,
            charge_no: String::new(),
            refund_no: None,
            provider_id: String::new(),
            amount: Money::zero(Currency::Usd),
            merchant: self.merchant_id.clone(),
            happened_at: event.create_time.0,
            reason: None,
            raw: raw.to_owned(),
        };
        let foreign = |payee: Option<&Payee>| payee.and_then(|payee| payee.merchant_id.as_deref()).is_some_and(|id| id != self.merchant_id);
        match event.event_type.as_str() {
            "CHECKOUT.ORDER.APPROVED" => {
                let order: Order = serde_json::from_value(event.resource).map_err(|error| malformed(&error))?;
                let unit = order.purchase_units.first();
                if foreign(unit.and_then(|unit| unit.payee.as_ref())) {
                    return Err(NotificationRefused::ForeignMerchant);
                }
                let Some(charge_no) = unit.and_then(|unit| unit.custom_id.clone()) else { return Ok(told) };
                Ok(Notification { kind: NotificationKind::ChargeMoved, charge_no, provider_id: order.id, ..told })
            }
            "PAYMENT.CAPTURE.COMPLETED" => {
                let capture: Capture = serde_json::from_value(event.resource).map_err(|error| malformed(&error))?;
                if foreign(capture.payee.as_ref()) {
                    return Err(NotificationRefused::ForeignMerchant);
                }
                let Some(charge_no) = capture.custom_id else { return Ok(told) };
                let amount = capture.amount.money().ok_or_else(|| malformed(&"an amount that is none"))?;
                let happened_at = capture.create_time.0;
                Ok(Notification {
                    kind: NotificationKind::ChargeSucceeded,
                    charge_no,
                    provider_id: capture.id,
                    amount,
                    happened_at,
                    ..told
                })
            }
            "PAYMENT.CAPTURE.REFUNDED" | "PAYMENT.REFUND.FAILED" => {
                let refund: Refund = serde_json::from_value(event.resource).map_err(|error| malformed(&error))?;
                let Some(refund_no) = refund.custom_id else { return Ok(told) };
                let amount = refund.amount.and_then(|amount| amount.money()).ok_or_else(|| malformed(&"an amount that is none"))?;
                let failed = event.event_type == "PAYMENT.REFUND.FAILED";
                let kind = if failed { NotificationKind::RefundFailed } else { NotificationKind::RefundSucceeded };
                let reason = failed.then(|| refund.status_details.and_then(|details| details.reason).unwrap_or(refund.status));
                Ok(Notification { kind, refund_no: Some(refund_no), provider_id: refund.id, amount, reason, ..told })
            }
            _ => Ok(told),
        }
    }

    fn acknowledgement(&self) -> Reply {
        Reply { status: 200, content_type: "", body: "" }
    }
}
