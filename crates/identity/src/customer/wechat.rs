//! Sign-in by a WeChat mini-program: the phone's code is traded at WeChat, once, for who it is.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::error::SignInRefused;

/// Who a code stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct WeChatUser {
    /// The mini-program that was asked for.
    pub appid: String,
    /// Their id in it.
    pub openid: String,
    /// Their id in everything of the same merchant, when it is bound to WeChat's open platform.
    pub unionid: Option<String>,
}

impl std::fmt::Debug for WeChatUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WeChatUser").field("appid", &self.appid).finish_non_exhaustive()
    }
}

/// Why a code was not traded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeChatError {
    /// 40029: unknown, or older than five minutes.
    #[error("the code is not valid")]
    CodeInvalid,
    /// 40163: traded before.
    #[error("the code was used before")]
    CodeUsed,
    /// 40226: WeChat distrusts the user.
    #[error("the user is blocked")]
    Blocked,
    /// -1 or 45011: come again.
    #[error("WeChat is busy")]
    Busy,
    /// No answer, or none that makes sense.
    #[error("WeChat does not answer: {0}")]
    Unavailable(String),
    /// 40013, 40125 and the like: appid or secret are wrong. Ours to repair.
    #[error("WeChat refuses us: {errcode} {errmsg}")]
    Misconfigured {
        /// WeChat's code.
        errcode: i64,
        /// WeChat's words; they hold no secret.
        errmsg: String,
    },
    /// This mall has no mini-program.
    #[error("no mini-program is configured")]
    NotConfigured,
}

impl WeChatError {
    /// What WeChat's number means.
    fn of(errcode: i64, errmsg: String) -> Self {
        match errcode {
            40029 | 41008 => Self::CodeInvalid,
            40163 => Self::CodeUsed,
            40226 => Self::Blocked,
            -1 | 45011 => Self::Busy,
            _ => Self::Misconfigured { errcode, errmsg },
        }
    }

    /// What the shopper is told; `Err`: it is ours to repair.
    pub fn refusal(self) -> Result<SignInRefused, kernel::Fault> {
        Ok(match self {
            Self::CodeInvalid => SignInRefused::WeChatCodeInvalid,
            Self::CodeUsed => SignInRefused::WeChatCodeUsed,
            Self::Blocked => SignInRefused::WeChatBlocked,
            Self::Busy => SignInRefused::WeChatBusy,
            Self::Unavailable(_) => SignInRefused::WeChatUnavailable,
            Self::NotConfigured => SignInRefused::WeChatNotOffered,
            Self::Misconfigured { .. } => return Err(kernel::Fault::upstream("wechat", self)),
        })
    }
}

/// Who trades mini-program codes.
#[async_trait]
pub trait WeChatLogin: Send + Sync {
    /// Trades a code for who it is.
    async fn exchange(&self, code: &str) -> Result<WeChatUser, WeChatError>;
}

/// Trades nothing: the way a mall without a mini-program starts.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWeChat;

#[async_trait]
impl WeChatLogin for NoWeChat {
    async fn exchange(&self, _: &str) -> Result<WeChatUser, WeChatError> {
        Err(WeChatError::NotConfigured)
    }
}

/// Which mini-program, and where WeChat is.
#[derive(Clone, Debug)]
pub struct WeChatSettings {
    /// `https://api.weixin.qq.com`, or a simulator.
    pub base_url: String,
    /// The mini-program's public id.
    pub appid: String,
    /// Its secret.
    pub secret: SecretString,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl WeChatSettings {
    /// WeChat itself.
    pub fn new(appid: impl Into<String>, secret: SecretString) -> Self {
        Self { base_url: "https://api.weixin.qq.com".into(), appid: appid.into(), secret, timeout: Duration::from_secs(5) }
    }
}

/// WeChat's `code2Session`.
pub struct WeChatClient {
    settings: WeChatSettings,
    http: reqwest::Client,
}

/// WeChat answers 200 whatever happens, as `text/plain`; `session_key` is not read: nothing here needs it.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
    openid: Option<String>,
    unionid: Option<String>,
}

impl WeChatClient {
    /// With these settings.
    pub fn new(settings: WeChatSettings) -> Result<Self, kernel::Fault> {
        let http = reqwest::Client::builder()
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout.min(Duration::from_secs(3)))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| kernel::Fault::upstream("wechat", e))?;
        Ok(Self { settings, http })
    }

    async fn ask(&self, code: &str) -> Result<WeChatUser, WeChatError> {
        // The secret is in the query, as WeChat wants it: an error must not carry the address into a log.
        let unavailable = |error: reqwest::Error| WeChatError::Unavailable(error.without_url().to_string());
        let url = format!("{}/sns/jscode2session", self.settings.base_url.trim_end_matches('/'));
        let query = [
            ("appid", self.settings.appid.as_str()),
            ("secret", self.settings.secret.expose_secret()),
            ("js_code", code),
            ("grant_type", "authorization_code"),
        ];
        let response = self.http.get(url).query(&query).send().await.map_err(unavailable)?;
        let status = response.status();
        if !status.is_success() {
            return Err(WeChatError::Unavailable(format!("status {status}")));
        }
        let body = response.bytes().await.map_err(unavailable)?;
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| WeChatError::Unavailable("the answer is not JSON".into()))?;
        if answer.errcode != 0 {
            return Err(WeChatError::of(answer.errcode, answer.errmsg));
        }
        let openid =
            answer.openid.filter(|id| !id.is_empty()).ok_or_else(|| WeChatError::Unavailable("an answer without openid".into()))?;
        Ok(WeChatUser { appid: self.settings.appid.clone(), openid, unionid: answer.unionid.filter(|id| !id.is_empty()) })
    }
}

#[async_trait]
impl WeChatLogin for WeChatClient {
    /// Asks once more when WeChat is busy: it has not touched the code then. After a lost answer it has, so a repetition
    /// would only be told that the code was used; the mini-program must ask its phone for another.
    async fn exchange(&self, code: &str) -> Result<WeChatUser, WeChatError> {
        if !(1..=128).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(WeChatError::CodeInvalid);
        }
        let answer = match self.ask(code).await {
            Err(WeChatError::Busy) => self.ask(code).await,
            answer => answer,
        };
        if let Err(error @ (WeChatError::Unavailable(_) | WeChatError::Busy)) = &answer {
            tracing::warn!(%error, "a WeChat sign-in failed");
        }
        answer
    }
}
