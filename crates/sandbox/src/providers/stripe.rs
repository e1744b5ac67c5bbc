//! Stripe's API: PaymentIntents, refunds, idempotency keys that are forgotten after a day, signed webhooks.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::to_bytes,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use kernel::{Clock, Currency, Money, Timestamp, days};
use serde_json::{Value, json};

use super::desk::{
    ChargeStatus, Desk, DeskCharge, DeskRefund, Event, EventKind, Letter, No, RefundStatus, Said, Voice, front, plain, serve,
};
use crate::{
    callbacks::CallbackPolicy,
    faults::{Operation, Tamper},
    protocol::random_hex,
};

/// What the merchant is told when it signs up.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// `sk_test_…`
    pub secret_key: String,
    /// `pk_test_…`
    pub publishable_key: String,
    /// `whsec_…`
    pub webhook_secret: String,
}

struct Keys {
    secret_key: String,
    webhook_secret: String,
    webhook_url: Mutex<String>,
}

/// What was answered to a key: the request, the answer, and until when it is remembered.
type Answered = BTreeMap<String, (String, u16, Value, Timestamp)>;

/// The simulated provider. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Stripe {
    keys: Arc<Keys>,
    desk: Desk,
    answered: Arc<Mutex<Answered>>,
}

front!(Stripe);

fn code(currency: Currency) -> String {
    format!("{currency:?}").to_lowercase()
}

fn currency(text: &str) -> Option<Currency> {
    [Currency::Cny, Currency::Usd, Currency::Eur, Currency::Gbp, Currency::Hkd, Currency::Jpy]
        .into_iter()
        .find(|known| code(*known) == text)
}

fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1000)
}

fn intent_view(charge: &DeskCharge, expanded: bool) -> Value {
    let paid = charge.status == ChargeStatus::Paid;
    let latest = match charge.paid_at {
        Some(at) if expanded => json!({ "id": charge.paid_by, "object": "charge", "created": seconds(at), "paid": true }),
        Some(_) => json!(charge.paid_by),
        None => Value::Null,
    };
    json!({
        "id": charge.id, "object": "payment_intent", "amount": charge.amount.minor,
        "amount_received": if paid { charge.amount.minor } else { 0 }, "currency": code(charge.amount.currency),
        "client_secret": format!("{}_secret_{}", charge.id, &charge.paid_by[3..]), "created": seconds(charge.created_at),
        "latest_charge": latest, "livemode": false, "metadata": { "charge_no": charge.no },
        "status": match charge.status {
            ChargeStatus::Paid => "succeeded",
            ChargeStatus::Closed => "canceled",
            _ => "requires_payment_method",
        },
    })
}

fn refund_view(refund: &DeskRefund, charge: &DeskCharge) -> Value {
    let (status, failure) = match &refund.status {
        RefundStatus::Processing => ("pending", None),
        RefundStatus::Back => ("succeeded", None),
        RefundStatus::Failed(reason) => ("failed", Some(reason)),
    };
    json!({
        "id": refund.id, "object": "refund", "amount": refund.amount.minor, "currency": code(refund.amount.currency),
        "payment_intent": charge.id, "charge": charge.paid_by, "created": seconds(refund.created_at), "status": status,
        "failure_reason": failure, "metadata": { "refund_no": refund.no, "charge_no": charge.no },
    })
}

impl Voice for Arc<Keys> {
    fn write(&self, event: &Event, tamper: Option<&Tamper>, now: Timestamp) -> Option<Letter> {
        let (kind, mut object) = match (event.kind, &event.refund) {
            (EventKind::Paid, _) => ("payment_intent.succeeded", intent_view(&event.charge, false)),
            (EventKind::Closed, _) => ("payment_intent.canceled", intent_view(&event.charge, false)),
            (EventKind::RefundEnded, Some(refund)) => {
                let failed = matches!(refund.status, RefundStatus::Failed(_));
                (if failed { "refund.failed" } else { "refund.updated" }, refund_view(refund, &event.charge))
            }
            _ => return None,
        };
        let mut livemode = false;
        match tamper {
            Some(Tamper::Amount(minor)) => {
                object["amount"] = json!(minor);
                object["amount_received"] = json!(minor);
            }
            Some(Tamper::Currency(other)) => object["currency"] = json!(code(*other)),
            Some(Tamper::ChargeNo(no)) => object["metadata"]["charge_no"] = json!(no),
            Some(Tamper::Merchant(_)) => livemode = true,
            _ => {}
        }
        let body = json!({
            "id": format!("evt_{}", event.id), "object": "event", "api_version": "2024-06-20", "created": seconds(event.at),
            "livemode": livemode, "pending_webhooks": 1, "type": kind, "data": { "object": object },
        });
        // As Stripe does, the body is written over several lines; the bytes are signed, not their meaning.
        let body = serde_json::to_string_pretty(&body).expect("plain data").into_bytes();
        let at = if tamper == Some(&Tamper::Stale) { seconds(now) - 3600 } else { seconds(now) };
        let secret = if tamper == Some(&Tamper::UnknownKey) { "whsec_stranger" } else { &self.webhook_secret };
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), &[at.to_string().as_bytes(), b".", &body].concat());
        let tag = if tamper == Some(&Tamper::Signature) { "00".repeat(32) } else { hex::encode(tag) };
        let headers = vec![
            ("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned()),
            // A secret being replaced signs too; and a scheme nobody knows.
            ("Stripe-Signature".to_owned(), format!("t={at},v1={},v1={tag},v0={}", "ab".repeat(32), "cd".repeat(32))),
        ];
        let url = self.webhook_url.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (!url.is_empty()).then_some(Letter { url, headers, body })
    }

    fn is_heard(&self, status: u16, _: &str) -> bool {
        (200..300).contains(&status)
    }
}

impl Stripe {
    /// A provider with one merchant, and what that merchant is told.
    pub fn open((clock, callbacks): (Arc<dyn Clock>, CallbackPolicy)) -> (Self, Credentials) {
        let credentials = Credentials {
            secret_key: format!("sk_test_{}", random_hex::<12>()),
            publishable_key: format!("pk_test_{}", random_hex::<12>()),
            webhook_secret: format!("whsec_{}", random_hex::<16>()),
        };
        let keys = Arc::new(Keys {
            secret_key: credentials.secret_key.clone(),
            webhook_secret: credentials.webhook_secret.clone(),
            webhook_url: Mutex::default(),
        });
        (Self { desk: Desk::new(clock, callbacks, Arc::clone(&keys)), keys, answered: Arc::default() }, credentials)
    }

    fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Where events go: set once in the merchant's dashboard.
    pub fn report_to(&self, url: impl Into<String>) {
        *self.keys.webhook_url.lock().unwrap_or_else(PoisonError::into_inner) = url.into();
    }

    /// The shopper's card is charged; `handed` is the client secret. False: it takes no money.
    pub fn shopper_pays(&self, handed: &str) -> bool {
        let charge = self.desk.charge_by(|charge| handed.starts_with(&charge.id));
        charge.is_some_and(|charge| self.desk.pay(&charge.no).is_ok())
    }

    fn create(&self, form: &BTreeMap<String, String>) -> Result<Value, (u16, Value)> {
        only(form, &["amount", "currency", "automatic_payment_methods[enabled]", "description", "metadata[charge_no]"])?;
        let amount = whole(form, "amount")?;
        let currency = form.get("currency").and_then(|text| currency(text)).ok_or_else(|| wrong(400, "parameter_invalid", "currency"))?;
        let no = form.get("metadata[charge_no]").cloned().unwrap_or_else(random_hex::<8>);
        let charge = DeskCharge {
            no,
            id: format!("pi_{}", random_hex::<12>()),
            paid_by: format!("ch_{}", random_hex::<12>()),
            amount: Money::new(amount, currency),
            asked: format!("{form:?}"),
            notify_url: String::new(),
            status: ChargeStatus::Pending,
            expires_at: None,
            paid_at: None,
            created_at: self.desk.now(),
        };
        let charge = self.desk.open_charge(charge).map_err(|_| wrong(400, "resource_already_exists", "metadata"))?;
        Ok(intent_view(&charge, false))
    }

    fn by_id(&self, id: &str) -> Result<DeskCharge, (u16, Value)> {
        self.desk.charge_by(|charge| charge.id == id).ok_or_else(|| wrong(404, "resource_missing", "No such payment_intent"))
    }

    fn cancel(&self, id: &str) -> Result<Value, (u16, Value)> {
        let charge = self.by_id(id)?;
        match self.desk.close(&charge.no) {
            Ok(charge) => Ok(intent_view(&charge, false)),
            Err(_) => Err(wrong(400, "payment_intent_unexpected_state", "You cannot cancel this PaymentIntent")),
        }
    }

    fn refund(&self, form: &BTreeMap<String, String>) -> Result<Value, (u16, Value)> {
        only(form, &["payment_intent", "amount", "reason", "metadata[refund_no]", "metadata[charge_no]"])?;
        let charge = self.by_id(form.get("payment_intent").map(String::as_str).unwrap_or_default())?;
        let reason = form.get("reason").map(String::as_str);
        if reason.is_some_and(|reason| !["duplicate", "fraudulent", "requested_by_customer"].contains(&reason)) {
            return Err(wrong(400, "parameter_invalid", "reason"));
        }
        let mut no = form.get("metadata[refund_no]").cloned().unwrap_or_default();
        if self.desk.refund(&no).is_some() {
            // Metadata means nothing to Stripe: the same once more is another refund.
            no = format!("{no}#{}", random_hex::<4>());
        }
        let refund = DeskRefund {
            no,
            charge_no: charge.no.clone(),
            id: format!("re_{}", random_hex::<12>()),
            amount: Money::new(whole(form, "amount")?, charge.amount.currency),
            notify_url: String::new(),
            status: RefundStatus::Processing,
            created_at: self.desk.now(),
            ended_at: None,
        };
        let refund = self.desk.open_refund(refund).map_err(|no| match no {
            No::TooMuch => wrong(400, "amount_too_large", "Refund amount is greater than unrefunded amount on charge"),
            _ => wrong(400, "payment_intent_unexpected_state", "This PaymentIntent does not have a successful charge to refund"),
        })?;
        Ok(refund_view(&refund, &charge))
    }

    /// A key that was used answers what it answered, for a day; with other content it is refused.
    fn once(&self, key: Option<&str>, request: String, work: impl FnOnce() -> Result<Value, (u16, Value)>) -> Said {
        let now = self.desk.now();
        let Some(key) = key else { return said(work()) };
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.retain(|_, (.., until)| *until > now);
        if let Some((known, status, answer, _)) = answered.get(key) {
            if *known != request {
                let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                return Said::json(400, &json!({ "error": { "type": "idempotency_error", "message": message } }));
            }
            return Said::json(*status, answer);
        }
        let (status, answer) = work().map_or_else(|refused| refused, |answer| (200, answer));
        answered.insert(key.to_owned(), (request, status, answer.clone(), now + days(1)));
        Said::json(status, &answer)
    }
}

fn wrong(status: u16, code: &str, message: &str) -> (u16, Value) {
    (status, json!({ "error": { "type": "invalid_request_error", "code": code, "message": message } }))
}

fn said(result: Result<Value, (u16, Value)>) -> Said {
    let (status, body) = result.map_or_else(|refused| refused, |answer| (200, answer));
    Said::json(status, &body)
}

fn whole(form: &BTreeMap<String, String>, name: &str) -> Result<i64, (u16, Value)> {
    let found = form.get(name).and_then(|text| text.parse().ok()).filter(|n: &i64| *n > 0);
    found.ok_or_else(|| wrong(400, "parameter_invalid_integer", name))
}

fn only(form: &BTreeMap<String, String>, names: &[&str]) -> Result<(), (u16, Value)> {
    match form.keys().find(|key| !names.contains(&key.as_str())) {
        Some(unknown) => Err(wrong(400, "parameter_unknown", unknown)),
        None => Ok(()),
    }
}

/// The API below `/v1`, the shopper's browser at `/shopper/pay`.
pub fn router(provider: Stripe) -> Router {
    Router::new()
        .route("/v1/payment_intents", post(create))
        .route("/v1/payment_intents/search", get(search))
        .route("/v1/payment_intents/{id}", get(retrieve))
        .route("/v1/payment_intents/{id}/cancel", post(cancel))
        .route("/v1/refunds", post(refund).get(refunds))
        .route("/shopper/pay", post(shopper))
        .with_state(provider)
}

fn admitted(provider: &Stripe, headers: &HeaderMap) -> Result<(), Said> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("authorization") != Some(&format!("Bearer {}", provider.keys.secret_key)) {
        let error = json!({ "error": { "type": "invalid_request_error", "message": "Invalid API Key provided" } });
        return Err(Said::json(401, &error));
    }
    if text("stripe-version").is_none() {
        return Err(said(Err(wrong(400, "version", "Stripe-Version is missing"))));
    }
    Ok(())
}

fn busy() -> Said {
    said(Err((429, json!({ "error": { "type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests" } }))))
}

/// Admits, reads the form, works once per key.
async fn posted(
    provider: Stripe,
    (operation, request): (Operation, Request),
    work: impl FnOnce(&Stripe, &BTreeMap<String, String>) -> Result<Value, (u16, Value)>,
) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(refused) = admitted(&provider, &parts.headers) {
        return plain(refused);
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind != "application/x-www-form-urlencoded" {
        return plain(said(Err(wrong(400, "content_type", "send a form"))));
    }
    let body = to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let form =
        Query::<BTreeMap<String, String>>::try_from_uri(&format!("/?{}", String::from_utf8_lossy(&body)).parse().unwrap_or_default());
    let Ok(Query(form)) = form else { return plain(said(Err(wrong(400, "form", "the form does not read")))) };
    let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let request = format!("{} {form:?}", parts.uri.path());
    let desk = provider.desk.clone();
    serve(
        &desk,
        operation,
        (busy(), |said, _| plain(said)),
        async move { provider.once(key.as_deref(), request, || work(&provider, &form)) },
    )
    .await
}

async fn got(
    provider: Stripe,
    (operation, headers): (Operation, HeaderMap),
    work: impl FnOnce(&Stripe) -> Result<Value, (u16, Value)>,
) -> Response {
    if let Err(refused) = admitted(&provider, &headers) {
        return plain(refused);
    }
    let desk = provider.desk.clone();
    serve(&desk, operation, (busy(), |said, _| plain(said)), async move { said(work(&provider)) }).await
}

async fn create(State(provider): State<Stripe>, request: Request) -> Response {
    if request.headers().get("idempotency-key").is_none() {
        return plain(said(Err(wrong(400, "idempotency_key", "this simulator insists on an Idempotency-Key"))));
    }
    posted(provider, (Operation::CreateCharge, request), Stripe::create).await
}

async fn cancel(State(provider): State<Stripe>, Path(id): Path<String>, request: Request) -> Response {
    posted(provider, (Operation::CloseCharge, request), |provider, _| provider.cancel(&id)).await
}

async fn refund(State(provider): State<Stripe>, request: Request) -> Response {
    if request.headers().get("idempotency-key").is_none() {
        return plain(said(Err(wrong(400, "idempotency_key", "this simulator insists on an Idempotency-Key"))));
    }
    posted(provider, (Operation::CreateRefund, request), Stripe::refund).await
}

async fn retrieve(State(provider): State<Stripe>, Path(id): Path<String>, headers: HeaderMap, request: Request) -> Response {
    let expanded = request.uri().query().is_some_and(|query| query.contains("expand"));
    got(provider, (Operation::QueryCharge, headers), |provider| {
        let charge = provider.by_id(&id)?;
        Ok(intent_view(&charge, expanded))
    })
    .await
}

async fn search(State(provider): State<Stripe>, Query(asked): Query<BTreeMap<String, String>>, headers: HeaderMap) -> Response {
    got(provider, (Operation::QueryCharge, headers), |provider| {
        let query = asked.get("query").map(String::as_str).unwrap_or_default();
        let no = query.strip_prefix("metadata['charge_no']:'").and_then(|rest| rest.strip_suffix('\''));
        let no = no.ok_or_else(|| wrong(400, "query", "the query does not read"))?;
        let found: Vec<Value> = provider.desk.charge(no).iter().map(|charge| intent_view(charge, true)).collect();
        Ok(json!({ "object": "search_result", "data": found, "has_more": false }))
    })
    .await
}

async fn refunds(State(provider): State<Stripe>, Query(asked): Query<BTreeMap<String, String>>, headers: HeaderMap) -> Response {
    got(provider, (Operation::QueryRefund, headers), |provider| {
        let charge = provider.by_id(asked.get("payment_intent").map(String::as_str).unwrap_or_default())?;
        let found: Vec<Value> = provider.desk.refunds_of(&charge.no).iter().map(|refund| refund_view(refund, &charge)).collect();
        Ok(json!({ "object": "list", "data": found, "has_more": false }))
    })
    .await
}

async fn shopper(State(provider): State<Stripe>, body: String) -> StatusCode {
    if provider.shopper_pays(&body) { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT }
}
