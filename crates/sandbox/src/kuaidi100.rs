//! Kuaidi100's side of parcel tracking: `POST /poll/query.do`, `POST /poll`, and the reports it pushes.
//!
//! As strict as the real one: a form and nothing else, the sign in upper case over exactly the bytes that came, carriers in
//! lower case, the recipient's phone for those carriers that want it. It answers 200 whatever happens, with `returnCode`
//! when it refuses. A report is repeated until it is thanked for with the very words it expects.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use kernel::{Clock, Timestamp};
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::{Value, json};

/// How the next call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackFault {
    /// `502`: busy; nothing was done.
    Busy,
    /// A page of a proxy; nothing was done.
    BadGateway,
    /// The work is done, the answer is half a body.
    HalfBody,
    /// No answer for a minute; nothing was done.
    Hang,
}

/// One stop of a parcel.
#[derive(Clone, Debug)]
struct Stop {
    at: Timestamp,
    context: String,
    state: &'static str,
    place: String,
}

/// Who wants to be told about a parcel.
#[derive(Clone, Debug)]
struct Subscriber {
    callback: String,
    salt: String,
}

#[derive(Default)]
struct Inside {
    parcels: BTreeMap<(String, String), Vec<Stop>>,
    subscribers: BTreeMap<(String, String), Subscriber>,
    faults: VecDeque<TrackFault>,
    calls: u64,
}

struct Inner {
    clock: Arc<dyn Clock>,
    customer: String,
    key: String,
    http: reqwest::Client,
    inside: Mutex<Inside>,
}

/// The simulated Kuaidi100. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Kuaidi100(Arc<Inner>);

/// Its words for its numbers of where a parcel is.
const STATES: [(&str, &str); 8] =
    [("0", "在途"), ("1", "揽收"), ("2", "疑难"), ("3", "签收"), ("4", "退签"), ("5", "派件"), ("6", "退回"), ("7", "转投")];

impl Kuaidi100 {
    /// One that knows this account.
    pub fn new(clock: Arc<dyn Clock>, customer: &str, key: &str) -> Self {
        let (customer, key, http) = (customer.to_owned(), key.to_owned(), reqwest::Client::new());
        Self(Arc::new(Inner { clock, customer, key, http, inside: Mutex::default() }))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next call goes wrong so; calls queue up.
    pub fn next_fault(&self, fault: TrackFault) {
        self.inside().faults.push_back(fault);
    }

    /// How often it was called.
    pub fn calls(&self) -> u64 {
        self.inside().calls
    }

    /// Whether somebody wants to be told about a parcel.
    pub fn watches(&self, com: &str, number: &str) -> bool {
        self.inside().subscribers.contains_key(&(com.to_owned(), number.to_owned()))
    }

    /// The carrier scans a parcel: its number for the state, its words, the place. Nobody is told yet.
    pub fn scan(&self, (com, number): (&str, &str), (state, context, place): (&'static str, &str, &str)) {
        let stop = Stop { at: self.0.clock.now(), context: context.to_owned(), state, place: place.to_owned() };
        self.inside().parcels.entry((com.to_owned(), number.to_owned())).or_default().push(stop);
    }

    /// Tells whoever wants to know about a parcel; `None` when nobody does. The answer is what came back.
    pub async fn push(&self, com: &str, number: &str) -> Option<(u16, String)> {
        let report = self.report(com, number)?;
        Some(self.send(report).await)
    }

    /// A report as it would be pushed: the address and the body.
    pub fn report(&self, com: &str, number: &str) -> Option<(String, String)> {
        let inside = self.inside();
        let at = (com.to_owned(), number.to_owned());
        let subscriber = inside.subscribers.get(&at)?.clone();
        let stops = inside.parcels.get(&at).cloned().unwrap_or_default();
        drop(inside);
        let over = stops.last().is_some_and(|stop| matches!(stop.state, "3" | "4" | "6"));
        let (status, message) = match (stops.is_empty(), over) {
            (true, _) => ("abort", "3天查询无记录"),
            (false, true) => ("shutdown", ""),
            (false, false) => ("polling", ""),
        };
        let param = json!({
            "status": status, "billstatus": "got", "message": message, "autoCheck": "0", "comOld": "", "comNew": "",
            "lastResult": result(com, number, &stops),
        })
        .to_string();
        let sign = sign(&[&param, &subscriber.salt]);
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("sign", &sign).append_pair("param", &param).finish();
        Some((subscriber.callback, body))
    }

    /// Sends a report, forged or not.
    pub async fn send(&self, (address, body): (String, String)) -> (u16, String) {
        let request = self.0.http.post(address).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        match request.send().await {
            Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap_or_default()),
            Err(error) => (0, error.to_string()),
        }
    }

    /// Whether an answer to a report is the one it wants; else it repeats the report.
    pub fn is_thanked(answer: &str) -> bool {
        serde_json::from_str::<Value>(answer).is_ok_and(|answer| answer["result"] == json!(true) && answer["returnCode"] == json!("200"))
    }

    fn query(&self, form: &BTreeMap<String, String>) -> Value {
        let (Some(customer), Some(signed), Some(param)) = (form.get("customer"), form.get("sign"), form.get("param")) else {
            return refused("400", "提交的数据不完整，或者贵公司没授权");
        };
        if form.len() != 3 || *customer != self.0.customer {
            return refused("400", "提交的数据不完整，或者贵公司没授权");
        }
        if *signed != sign(&[param, &self.0.key, customer]) {
            return refused("503", "验证签名失败。请检查加密方式是否正确，请求参数不要有空格");
        }
        let Ok(asked) = serde_json::from_str::<Asked>(param) else { return refused("400", "参数错误") };
        if !is_carrier(&asked.com) || !is_number(&asked.num) {
            return refused("400", "找不到对应公司");
        }
        if asked.com == "shunfeng" && !is_phone(&asked.phone) {
            return refused("408", "快递公司参数异常：验证码错误");
        }
        let stops = self.inside().parcels.get(&(asked.com.clone(), asked.num.clone())).cloned().unwrap_or_default();
        if stops.is_empty() {
            return refused("500", "查询无结果，请隔段时间再查");
        }
        result(&asked.com, &asked.num, &stops)
    }

    fn subscribe(&self, form: &BTreeMap<String, String>) -> Value {
        let Some(param) = form.get("param").filter(|_| form.len() == 2 && form.get("schema").is_some_and(|schema| schema == "json")) else {
            return refused("700", "订阅方的订阅数据存在错误（如不完整、格式错误等）");
        };
        let Ok(wanted) = serde_json::from_str::<Subscription>(param) else { return refused("700", "订阅方的订阅数据存在错误") };
        if wanted.key != self.0.key {
            return refused("600", "您不是合法的订阅者（即授权Key出错）");
        }
        if !is_carrier(&wanted.company) {
            return refused("701", "拒绝订阅的快递公司");
        }
        let parameters = wanted.parameters;
        let callable = parameters.callbackurl.starts_with("http://") || parameters.callbackurl.starts_with("https://");
        if !is_number(&wanted.number) || !callable || parameters.salt.len() > 32 {
            return refused("700", "订阅方的订阅数据存在错误");
        }
        if wanted.company == "shunfeng" && !is_phone(&parameters.phone) {
            return refused("408", "快递公司参数异常：验证码错误");
        }
        let subscriber = Subscriber { callback: parameters.callbackurl, salt: parameters.salt };
        match self.inside().subscribers.insert((wanted.company, wanted.number), subscriber) {
            Some(_) => refused("501", "POLL:重复订阅"),
            None => json!({ "result": true, "returnCode": "200", "message": "提交成功" }),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    com: String,
    num: String,
    #[serde(default)]
    phone: String,
    #[serde(default, rename = "from")]
    _from: String,
    #[serde(default, rename = "to")]
    _to: String,
    #[serde(default, rename = "resultv2")]
    _resultv2: String,
    #[serde(default, rename = "show")]
    _show: String,
    #[serde(default, rename = "order")]
    _order: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscription {
    company: String,
    number: String,
    #[serde(default, rename = "from")]
    _from: String,
    #[serde(default, rename = "to")]
    _to: String,
    key: String,
    parameters: SubscriptionParameters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionParameters {
    callbackurl: String,
    #[serde(default)]
    salt: String,
    #[serde(default, rename = "resultv2")]
    _resultv2: String,
    #[serde(default)]
    phone: String,
}

fn is_carrier(com: &str) -> bool {
    !com.is_empty() && com.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_number(number: &str) -> bool {
    (6..=32).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A phone, or the last four digits of one.
fn is_phone(phone: &str) -> bool {
    phone.bytes().filter(u8::is_ascii_digit).count() >= 4
}

fn sign(parts: &[&str]) -> String {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part.as_bytes());
    }
    hex::encode_upper(digest.finalize())
}

fn refused(code: &str, message: &str) -> Value {
    json!({ "result": false, "returnCode": code, "message": message })
}

fn result(com: &str, number: &str, stops: &[Stop]) -> Value {
    let state = stops.last().map_or("0", |stop| stop.state);
    let word = |state: &str| STATES.iter().find(|(number, _)| *number == state).map_or("", |(_, word)| word);
    // The latest first.
    let data: Vec<Value> = stops
        .iter()
        .rev()
        .map(|stop| {
            let time = beijing(stop.at);
            json!({ "context": stop.context, "time": time, "ftime": time, "status": word(stop.state), "areaName": stop.place })
        })
        .collect();
    let ischeck = if state == "3" { "1" } else { "0" };
    json!({
        "message": "ok", "state": state, "status": "200", "condition": "F00", "ischeck": ischeck, "com": com, "nu": number, "data": data,
    })
}

/// As the clocks in Beijing say: `2026-11-11 12:00:00`.
fn beijing(at: Timestamp) -> String {
    let there = at + kernel::hours(8);
    there.to_rfc3339()[..19].replacen('T', " ", 1)
}

/// `POST /poll/query.do` and `POST /poll`, as `https://poll.kuaidi100.com` has them.
pub fn router(kuaidi100: Kuaidi100) -> Router {
    Router::new().route("/poll/query.do", post(query)).route("/poll", post(subscribe)).with_state(kuaidi100)
}

async fn query(State(sim): State<Kuaidi100>, headers: HeaderMap, body: Bytes) -> Response {
    serve(&sim, (&headers, &body), Kuaidi100::query).await
}

async fn subscribe(State(sim): State<Kuaidi100>, headers: HeaderMap, body: Bytes) -> Response {
    serve(&sim, (&headers, &body), Kuaidi100::subscribe).await
}

async fn serve(
    sim: &Kuaidi100,
    (headers, body): (&HeaderMap, &[u8]),
    work: fn(&Kuaidi100, &BTreeMap<String, String>) -> Value,
) -> Response {
    let fault = {
        let mut inside = sim.inside();
        inside.calls += 1;
        inside.faults.pop_front()
    };
    match fault {
        Some(TrackFault::Busy) => return Json(refused("502", "服务器繁忙")).into_response(),
        Some(TrackFault::BadGateway) => return (StatusCode::BAD_GATEWAY, "<html>502 Bad Gateway</html>").into_response(),
        Some(TrackFault::Hang) => return crate::http::hang().await,
        Some(TrackFault::HalfBody) | None => {}
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let answer = if kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded") {
        let form = form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        work(sim, &form)
    } else {
        refused("400", "提交的数据不完整")
    };
    if fault == Some(TrackFault::HalfBody) {
        let text = answer.to_string();
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        return ([(header::CONTENT_TYPE, "application/json")], half).into_response();
    }
    Json(answer).into_response()
}
