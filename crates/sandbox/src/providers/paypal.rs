//! PayPal's API: access tokens, Orders v2, captures, refunds, webhooks and their verification.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode},
    response::Response,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Clock, Currency, Money, Timestamp, hours};
use serde_json::{Value, json};

use super::{
    desk::{ChargeStatus, Desk, DeskCharge, DeskRefund, Event, EventKind, Letter, No, RefundStatus, Said, Voice, front, plain, serve},
    rsa::{Owner, RsaKey},
};
use crate::{
    callbacks::CallbackPolicy,
    faults::{Operation, Tamper},
    protocol::random_hex,
};

/// What the merchant is told when it signs up.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The webhook.
    pub webhook_id: String,
    /// The merchant.
    pub merchant_id: String,
}

struct Keys {
    client_id: String,
    client_secret: String,
    webhook_id: String,
    merchant_id: String,
    key: RsaKey,
    webhook_url: Mutex<String>,
}

/// The simulated provider. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct PayPal {
    keys: Arc<Keys>,
    desk: Desk,
    public_url: String,
    tokens: Arc<Mutex<BTreeMap<String, Timestamp>>>,
    requests: Arc<Mutex<BTreeMap<String, String>>>,
}

front!(PayPal);

fn code(currency: Currency) -> String {
    format!("{currency:?}").to_uppercase()
}

/// `21.47`; whole where the currency has no cents.
fn value(money: Money) -> Value {
    let text = match money.currency.exponent() {
        0 => money.minor.to_string(),
        _ => format!("{}.{:02}", money.minor / 100, money.minor % 100),
    };
    json!({ "currency_code": code(money.currency), "value": text })
}

fn money(json: &Value) -> Option<Money> {
    let known = [Currency::Usd, Currency::Eur, Currency::Gbp, Currency::Hkd, Currency::Jpy];
    let currency = known.into_iter().find(|currency| json["currency_code"] == code(*currency).as_str())?;
    let text = json["value"].as_str()?;
    let minor = match (currency.exponent(), text.split_once('.')) {
        (0, None) => text.parse().ok()?,
        (2, Some((whole, cents))) if cents.len() == 2 => format!("{whole}{cents}").parse().ok()?,
        _ => return None,
    };
    Some(Money::new(minor, currency)).filter(|money| money.minor > 0)
}

/// The CRC-32 of zip files, which PayPal signs in place of the body.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn time(at: Timestamp) -> String {
    format!("{}Z", &at.to_rfc3339()[..19])
}

fn capture_view(charge: &DeskCharge, merchant_id: &str) -> Value {
    json!({
        "id": charge.paid_by, "status": "COMPLETED", "amount": value(charge.amount), "final_capture": true, "custom_id": charge.no,
        "invoice_id": charge.no, "create_time": charge.paid_at.map(time), "payee": { "merchant_id": merchant_id },
    })
}

fn order_view(charge: &DeskCharge, (public_url, merchant_id): (&str, &str)) -> Value {
    let mut unit = json!({
        "reference_id": "default", "amount": value(charge.amount), "custom_id": charge.no, "invoice_id": charge.no,
        "payee": { "merchant_id": merchant_id },
    });
    if charge.status == ChargeStatus::Paid {
        unit["payments"] = json!({ "captures": [capture_view(charge, merchant_id)] });
    }
    let mut order = json!({
        "id": charge.id, "intent": "CAPTURE", "purchase_units": [unit], "create_time": time(charge.created_at),
        "status": match charge.status {
            ChargeStatus::Pending => "PAYER_ACTION_REQUIRED",
            ChargeStatus::Approved => "APPROVED",
            ChargeStatus::Paid => "COMPLETED",
            ChargeStatus::Closed => "VOIDED",
        },
    });
    if charge.status == ChargeStatus::Pending {
        order["links"] = json!([
            { "href": format!("{public_url}/v2/checkout/orders/{}", charge.id), "rel": "self", "method": "GET" },
            { "href": format!("{public_url}/checkoutnow?token={}", charge.id), "rel": "payer-action", "method": "GET" },
        ]);
    }
    order
}

fn refund_view(refund: &DeskRefund) -> Value {
    let (status, reason) = match &refund.status {
        RefundStatus::Processing => ("PENDING", Some("ECHECK")),
        RefundStatus::Back => ("COMPLETED", None),
        RefundStatus::Failed(reason) => ("FAILED", Some(reason.as_str())),
    };
    let mut view = json!({
        "id": refund.id, "status": status, "amount": value(refund.amount), "custom_id": refund.no, "create_time": time(refund.created_at),
    });
    if let Some(reason) = reason {
        view["status_details"] = json!({ "reason": reason });
    }
    view
}

impl Voice for Arc<Keys> {
    fn write(&self, event: &Event, tamper: Option<&Tamper>, now: Timestamp) -> Option<Letter> {
        let merchant = if let Some(Tamper::Merchant(other)) = tamper { other } else { &self.merchant_id };
        let (kind, resource_type, mut resource) = match (event.kind, &event.refund) {
            (EventKind::Approved, _) => ("CHECKOUT.ORDER.APPROVED", "checkout-order", order_view(&event.charge, ("", merchant))),
            (EventKind::Paid, _) => ("PAYMENT.CAPTURE.COMPLETED", "capture", capture_view(&event.charge, merchant)),
            (EventKind::RefundEnded, Some(refund)) => {
                let failed = matches!(refund.status, RefundStatus::Failed(_));
                (if failed { "PAYMENT.REFUND.FAILED" } else { "PAYMENT.CAPTURE.REFUNDED" }, "refund", refund_view(refund))
            }
            _ => return None,
        };
        match tamper {
            Some(Tamper::Amount(minor)) => resource["amount"] = value(Money::new(*minor, event.charge.amount.currency)),
            Some(Tamper::Currency(other)) => resource["amount"]["currency_code"] = json!(code(*other)),
            Some(Tamper::ChargeNo(no)) => resource["custom_id"] = json!(no),
            _ => {}
        }
        let body = json!({
            "id": format!("WH-{}", event.id), "event_version": "1.0", "create_time": event.at.to_rfc3339(), "event_type": kind,
            "resource_type": resource_type, "resource_version": "2.0", "summary": "…", "resource": resource,
        });
        let body = body.to_string().into_bytes();
        let (id, at) = (random_hex::<16>(), time(now));
        let message = format!("{id}|{at}|{}|{}", self.webhook_id, crc32(&body));
        let stranger = (tamper == Some(&Tamper::UnknownKey)).then(|| RsaKey::of(Owner::Stranger));
        let mut signature = stranger.as_ref().unwrap_or(&self.key).sign_base64(message.as_bytes());
        if matches!(tamper, Some(Tamper::Signature | Tamper::Stale)) {
            signature = STANDARD.encode([7_u8; 256]);
        }
        let headers = [
            ("Content-Type", "application/json".to_owned()),
            ("PAYPAL-AUTH-ALGO", "SHA256withRSA".to_owned()),
            ("PAYPAL-CERT-URL", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-7a8abba0".to_owned()),
            ("PAYPAL-TRANSMISSION-ID", id),
            ("PAYPAL-TRANSMISSION-SIG", signature),
            ("PAYPAL-TRANSMISSION-TIME", at),
        ];
        let url = self.webhook_url.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (!url.is_empty()).then_some(Letter { url, headers, body })
    }

    fn is_heard(&self, status: u16, _: &str) -> bool {
        (200..300).contains(&status)
    }
}

impl PayPal {
    /// A provider with one merchant, and what that merchant is told. `public_url` is where [`router`] is mounted.
    pub fn open(public_url: impl Into<String>, (clock, callbacks): (Arc<dyn Clock>, CallbackPolicy)) -> (Self, Credentials) {
        let keys = Arc::new(Keys {
            client_id: format!("A{}", random_hex::<20>()),
            client_secret: format!("E{}", random_hex::<20>()),
            webhook_id: random_hex::<8>().to_uppercase(),
            merchant_id: "8XAWSDLPLSUAW".to_owned(),
            key: RsaKey::of(Owner::PayPal),
            webhook_url: Mutex::default(),
        });
        let credentials = Credentials {
            client_id: keys.client_id.clone(),
            client_secret: keys.client_secret.clone(),
            webhook_id: keys.webhook_id.clone(),
            merchant_id: keys.merchant_id.clone(),
        };
        let desk = Desk::new(clock, callbacks, Arc::clone(&keys));
        (Self { keys, desk, public_url: public_url.into(), tokens: Arc::default(), requests: Arc::default() }, credentials)
    }

    fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Where events go: set once in the merchant's dashboard.
    pub fn report_to(&self, url: impl Into<String>) {
        *self.keys.webhook_url.lock().unwrap_or_else(PoisonError::into_inner) = url.into();
    }

    /// All access tokens are void from now on.
    pub fn forget_tokens(&self) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The shopper approves with what the device was handed: the address. False: there is nothing to approve.
    pub fn shopper_pays(&self, handed: &str) -> bool {
        let charge = self.desk.charge_by(|charge| handed.contains(&charge.id));
        charge.is_some_and(|charge| self.desk.approve(&charge.no).is_ok())
    }

    fn view(&self, charge: &DeskCharge) -> Value {
        order_view(charge, (&self.public_url, &self.keys.merchant_id))
    }

    fn by_id(&self, id: &str) -> Result<DeskCharge, Said> {
        let found = self.desk.charge_by(|charge| charge.id == id);
        found.ok_or_else(|| wrong(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"))
    }

    fn create(&self, asked: &Value) -> Result<Said, Said> {
        let invalid = |issue: &str| wrong(400, "INVALID_REQUEST", issue);
        let unit = &asked["purchase_units"][0];
        let amount = money(&unit["amount"]).ok_or_else(|| wrong(422, "UNPROCESSABLE_ENTITY", "INVALID_CURRENCY_CODE"))?;
        let no = unit["custom_id"].as_str().filter(|no| (1..=127).contains(&no.len())).ok_or_else(|| invalid("custom_id"))?;
        let context = &asked["payment_source"]["paypal"]["experience_context"];
        if asked["intent"] != "CAPTURE" || !context["return_url"].is_string() || !context["cancel_url"].is_string() {
            return Err(invalid("MISSING_REQUIRED_PARAMETER"));
        }
        if unit["description"].as_str().is_some_and(|text| text.len() > 127) {
            return Err(invalid("INVALID_STRING_LENGTH"));
        }
        let charge = DeskCharge {
            no: no.to_owned(),
            id: random_hex::<9>().to_uppercase()[..17].to_owned(),
            paid_by: random_hex::<9>().to_uppercase()[..17].to_owned(),
            amount,
            asked: asked.to_string(),
            notify_url: String::new(),
            status: ChargeStatus::Pending,
            // PayPal keeps an order for hours, whatever the shop promised.
            expires_at: Some(self.desk.now() + hours(6)),
            paid_at: None,
            created_at: self.desk.now(),
        };
        let charge = self.desk.open_charge(charge).map_err(|_| wrong(422, "UNPROCESSABLE_ENTITY", "DUPLICATE_INVOICE_ID"))?;
        Ok(Said::json(201, &self.view(&charge)))
    }

    fn capture(&self, id: &str) -> Result<Said, Said> {
        let charge = self.by_id(id)?;
        match charge.status {
            ChargeStatus::Approved => {}
            ChargeStatus::Paid => return Err(wrong(422, "UNPROCESSABLE_ENTITY", "ORDER_ALREADY_CAPTURED")),
            _ => return Err(wrong(422, "UNPROCESSABLE_ENTITY", "ORDER_NOT_APPROVED")),
        }
        self.desk.pay(&charge.no).map_err(|_| wrong(422, "UNPROCESSABLE_ENTITY", "ORDER_NOT_APPROVED"))?;
        Ok(Said::json(201, &self.view(&self.by_id(id)?)))
    }

    fn refund(&self, capture: &str, asked: &Value) -> Result<Said, Said> {
        let charge = self.desk.charge_by(|charge| charge.paid_by == capture);
        let charge = charge.ok_or_else(|| wrong(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"))?;
        let amount = money(&asked["amount"]).ok_or_else(|| wrong(422, "UNPROCESSABLE_ENTITY", "INVALID_CURRENCY_CODE"))?;
        let refund = DeskRefund {
            no: asked["custom_id"].as_str().map_or_else(random_hex::<8>, str::to_owned),
            charge_no: charge.no.clone(),
            id: random_hex::<9>().to_uppercase()[..17].to_owned(),
            amount,
            notify_url: String::new(),
            status: RefundStatus::Processing,
            created_at: self.desk.now(),
            ended_at: None,
        };
        let refund = self.desk.open_refund(refund).map_err(|no| match no {
            No::TooMuch => wrong(422, "UNPROCESSABLE_ENTITY", "REFUND_AMOUNT_EXCEEDED"),
            _ => wrong(422, "UNPROCESSABLE_ENTITY", "REFUND_NOT_ALLOWED"),
        })?;
        Ok(Said::json(201, &refund_view(&refund)))
    }

    /// As strict as the real one: the bytes of the event, not its meaning, are checked.
    fn verify(&self, body: &str) -> bool {
        let asked: Value = serde_json::from_str(body).unwrap_or_default();
        let field = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        let event = body.find("\"webhook_event\":").map(|at| &body[at + "\"webhook_event\":".len()..]);
        let Some(event) = event.and_then(|event| event.strip_suffix('}')) else { return false };
        let fresh = Timestamp::parse_rfc3339(&field("transmission_time")).is_some();
        let message =
            format!("{}|{}|{}|{}", field("transmission_id"), field("transmission_time"), self.keys.webhook_id, crc32(event.as_bytes()));
        fresh
            && field("webhook_id") == self.keys.webhook_id
            && field("auth_algo") == "SHA256withRSA"
            && field("cert_url").starts_with("https://api.paypal.com/")
            && self.keys.key.verifies(message.as_bytes(), &field("transmission_sig"))
    }
}

fn wrong(status: u16, name: &str, issue: &str) -> Said {
    let details = json!([{ "issue": issue, "description": "…" }]);
    Said::json(
        status,
        &json!({ "name": name, "message": "The requested action could not be performed.", "debug_id": "90957fca61718", "details": details }),
    )
}

/// The API below `/v1` and `/v2`, the shopper's browser at `/shopper/pay`.
pub fn router(provider: PayPal) -> Router {
    Router::new()
        .route("/v1/oauth2/token", post(token))
        .route("/v1/notifications/verify-webhook-signature", post(verify))
        .route("/v2/checkout/orders", post(create))
        .route("/v2/checkout/orders/{id}", get(show))
        .route("/v2/checkout/orders/{id}/capture", post(capture))
        .route("/v2/payments/captures/{id}/refund", post(refund))
        .route("/v2/payments/refunds/{id}", get(show_refund))
        .route("/shopper/pay", post(shopper))
        .with_state(provider)
}

async fn token(State(provider): State<PayPal>, headers: HeaderMap, body: String) -> Response {
    let basic = STANDARD.encode(format!("{}:{}", provider.keys.client_id, provider.keys.client_secret));
    let right = headers.get("authorization").is_some_and(|value| value == format!("Basic {basic}").as_str());
    if !right || body != "grant_type=client_credentials" {
        return plain(Said::json(401, &json!({ "error": "invalid_client", "error_description": "Client Authentication failed" })));
    }
    let token = random_hex::<24>();
    provider.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), provider.desk.now() + hours(9));
    plain(Said::json(200, &json!({ "access_token": token, "token_type": "Bearer", "expires_in": 32_400, "scope": "…" })))
}

/// Admits, remembers the request id, works.
async fn answered(
    provider: PayPal,
    (operation, method, headers): (Operation, Method, HeaderMap),
    (place, body): (String, String),
    work: impl FnOnce(&PayPal, &Value) -> Result<Said, Said>,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let token = text("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let now = provider.desk.now();
    if provider.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(token).is_none_or(|until| *until <= now) {
        return plain(Said::json(401, &json!({ "name": "AUTHENTICATION_FAILURE", "message": "Authentication failed" })));
    }
    let mut asked = Value::Null;
    if method == Method::POST {
        let json = text("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        match serde_json::from_str(&body) {
            Ok(read) if json => asked = read,
            _ => return plain(wrong(400, "INVALID_REQUEST", "MALFORMED_REQUEST_JSON")),
        }
    }
    let key = text("paypal-request-id").map(str::to_owned);
    if method == Method::POST && key.is_none() {
        return plain(wrong(400, "INVALID_REQUEST", "this simulator insists on a PayPal-Request-Id"));
    }
    let busy = wrong(429, "RATE_LIMIT_REACHED", "RATE_LIMIT_REACHED");
    let desk = provider.desk.clone();
    serve(&desk, operation, (busy, |said, _| plain(said)), async move {
        // The same key answers what it answered.
        let slot = key.map(|key| format!("{place} {key}"));
        let known = slot.as_ref().and_then(|slot| provider.requests.lock().unwrap_or_else(PoisonError::into_inner).get(slot).cloned());
        if let Some(known) = known {
            return Said { status: 200, body: known.into_bytes() };
        }
        match work(&provider, &asked) {
            Ok(said) => {
                if let Some(slot) = slot {
                    let text = String::from_utf8_lossy(&said.body).into_owned();
                    provider.requests.lock().unwrap_or_else(PoisonError::into_inner).insert(slot, text);
                }
                said
            }
            Err(refused) => refused,
        }
    })
    .await
}

async fn create(State(provider): State<PayPal>, headers: HeaderMap, body: String) -> Response {
    let place = ("orders".to_owned(), body);
    answered(provider, (Operation::CreateCharge, Method::POST, headers), place, |provider, asked| provider.create(asked)).await
}

async fn capture(State(provider): State<PayPal>, Path(id): Path<String>, headers: HeaderMap, body: String) -> Response {
    let place = (format!("capture {id}"), body);
    answered(provider, (Operation::CaptureCharge, Method::POST, headers), place, |provider, _| provider.capture(&id)).await
}

async fn refund(State(provider): State<PayPal>, Path(id): Path<String>, headers: HeaderMap, body: String) -> Response {
    let place = (format!("refund {id}"), body);
    answered(provider, (Operation::CreateRefund, Method::POST, headers), place, |provider, asked| provider.refund(&id, asked)).await
}

async fn show(State(provider): State<PayPal>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    answered(provider, (Operation::QueryCharge, Method::GET, headers), Default::default(), |provider, _| {
        let charge = provider.by_id(&id)?;
        Ok(Said::json(200, &provider.view(&charge)))
    })
    .await
}

async fn show_refund(State(provider): State<PayPal>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    answered(provider, (Operation::QueryRefund, Method::GET, headers), Default::default(), |provider, _| {
        let found = provider.desk.refunds().into_iter().find(|refund| refund.id == id);
        let found = found.ok_or_else(|| wrong(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"))?;
        Ok(Said::json(200, &refund_view(&found)))
    })
    .await
}

async fn verify(State(provider): State<PayPal>, headers: HeaderMap, body: String) -> Response {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let known = token.is_some_and(|token| provider.tokens.lock().unwrap_or_else(PoisonError::into_inner).contains_key(token));
    if !known {
        return plain(Said::json(401, &json!({ "name": "AUTHENTICATION_FAILURE", "message": "Authentication failed" })));
    }
    let verdict = if provider.verify(&body) { "SUCCESS" } else { "FAILURE" };
    plain(Said::json(200, &json!({ "verification_status": verdict })))
}

async fn shopper(State(provider): State<PayPal>, body: String) -> StatusCode {
    if provider.shopper_pays(&body) { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT }
}
