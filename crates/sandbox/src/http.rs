//! The door: who asks is proved before anything is read, every answer is signed, and faults happen here.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{OriginalUri, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::stream;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    bank::{Bank, CallError},
    books::CloseReason,
    cashier,
    faults::{ApiFault, Operation},
    protocol::{self, CloseCharge, ErrorView, NewCharge, NewRefund},
};

/// The largest request body.
const BODY_LIMIT: usize = 64 * 1024;

/// The bank's routes: the merchants' API below `/v1`, the shopper's pages below `/cashier`. May be nested anywhere;
/// [`crate::BankConfig::public_url`] must say where.
pub fn router(bank: Bank) -> Router {
    Router::new()
        .route("/v1/charges", post(create_charge))
        .route("/v1/charges/{no}", get(query_charge))
        .route("/v1/charges/{no}/close", post(close_charge))
        .route("/v1/refunds", post(create_refund))
        .route("/v1/refunds/{no}", get(query_refund))
        .route("/cashier/{charge_id}", get(cashier::show))
        .route("/cashier/{charge_id}/pay", post(cashier::pay))
        .route("/cashier/{charge_id}/cancel", post(cashier::cancel))
        .with_state(bank)
}

async fn create_charge(State(bank): State<Bank>, request: Request) -> Response {
    serve(&bank, Operation::CreateCharge, request, |caller, body| {
        let new: NewCharge = read(&caller, body)?;
        answer(bank.create_charge(&caller.merchant_id, &new))
    })
    .await
}

async fn query_charge(State(bank): State<Bank>, Path(no): Path<String>, request: Request) -> Response {
    serve(&bank, Operation::QueryCharge, request, |caller, body| {
        no_body(body)?;
        answer(bank.query_charge(&(caller.merchant_id, no)))
    })
    .await
}

async fn close_charge(State(bank): State<Bank>, Path(no): Path<String>, request: Request) -> Response {
    serve(&bank, Operation::CloseCharge, request, |caller, body| {
        if !body.is_empty() {
            let CloseCharge {} = read(&caller, body)?;
        }
        answer(bank.close_key(&(caller.merchant_id, no), CloseReason::Merchant))
    })
    .await
}

async fn create_refund(State(bank): State<Bank>, request: Request) -> Response {
    serve(&bank, Operation::CreateRefund, request, |caller, body| {
        let new: NewRefund = read(&caller, body)?;
        answer(bank.create_refund(&caller.merchant_id, &new))
    })
    .await
}

async fn query_refund(State(bank): State<Bank>, Path(no): Path<String>, request: Request) -> Response {
    serve(&bank, Operation::QueryRefund, request, |caller, body| {
        no_body(body)?;
        answer(bank.query_refund(&(caller.merchant_id, no)))
    })
    .await
}

/// A merchant whose signature fits.
struct Caller {
    merchant_id: String,
    json: bool,
}

/// What goes back, before it is signed.
struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    fn error(status: StatusCode, code: &str, message: impl ToString) -> Self {
        let view = ErrorView { code: code.to_owned(), message: message.to_string() };
        Self { status, body: serde_json::to_vec(&view).expect("an error is plain data") }
    }
}

fn answer<T: Serialize>(result: Result<T, CallError>) -> Result<Answer, Answer> {
    match result {
        Ok(view) => Ok(Answer { status: StatusCode::OK, body: serde_json::to_vec(&view).expect("a view is plain data") }),
        Err(CallError::Refused(refusal)) => {
            let status = StatusCode::from_u16(refusal.status()).expect("a refusal's status is one of HTTP's");
            Err(Answer::error(status, refusal.code(), refusal))
        }
        Err(CallError::Journal(error)) => {
            tracing::error!(%error, "the bank cannot write its journal");
            Err(Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR", "try again"))
        }
    }
}

fn read<T: DeserializeOwned>(caller: &Caller, body: &[u8]) -> Result<T, Answer> {
    if !caller.json {
        return Err(Answer::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "CONTENT_TYPE", "send application/json"));
    }
    serde_json::from_slice(body).map_err(|error| Answer::error(StatusCode::BAD_REQUEST, "PARAM_ERROR", error))
}

fn no_body(body: &[u8]) -> Result<(), Answer> {
    if body.is_empty() { Ok(()) } else { Err(Answer::error(StatusCode::BAD_REQUEST, "PARAM_ERROR", "no body is expected")) }
}

/// Proves the caller, does the work, signs the answer; and misbehaves where a fault says so.
async fn serve(
    bank: &Bank,
    operation: Operation,
    request: Request,
    work: impl FnOnce(Caller, &[u8]) -> Result<Answer, Answer>,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return signed(bank, &Answer::error(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", "at most 64 KiB"));
    };
    // Inside a nested router the path is shortened; the merchant signed the whole one.
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let caller = match authenticate(bank, parts.method.as_str(), path, &parts.headers, &body) {
        Ok(caller) => caller,
        Err(refused) => return signed(bank, &refused),
    };
    let fault = bank.faults().take_api(operation);
    match fault {
        Some(ApiFault::ServerError) => return broken_gateway(),
        Some(ApiFault::Busy) => return signed(bank, &Answer::error(StatusCode::SERVICE_UNAVAILABLE, "BUSY", "try again later")),
        Some(ApiFault::Hang) => return hang().await,
        _ => {}
    }
    debug_assert!(fault.is_none_or(ApiFault::works));
    let answer = work(caller, &body).unwrap_or_else(|refused| refused);
    match fault {
        Some(ApiFault::HangAfterWork) => hang().await,
        Some(ApiFault::ServerErrorAfterWork) => broken_gateway(),
        Some(ApiFault::DropAnswer) => cut(signed(bank, &answer), &answer.body, 0),
        Some(ApiFault::HalfBody) => cut(signed(bank, &answer), &answer.body, answer.body.len() / 2),
        Some(ApiFault::ForgedSignature) => {
            let mut response = signed(bank, &answer);
            let forged = HeaderValue::from_str(&STANDARD.encode([7_u8; 64])).expect("base64 is a header value");
            response.headers_mut().insert(protocol::SIGNATURE, forged);
            response
        }
        _ => signed(bank, &answer),
    }
}

fn authenticate(bank: &Bank, method: &str, path: &str, headers: &HeaderMap, body: &[u8]) -> Result<Caller, Answer> {
    let unauthorized = |code: &str, message: String| Answer::error(StatusCode::UNAUTHORIZED, code, message);
    let one = |name: &'static str| {
        let mut values = headers.get_all(name).iter();
        match (values.next().and_then(|value| value.to_str().ok()), values.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(unauthorized("HEADER_INVALID", format!("{name} is sent once, as text"))),
        }
    };
    let (merchant_id, timestamp, nonce, signature) =
        (one(protocol::MERCHANT)?, one(protocol::TIMESTAMP)?, one(protocol::NONCE)?, one(protocol::SIGNATURE)?);
    let inner = &bank.0;
    let key = inner.merchants.get(merchant_id).ok_or_else(|| unauthorized("MERCHANT_UNKNOWN", "no such merchant".into()))?;
    let seconds = timestamp
        .parse::<i64>()
        .ok()
        .filter(|seconds| seconds.to_string() == timestamp)
        .ok_or_else(|| unauthorized("HEADER_INVALID", format!("{} is seconds since 1970", protocol::TIMESTAMP)))?;
    if !protocol::is_nonce(nonce) {
        return Err(unauthorized("HEADER_INVALID", format!("{} is 16 to 64 letters and digits", protocol::NONCE)));
    }
    let now = inner.clock.now();
    if !protocol::in_window(seconds, now) {
        return Err(unauthorized("TIMESTAMP_OUT_OF_WINDOW", format!("more than {} s off", protocol::WINDOW_SECONDS)));
    }
    if !key.verify(&protocol::request_message(method, path, seconds, nonce, body), signature) {
        return Err(unauthorized("SIGNATURE_INVALID", "the signature does not fit".into()));
    }
    // Last, so that a forgery does not use up somebody's nonce.
    if !inner.fresh_nonce(merchant_id, nonce, seconds, protocol::header_seconds(now)) {
        return Err(unauthorized("NONCE_USED", "this nonce was used before".into()));
    }
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    Ok(Caller { merchant_id: merchant_id.to_owned(), json })
}

fn signed(bank: &Bank, answer: &Answer) -> Response {
    let (timestamp, nonce) = (protocol::header_seconds(bank.0.clock.now()), protocol::nonce());
    let (serial, signature) = bank.0.sign(&protocol::answer_message(timestamp, &nonce, &answer.body));
    Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, "application/json")
        .header(protocol::TIMESTAMP, timestamp)
        .header(protocol::NONCE, nonce)
        .header(protocol::SERIAL, serial)
        .header(protocol::SIGNATURE, signature)
        .body(Body::from(answer.body.clone()))
        .expect("serials, nonces and base64 are header values")
}

/// What a proxy in front of a broken server says: not ours, not signed.
fn broken_gateway() -> Response {
    let mut response = Response::new(Body::from("<html><body>Internal Server Error</body></html>"));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// Sends `keep` bytes of the promised body, then breaks the connection.
fn cut(response: Response, body: &[u8], keep: usize) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let head = Bytes::copy_from_slice(&body[..keep]);
    let pieces = [Ok(head), Err(io::Error::other("the sandbox drops the connection here"))];
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces)))
}

/// Longer than any client should wait.
pub(crate) async fn hang() -> Response {
    tokio::time::sleep(Duration::from_secs(60)).await;
    Response::new(Body::from_stream(stream::empty::<Result<Bytes, Infallible>>()))
}
