//! Alibaba Cloud's short message service: `POST /?PhoneNumbers=…` with `x-acs-action: SendSms`, API 2017-05-25.
//!
//! Every call must carry an `ACS3-HMAC-SHA256` signature of just now over exactly what arrived, with a nonce never seen
//! before. As the real one, it limits what one number is sent.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::post,
};
use kernel::{Clock, Timestamp, minutes};
use serde_json::json;

use crate::protocol::random_hex;

/// What must be signed, in this order.
const SIGNED: &str = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";

/// How far a date may be from now.
const WINDOW: std::time::Duration = minutes(15);

/// An account with what was approved for it.
#[derive(Clone)]
pub struct Account {
    /// The access key id.
    pub access_key: String,
    /// Its secret.
    pub secret: String,
    /// The approved signature.
    pub sign_name: String,
    /// The approved templates; each has one variable, `code`.
    pub templates: Vec<String>,
    /// The approved templates of what is due; each has two variables, `name` and `until`.
    pub due_templates: Vec<String>,
}

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// To whom, as it was asked.
    pub number: String,
    /// With which template.
    pub template: String,
    /// The code in it, or its name and time.
    pub code: String,
}

/// How the next call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFault {
    /// 503 with a page; nothing was sent.
    Unavailable,
    /// `isp.SYSTEM_ERROR`; nothing was sent.
    SystemError,
    /// No answer for a minute; nothing was sent.
    Hang,
}

/// The simulated service. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct TextService(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    account: Account,
    state: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    sent: Vec<(Timestamp, Sent)>,
    nonces: BTreeSet<String>,
    faults: VecDeque<TextFault>,
}

/// A refusal: status, code, words.
type Refused = (StatusCode, &'static str, &'static str);

impl TextService {
    /// A service with one account.
    pub fn new(clock: Arc<dyn Clock>, account: Account) -> Self {
        Self(Arc::new(Inner { clock, account, state: Mutex::default() }))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.inside().sent.iter().map(|(_, sent)| sent.clone()).collect()
    }

    /// The next call goes wrong so; calls queue up.
    pub fn next_fault(&self, fault: TextFault) {
        self.inside().faults.push_back(fault);
    }

    fn send(&self, query: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
        self.signed(query, headers, body)?;
        let header = |name| text(headers, name);
        if header("x-acs-action") != Some("SendSms") || header("x-acs-version") != Some("2017-05-25") {
            return Err((StatusCode::NOT_FOUND, "InvalidAction.NotFound", "Specified api is not found."));
        }
        let parameters: BTreeMap<String, String> =
            serde_urlencoded(query).ok_or((StatusCode::BAD_REQUEST, "InvalidParameter", "The query is malformed."))?;
        let given = |name: &str| parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let missing = (StatusCode::BAD_REQUEST, "MissingParameter", "A parameter is missing.");
        let (Some(number), Some(sign), Some(template), Some(values)) =
            (given("PhoneNumbers"), given("SignName"), given("TemplateCode"), given("TemplateParam"))
        else {
            return Err(missing);
        };
        let refuse = |code, words| Err((StatusCode::OK, code, words));
        let domestic = number.len() == 11 && number.starts_with('1');
        if !number.bytes().all(|b| b.is_ascii_digit()) || !(domestic || (8..=15).contains(&number.len()) && !number.starts_with("86")) {
            return refuse("isv.MOBILE_NUMBER_ILLEGAL", "invalid mobile number");
        }
        if sign != self.0.account.sign_name {
            return refuse("isv.SMS_SIGNATURE_ILLEGAL", "the signature is not approved");
        }
        let known = |templates: &[String]| templates.iter().any(|known| known == template);
        let variables: &[&str] = match template {
            _ if known(&self.0.account.templates) => &["code"],
            _ if known(&self.0.account.due_templates) => &["name", "until"],
            _ => return refuse("isv.SMS_TEMPLATE_ILLEGAL", "the template is not approved"),
        };
        let values: serde_json::Value = serde_json::from_str(values).unwrap_or_default();
        let said = |name: &&str| values[*name].as_str().filter(|said| (1..=35).contains(&said.chars().count()));
        let said: Vec<&str> = variables.iter().filter_map(said).collect();
        if said.len() != variables.len() || values.as_object().is_none_or(|all| all.len() != variables.len()) {
            return refuse("isv.TEMPLATE_MISSING_PARAMETERS", "the template's variables are not these");
        };
        let now = self.0.clock.now();
        let mut inside = self.inside();
        let recently = |(at, sent): &&(Timestamp, Sent)| sent.number == number && now < *at + minutes(1);
        if inside.sent.iter().filter(recently).count() > 0 {
            return refuse("isv.BUSINESS_LIMIT_CONTROL", "one message a minute to one number");
        }
        inside.sent.push((now, Sent { number: number.to_owned(), template: template.to_owned(), code: said.join(" ") }));
        Ok(())
    }

    fn signed(&self, query: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
        let refuse = |code, words| Err((StatusCode::BAD_REQUEST, code, words));
        let Some(authorization) = text(headers, "authorization") else {
            return refuse("MissingSignature", "There is no signature.");
        };
        let parts = authorization.strip_prefix("ACS3-HMAC-SHA256 ").unwrap_or_default().split(',');
        let parts: BTreeMap<&str, &str> = parts.filter_map(|part| part.split_once('=')).collect();
        if parts.get("Credential") != Some(&self.0.account.access_key.as_str()) {
            return Err((StatusCode::NOT_FOUND, "InvalidAccessKeyId.NotFound", "Specified access key is not found."));
        }
        if parts.get("SignedHeaders") != Some(&SIGNED) {
            return refuse("IncompleteSignature", "Other headers must be signed.");
        }
        if text(headers, "x-acs-content-sha256") != Some(&hex::encode(digest(&SHA256, body))) {
            return refuse("InvalidContentHash", "The hash is not the body's.");
        }
        let date = text(headers, "x-acs-date").filter(|date| date.len() == 20).and_then(Timestamp::parse_rfc3339);
        let now = self.0.clock.now();
        if date.is_none_or(|date| date > now + WINDOW || now > date + WINDOW) {
            return refuse("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.");
        }
        let lines: String = SIGNED.split(';').map(|name| format!("{name}:{}\n", text(headers, name).unwrap_or_default().trim())).collect();
        let canonical = format!("POST\n/\n{query}\n{lines}\n{SIGNED}\n{}", hex::encode(digest(&SHA256, body)));
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex::encode(digest(&SHA256, canonical.as_bytes())));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.account.secret.as_bytes());
        let signature = parts.get("Signature").and_then(|text| hex::decode(text).ok()).unwrap_or_default();
        if hmac::verify(&key, to_sign.as_bytes(), &signature).is_err() {
            return refuse("SignatureDoesNotMatch", "Specified signature does not match our calculation.");
        }
        let mut sorted: Vec<&str> = query.split('&').collect();
        sorted.sort_unstable();
        if sorted.join("&") != query {
            return refuse("SignatureDoesNotMatch", "The query is not in its canonical order.");
        }
        let nonce = text(headers, "x-acs-signature-nonce").unwrap_or_default().to_owned();
        if nonce.is_empty() || !self.inside().nonces.insert(nonce) {
            return refuse("SignatureNonceUsed", "Specified signature nonce was used already.");
        }
        Ok(())
    }
}

/// The service, as `https://dysmsapi.aliyuncs.com` has it.
pub fn router(service: TextService) -> Router {
    Router::new().route("/", post(call)).with_state(service)
}

async fn call(State(service): State<TextService>, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let fault = service.inside().faults.pop_front();
    let answer = match fault {
        Some(TextFault::Hang) => return crate::http::hang().await,
        Some(TextFault::Unavailable) => return (StatusCode::SERVICE_UNAVAILABLE, "<html>503</html>").into_response(),
        Some(TextFault::SystemError) => Err((StatusCode::OK, "isp.SYSTEM_ERROR", "system error")),
        None => service.send(&query.unwrap_or_default(), &headers, &body),
    };
    let request = random_hex::<16>().to_uppercase();
    match answer {
        Ok(()) => Json(json!({ "Code": "OK", "Message": "OK", "BizId": random_hex::<10>(), "RequestId": request })).into_response(),
        Err((status, code, words)) => (status, Json(json!({ "Code": code, "Message": words, "RequestId": request }))).into_response(),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The parameters of a query; none when it is malformed.
fn serde_urlencoded(query: &str) -> Option<BTreeMap<String, String>> {
    let uri: Uri = format!("/?{query}").parse().ok()?;
    axum::extract::Query::try_from_uri(&uri).ok().map(|axum::extract::Query(all)| all)
}
