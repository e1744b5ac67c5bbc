//! WeChat's side of a mini-program sign-in: `GET /sns/jscode2session`.
//!
//! The phone asks WeChat for a code (here: [`WeChat::login`]); the mall trades the code, once and within five minutes,
//! for who it is. As the real one, it answers 200 whatever happens, as `text/plain`, with `errcode` only when it refuses.
//!
//! ```text
//! code   ISSUED ──exchange──▶ USED        after five minutes: invalid, used or not
//! ```

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use futures_util::stream;
use kernel::{Clock, Timestamp, minutes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::protocol::random_hex;

/// How often one user may be exchanged per minute.
const PER_MINUTE: usize = 100;

/// A mini-program.
#[derive(Clone)]
pub struct App {
    /// Its public id (`wx…`).
    pub appid: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("appid", &self.appid).finish_non_exhaustive()
    }
}

/// How the next exchange goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeChatFault {
    /// `-1`: busy; nothing was done.
    Busy,
    /// `45011`: too often; nothing was done.
    RateLimited,
    /// 502 with a page; nothing was done.
    BadGateway,
    /// No answer for a minute; nothing was done.
    Hang,
    /// The code is used up, the connection breaks in the middle of the answer.
    HalfBody,
}

/// The simulated WeChat. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct WeChat(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    apps: BTreeMap<String, String>,
    first_app: String,
    state: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    codes: HashMap<String, Code>,
    exchanges: HashMap<String, VecDeque<Timestamp>>,
    blocked: BTreeSet<String>,
    faults: VecDeque<WeChatFault>,
}

struct Code {
    appid: String,
    user: String,
    issued_at: Timestamp,
    used: bool,
}

impl WeChat {
    /// A WeChat that knows these mini-programs; `app` is the one [`WeChat::login`] is about.
    pub fn new(clock: Arc<dyn Clock>, app: App, more: impl IntoIterator<Item = App>) -> Self {
        let first_app = app.appid.clone();
        let apps = std::iter::once(app).chain(more).map(|app| (app.appid, app.secret)).collect();
        Self(Arc::new(Inner { clock, apps, first_app, state: Mutex::default() }))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `wx.login()` on `user`'s phone in the first mini-program: a code. Any name is a user.
    pub fn login(&self, user: &str) -> String {
        self.login_in(&self.0.first_app, user)
    }

    /// `wx.login()` on `user`'s phone in the mini-program `appid`: a code.
    pub fn login_in(&self, appid: &str, user: &str) -> String {
        let code = format!("0{}", &random_hex::<16>()[..31]);
        let now = self.0.clock.now();
        let mut inside = self.inside();
        inside.codes.retain(|_, code| alive(code, now));
        inside.codes.insert(code.clone(), Code { appid: appid.to_owned(), user: user.to_owned(), issued_at: now, used: false });
        code
    }

    /// The id `user` has in the first mini-program, for ever, also after a restart.
    pub fn openid(&self, user: &str) -> String {
        openid(&self.0.first_app, user)
    }

    /// The id `user` has in all mini-programs of the merchant.
    pub fn unionid(&self, user: &str) -> String {
        unionid(user)
    }

    /// WeChat distrusts `user` from now on: `40226`.
    pub fn block(&self, user: &str) {
        self.inside().blocked.insert(user.to_owned());
    }

    /// The next exchange goes wrong so; calls queue up.
    pub fn next_fault(&self, fault: WeChatFault) {
        self.inside().faults.push_back(fault);
    }

    /// Trades a code, as the route does: the answer's JSON.
    fn exchange(&self, asked: &Asked) -> Value {
        let missing = |code, what| refused(code, what);
        let Some(appid) = asked.appid.as_deref().filter(|text| !text.is_empty()) else { return missing(41002, "appid missing") };
        let Some(secret) = asked.secret.as_deref().filter(|text| !text.is_empty()) else { return missing(41004, "appsecret missing") };
        let Some(js_code) = asked.js_code.as_deref().filter(|text| !text.is_empty()) else { return missing(41008, "missing code") };
        if asked.grant_type.as_deref() != Some("authorization_code") {
            return refused(40002, "invalid grant_type");
        }
        match self.0.apps.get(appid) {
            None => return refused(40013, "invalid appid"),
            Some(known) if known != secret => return refused(40125, "invalid appsecret"),
            Some(_) => {}
        }
        let now = self.0.clock.now();
        let mut inside = self.inside();
        let Inside { codes, exchanges, blocked, .. } = &mut *inside;
        let Some(code) = codes.get_mut(js_code).filter(|code| code.appid == appid && alive(code, now)) else {
            return refused(40029, "invalid code");
        };
        if code.used {
            return refused(40163, "code been used");
        }
        if blocked.contains(&code.user) {
            return refused(40226, "code blocked");
        }
        let recent = exchanges.entry(code.user.clone()).or_default();
        while recent.front().is_some_and(|at| *at + minutes(1) <= now) {
            recent.pop_front();
        }
        if recent.len() >= PER_MINUTE {
            return refused(45011, "api minute-quota reach limit, must slower, retry next minute");
        }
        recent.push_back(now);
        code.used = true;
        let mut key = [0_u8; 16];
        aws_lc_rs::rand::fill(&mut key).expect("the system's randomness does not fail");
        json!({ "session_key": STANDARD.encode(key), "openid": openid(appid, &code.user), "unionid": unionid(&code.user) })
    }
}

/// `GET /sns/jscode2session`, as `https://api.weixin.qq.com` has it.
pub fn router(wechat: WeChat) -> Router {
    Router::new().route("/sns/jscode2session", get(jscode2session)).with_state(wechat)
}

/// `POST /login {"user": "ann"}` → `{"code": "0…"}`: the phone's part, for a demo without phones. Never beside real
/// customers: whoever asks is whoever they say.
pub fn demo_router(wechat: WeChat) -> Router {
    Router::new().route("/login", post(demo_login)).with_state(wechat)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoLogin {
    user: String,
}

#[derive(Serialize)]
struct DemoCode {
    code: String,
}

async fn demo_login(State(wechat): State<WeChat>, Json(asked): Json<DemoLogin>) -> Response {
    if !(1..=64).contains(&asked.user.chars().count()) {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    Json(DemoCode { code: wechat.login(&asked.user) }).into_response()
}

#[derive(Default, Deserialize)]
struct Asked {
    appid: Option<String>,
    secret: Option<String>,
    js_code: Option<String>,
    grant_type: Option<String>,
}

async fn jscode2session(State(wechat): State<WeChat>, query: Result<Query<Asked>, QueryRejection>) -> Response {
    let asked = query.map(|Query(asked)| asked).unwrap_or_default();
    let fault = wechat.inside().faults.pop_front();
    match fault {
        Some(WeChatFault::Busy) => plain(&refused(-1, "system error")),
        Some(WeChatFault::RateLimited) => plain(&refused(45011, "api minute-quota reach limit, must slower, retry next minute")),
        Some(WeChatFault::BadGateway) => (StatusCode::BAD_GATEWAY, "<html>502 Bad Gateway</html>").into_response(),
        Some(WeChatFault::Hang) => crate::http::hang().await,
        Some(WeChatFault::HalfBody) => {
            let body = wechat.exchange(&asked).to_string();
            let head = Bytes::copy_from_slice(&body.as_bytes()[..body.len() / 2]);
            let pieces = [Ok(head), Err(io::Error::other("the sandbox drops the connection here"))];
            let mut response = Response::new(Body::from_stream(stream::iter(pieces)));
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            response
        }
        None => plain(&wechat.exchange(&asked)),
    }
}

fn plain(answer: &Value) -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], answer.to_string()).into_response()
}

fn refused(errcode: i64, errmsg: &str) -> Value {
    let rid = random_hex::<12>();
    json!({ "errcode": errcode, "errmsg": format!("{errmsg}, rid: {}-{}-{}", &rid[..8], &rid[8..16], &rid[16..]) })
}

fn alive(code: &Code, now: Timestamp) -> bool {
    now < code.issued_at + minutes(5)
}

fn openid(appid: &str, user: &str) -> String {
    format!("o{}", token(&["openid", appid, user], 27))
}

fn unionid(user: &str) -> String {
    format!("o6{}", token(&["unionid", user], 26))
}

/// Looks random, is the same every time.
fn token(parts: &[&str], length: usize) -> String {
    let hash = digest(&SHA256, parts.join("\n").as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref())[..length].to_owned()
}
