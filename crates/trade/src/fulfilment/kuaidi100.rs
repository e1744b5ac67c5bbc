//! Kuaidi100 (快递100): asks where parcels are, wants to be told, and believes what is signed.
//!
//! ```text
//! query      POST /poll/query.do   customer, sign = MD5(param + key + customer), param {com, num, phone, …}
//! subscribe  POST /poll            schema = json, param {company, number, key, parameters {callbackurl, salt, …}}
//! push       POST callbackurl      sign = MD5(param + salt), param {status, message, lastResult {state, com, nu, data}}
//! ```
//!
//! Every MD5 is in upper-case hexadecimal, every body a form, every time Beijing's. The salt is ours alone: a report whose
//! sign does not fit it is nobody's. What it repeats (35 minutes later, until we answer as it wants) is known already.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{Timestamp, seconds};
use md5::{Digest, Md5};
use platform::crypto::same;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    carriers,
    rules::Whereabouts,
    tracking::{PushRefused, Stop, Told, TrackError, Tracker, Trail, Wanted},
};

/// The account, and where Kuaidi100 and the mall are.
#[derive(Clone)]
pub struct Kuaidi100Settings {
    /// Where its API begins: `https://poll.kuaidi100.com`.
    pub base_url: String,
    /// The account's number (`customer`).
    pub customer: String,
    /// The account's key, which signs what we ask.
    pub key: String,
    /// What reports are signed with: at most 32 characters, ours alone.
    pub salt: String,
    /// Where it reports to: `{public_url}/track/notify/kuaidi100`.
    pub callback_url: String,
    /// How long a whole call may take.
    pub timeout: Duration,
}

impl Kuaidi100Settings {
    /// The real one, answering within eight seconds.
    pub fn new(customer: impl Into<String>, key: impl Into<String>, (salt, public_url): (impl Into<String>, &str)) -> Self {
        Self {
            base_url: "https://poll.kuaidi100.com".to_owned(),
            customer: customer.into(),
            key: key.into(),
            salt: salt.into(),
            callback_url: format!("{}/track/notify/{CODE}", public_url.trim_end_matches('/')),
            timeout: seconds(8),
        }
    }
}

impl std::fmt::Debug for Kuaidi100Settings {
    /// Without the key and the salt.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kuaidi100Settings").field("base_url", &self.base_url).field("customer", &self.customer).finish_non_exhaustive()
    }
}

const CODE: &str = "kuaidi100";

/// More than it ever answers.
const ANSWER_LIMIT: usize = 1 << 20;

/// Kuaidi100, seen from the mall.
pub struct Kuaidi100 {
    settings: Kuaidi100Settings,
    http: reqwest::Client,
}

impl Kuaidi100 {
    /// A client of that account.
    pub fn new(settings: Kuaidi100Settings) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(seconds(2))
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { settings, http })
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, form: &[(&str, &str)]) -> Result<T, TrackError> {
        let unavailable = |error: reqwest::Error| TrackError::Unavailable(error.without_url().to_string());
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .http
            .post(format!("{}{path}", self.settings.base_url))
            .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let mut response = request.send().await.map_err(unavailable)?;
        if !response.status().is_success() {
            return Err(TrackError::Unavailable(format!("status {}", response.status())));
        }
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
            if answer.len() + chunk.len() > ANSWER_LIMIT {
                return Err(TrackError::Unavailable("the answer does not end".to_owned()));
            }
            answer.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&answer).map_err(|error| TrackError::Unavailable(format!("unreadable: {error}")))
    }
}

/// MD5 of the parts, in upper-case hexadecimal.
fn sign(parts: &[&str]) -> String {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part.as_bytes());
    }
    hex::encode_upper(digest.finalize())
}

#[derive(Serialize)]
struct QueryParam<'a> {
    com: &'a str,
    num: &'a str,
    phone: &'a str,
    from: &'a str,
    to: &'a str,
    resultv2: &'a str,
    show: &'a str,
    order: &'a str,
}

#[derive(Serialize)]
struct SubscribeParam<'a> {
    company: &'a str,
    number: &'a str,
    from: &'a str,
    to: &'a str,
    key: &'a str,
    parameters: Parameters<'a>,
}

#[derive(Serialize)]
struct Parameters<'a> {
    callbackurl: &'a str,
    salt: &'a str,
    resultv2: &'a str,
    phone: &'a str,
}

/// What a query answers: a result, or why there is none.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "returnCode")]
    return_code: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(flatten)]
    result: LastResult,
}

#[derive(Deserialize)]
struct Subscribed {
    #[serde(rename = "returnCode")]
    return_code: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Pushed {
    status: String,
    #[serde(default)]
    message: String,
    #[serde(default, rename = "autoCheck")]
    auto_check: String,
    #[serde(default, rename = "comOld")]
    com_old: String,
    #[serde(rename = "lastResult")]
    last_result: Option<LastResult>,
}

#[derive(Default, Deserialize)]
struct LastResult {
    #[serde(default)]
    state: String,
    #[serde(default)]
    ischeck: String,
    #[serde(default)]
    com: String,
    #[serde(default)]
    nu: String,
    #[serde(default)]
    data: Vec<Datum>,
}

#[derive(Deserialize)]
struct Datum {
    #[serde(default)]
    context: String,
    #[serde(default)]
    time: String,
    #[serde(default)]
    ftime: String,
    #[serde(default)]
    status: String,
    #[serde(default, rename = "areaName")]
    area_name: String,
}

impl LastResult {
    /// The way of a parcel, if its carrier is a known one; `com` is the carrier we named.
    fn trail(self, com: &str, ended: bool) -> Option<Trail> {
        let carrier = carriers::by_kuaidi100(com)?;
        let state = if self.ischeck == "1" && !is_return(&self.state) { Whereabouts::Delivered } else { state(&self.state) };
        let stops = self.data.into_iter().filter_map(Datum::stop).collect();
        Some(Trail { carrier, tracking_no: self.nu, state, ended: ended || state.is_over(), stops })
    }
}

impl Datum {
    fn stop(self) -> Option<Stop> {
        let at = beijing(&self.ftime).or_else(|| beijing(&self.time))?;
        let place = Some(self.area_name).filter(|place| !place.is_empty());
        Some(Stop { at, text: self.context, place, state: named(&self.status) })
    }
}

/// `2026-11-11 12:00:00`, as the clocks in Beijing say.
fn beijing(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&format!("{}+08:00", text.trim().replacen(' ', "T", 1)))
}

fn is_return(state: &str) -> bool {
    matches!(state, "4" | "6" | "14") || state.len() == 3 && state.starts_with('4')
}

/// Its number for where a parcel is; the finer numbers of three and four digits begin with the coarse one.
fn state(state: &str) -> Whereabouts {
    match state {
        _ if is_return(state) => Whereabouts::Returned,
        "1" | "101" | "102" | "103" => Whereabouts::Collected,
        "2" => Whereabouts::Problem,
        "3" => Whereabouts::Delivered,
        "5" | "501" => Whereabouts::OutForDelivery,
        _ if state.len() == 3 && state.starts_with('2') => Whereabouts::Problem,
        _ if state.len() == 3 && state.starts_with('3') => Whereabouts::Delivered,
        // 0 on its way, 7 handed to another carrier, 8 at the customs, 1001 … on its way to somewhere.
        _ => Whereabouts::InTransit,
    }
}

/// Its word for where a stop left a parcel.
fn named(status: &str) -> Option<Whereabouts> {
    Some(match status {
        "揽收" => Whereabouts::Collected,
        "在途" | "转投" | "清关" | "干线" | "转递" => Whereabouts::InTransit,
        "派件" | "投柜或驿站" => Whereabouts::OutForDelivery,
        "签收" | "本人签收" | "代签" | "投柜或站签收" => Whereabouts::Delivered,
        "疑难" => Whereabouts::Problem,
        "退签" | "退回" | "拒签" => Whereabouts::Returned,
        _ => return None,
    })
}

#[async_trait]
impl Tracker for Kuaidi100 {
    fn code(&self) -> &'static str {
        CODE
    }

    async fn subscribe(&self, wanted: &Wanted) -> Result<(), TrackError> {
        let param = SubscribeParam {
            company: wanted.carrier.kuaidi100,
            number: &wanted.tracking_no,
            from: "",
            to: wanted.to.as_deref().unwrap_or_default(),
            key: &self.settings.key,
            parameters: Parameters {
                callbackurl: &self.settings.callback_url,
                salt: &self.settings.salt,
                resultv2: "1",
                phone: wanted.phone.as_deref().unwrap_or_default(),
            },
        };
        let param = serde_json::to_string(&param).map_err(|error| TrackError::Unavailable(error.to_string()))?;
        let answer: Subscribed = self.post("/poll", &[("schema", "json"), ("param", &param)]).await?;
        match answer.return_code.as_str() {
            // 501: it watches the parcel already.
            "200" | "501" => Ok(()),
            // What is wrong with this parcel stays wrong; what is wrong with the account is mended.
            "700" | "701" | "702" | "408" => Err(TrackError::Refused { code: answer.return_code, message: answer.message }),
            _ => Err(TrackError::Unavailable(format!("{} {}", answer.return_code, answer.message))),
        }
    }

    async fn query(&self, wanted: &Wanted) -> Result<Option<Trail>, TrackError> {
        let com = wanted.carrier.kuaidi100;
        let param = QueryParam {
            com,
            num: &wanted.tracking_no,
            phone: wanted.phone.as_deref().unwrap_or_default(),
            from: "",
            to: wanted.to.as_deref().unwrap_or_default(),
            resultv2: "1",
            show: "0",
            order: "desc",
        };
        let param = serde_json::to_string(&param).map_err(|error| TrackError::Unavailable(error.to_string()))?;
        let signed = sign(&[&param, &self.settings.key, &self.settings.customer]);
        let form = [("customer", self.settings.customer.as_str()), ("sign", &signed), ("param", &param)];
        let answer: Answer = self.post("/poll/query.do", &form).await?;
        match answer.return_code.as_deref() {
            None | Some("200") if answer.result.nu == wanted.tracking_no => Ok(answer.result.trail(com, false)),
            None | Some("200") => Err(TrackError::Unavailable("the answer is about another parcel".to_owned())),
            // Nothing is known yet.
            Some("500") => Ok(None),
            Some(code @ ("400" | "408")) => Err(TrackError::Refused { code: code.to_owned(), message: answer.message }),
            Some(code) => Err(TrackError::Unavailable(format!("{code} {}", answer.message))),
        }
    }

    fn verify(&self, body: &[u8]) -> Result<Told, PushRefused> {
        let (mut param, mut signed) = (None, None);
        for (name, value) in form_urlencoded::parse(body) {
            match name.as_ref() {
                "param" => param = Some(value.into_owned()),
                "sign" => signed = Some(value.to_ascii_uppercase()),
                _ => {}
            }
        }
        let param = param.ok_or_else(|| PushRefused::Malformed("no param".to_owned()))?;
        let expected = sign(&[&param, &self.settings.salt]);
        if !signed.is_some_and(|signed| same(signed.as_bytes(), expected.as_bytes())) {
            return Err(PushRefused::BadSignature);
        }
        let pushed: Pushed = serde_json::from_str(&param).map_err(|error| PushRefused::Malformed(error.to_string()))?;
        let Some(result) = pushed.last_result else { return Ok(Told::Nothing) };
        // It found that we named the wrong carrier: the parcel is still the one we named.
        let com = if pushed.auto_check == "1" && !pushed.com_old.is_empty() { pushed.com_old } else { result.com.clone() };
        if pushed.status == "abort" && result.data.is_empty() {
            return Ok(Told::GaveUp { tracking_no: result.nu, why: pushed.message });
        }
        let ended = matches!(pushed.status.as_str(), "shutdown" | "abort");
        Ok(result.trail(&com, ended).map_or(Told::Nothing, Told::Trail))
    }

    fn thanks(&self) -> (&'static str, String) {
        ("application/json", r#"{"result":true,"returnCode":"200","message":"成功"}"#.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_upper_case_md5_of_the_parts_one_behind_the_other() {
        assert_eq!(sign(&["a", "b", "c"]), "900150983CD24FB0D6963F7D28E17F72");
    }

    #[test]
    fn its_words_and_numbers_mean_where_a_parcel_is() {
        for (number, meant) in [
            ("0", Whereabouts::InTransit),
            ("1", Whereabouts::Collected),
            ("2", Whereabouts::Problem),
            ("3", Whereabouts::Delivered),
            ("4", Whereabouts::Returned),
            ("5", Whereabouts::OutForDelivery),
            ("6", Whereabouts::Returned),
            ("7", Whereabouts::InTransit),
            ("14", Whereabouts::Returned),
            ("304", Whereabouts::Delivered),
            ("1002", Whereabouts::InTransit),
            ("", Whereabouts::InTransit),
        ] {
            assert_eq!(state(number), meant, "{number}");
        }
        assert_eq!(named("派件"), Some(Whereabouts::OutForDelivery));
        assert_eq!(named("?"), None);
        assert_eq!(beijing("2026-11-11 12:00:00"), Timestamp::parse_rfc3339("2026-11-11T04:00:00Z"));
        assert_eq!(beijing("yesterday"), None);
    }
}
