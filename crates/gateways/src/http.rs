//! One HTTP client for all providers: short patience, no redirects, no endless answers, errors sorted by what they prove.

use std::time::Duration;

use kernel::{Clock, Timestamp};
use reqwest::{RequestBuilder, StatusCode, Url, header::HeaderMap, redirect::Policy};
use trade::payment::gateway::GatewayError;

use crate::ConfigError;

/// How long calls may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect.
    pub connect: Duration,
    /// In all.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: kernel::seconds(3), total: kernel::seconds(10) }
    }
}

/// More than any provider answers, bills apart.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// The largest bill.
pub(crate) const BILL_LIMIT: usize = 64 * 1024 * 1024;

pub(crate) fn client(timeouts: Timeouts) -> Result<reqwest::Client, ConfigError> {
    let client = reqwest::Client::builder()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("liebian/", env!("CARGO_PKG_VERSION")));
    Ok(client.build()?)
}

/// An absolute address without a slash at the end.
pub(crate) fn base(text: &str, name: &'static str) -> Result<String, ConfigError> {
    let text = text.trim_end_matches('/');
    let plain =
        Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none());
    if plain { Ok(text.to_owned()) } else { Err(ConfigError::Address(name)) }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The one value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next().and_then(|value| value.to_str().ok()), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, GatewayError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| GatewayError::Unknown(format!("status {}, the answer does not read: {error}", self.status.as_u16())))
    }
}

/// Sends. Only a connection that was never made proves that nothing arrived.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, GatewayError> {
    send_up_to(request, ANSWER_LIMIT).await
}

pub(crate) async fn send_up_to(request: RequestBuilder, limit: usize) -> Result<Answer, GatewayError> {
    let sent = request.send().await;
    let mut response = sent.map_err(|error| {
        if error.is_connect() || error.is_builder() {
            GatewayError::Unavailable(chain(&error))
        } else {
            GatewayError::Unknown(chain(&error))
        }
    })?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| GatewayError::Unknown(chain(&error)))? {
        body.extend_from_slice(&chunk);
        if body.len() > limit {
            return Err(GatewayError::Unknown("the answer is too long".into()));
        }
    }
    Ok(Answer { status, headers, body })
}

/// An HTTP client's error says little without its causes. Addresses are left out: they may carry secrets.
fn chain(error: &reqwest::Error) -> String {
    let mut text = match (error.is_timeout(), error.is_connect()) {
        (true, _) => "timed out".to_owned(),
        (_, true) => "no connection".to_owned(),
        _ => "broken off".to_owned(),
    };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

pub(crate) fn seconds_of(now: Timestamp) -> i64 {
    now.0.div_euclid(1000)
}

pub(crate) fn now_seconds(clock: &dyn Clock) -> i64 {
    seconds_of(clock.now())
}

/// The one value of a header of a notification, in any case.
pub(crate) fn one<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let mut found = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value.as_str()),
        _ => None,
    }
}

/// A number of ours goes into paths and queries: only what needs no escaping.
pub(crate) fn number(text: &str, most: usize) -> Result<(), GatewayError> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits {
        Ok(())
    } else {
        Err(GatewayError::Refused { code: "NUMBER".into(), message: format!("a number is 1 to {most} of A-Z a-z 0-9 _ -") })
    }
}

/// Cuts a text to so many bytes without breaking a letter.
pub(crate) fn shortened(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
