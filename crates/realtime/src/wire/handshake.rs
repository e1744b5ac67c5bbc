//! The opening handshake (RFC 6455 §4.2): what must be asked for, what is answered, and the connection behind it.

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version,
        header::{
            CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
        },
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade::downcast};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Bytes, handshake::derive_accept_key};

use crate::{Code, Rejection, protocol::PROTOCOL, settings::Origins};

/// The only version there is.
const VERSION: &str = "13";

/// A WebSocket upgrade that was asked for rightly.
#[derive(Debug)]
pub struct Handshake {
    key: HeaderValue,
    agreed: bool,
    origin: Option<HeaderValue>,
    host: Option<HeaderValue>,
    upgrade: OnUpgrade,
}

/// Why there is no upgrade.
#[derive(Debug, Clone)]
pub struct HandshakeRefused {
    /// For developers.
    pub why: &'static str,
    status: StatusCode,
}

impl From<&HandshakeRefused> for Rejection {
    fn from(refused: &HandshakeRefused) -> Self {
        Self::because(Code::BadRequest, refused.why)
    }
}

impl HandshakeRefused {
    fn new(why: &'static str) -> Self {
        Self { why, status: StatusCode::BAD_REQUEST }
    }

    /// The status and the headers that go with it.
    pub fn head(&self) -> (StatusCode, Option<(HeaderName, HeaderValue)>) {
        let version = (self.status == StatusCode::UPGRADE_REQUIRED).then_some((SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION)));
        (self.status, version)
    }
}

impl IntoResponse for HandshakeRefused {
    fn into_response(self) -> Response {
        let (status, header) = self.head();
        let mut response = (status, self.why).into_response();
        response.headers_mut().extend(header);
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Handshake {
    type Rejection = HandshakeRefused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HandshakeRefused> {
        Self::of(parts)
    }
}

impl Handshake {
    /// Reads it from a request.
    pub fn of(parts: &mut Parts) -> Result<Self, HandshakeRefused> {
        let headers = &parts.headers;
        if parts.method != Method::GET || parts.version != Version::HTTP_11 {
            return Err(HandshakeRefused { why: "a WebSocket begins with GET over HTTP/1.1", status: StatusCode::METHOD_NOT_ALLOWED });
        }
        if !names(headers, &UPGRADE, "websocket") || !names(headers, &CONNECTION, "upgrade") {
            return Err(HandshakeRefused::new("`Connection: Upgrade` and `Upgrade: websocket` are missing"));
        }
        if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != VERSION) {
            return Err(HandshakeRefused { why: "WebSocket version 13 is spoken here", status: StatusCode::UPGRADE_REQUIRED });
        }
        let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).iter();
        let key = match (keys.next(), keys.next()) {
            (Some(key), None) if is_key(key.as_bytes()) => key.clone(),
            _ => return Err(HandshakeRefused::new("`Sec-WebSocket-Key` is not sixteen bytes in Base64")),
        };
        let agreed = names(headers, &SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
        let (origin, host) = (headers.get(ORIGIN).cloned(), headers.get(HOST).cloned());
        let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or(HandshakeRefused::new("this connection cannot be upgraded"))?;
        Ok(Self { key, agreed, origin, host, upgrade })
    }

    /// Whether a page of that origin may open a socket here. What is no browser says nothing of an origin.
    pub(crate) fn is_welcome(&self, origins: &Origins) -> bool {
        let (Origins::Named(named), Some(origin)) = (origins, &self.origin) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let own = origin
            .split_once("://")
            .zip(self.host.as_ref())
            .is_some_and(|((_, authority), host)| host.to_str().is_ok_and(|host| host.eq_ignore_ascii_case(authority)));
        own || named.iter().any(|named| named.eq_ignore_ascii_case(origin))
    }

    /// The answer, the connection to come, and whether our subprotocol was among those asked for.
    pub(crate) fn accept(self) -> (Response, OnUpgrade, bool) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(self.key.as_bytes())) {
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        }
        if self.agreed {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        }
        (response, self.upgrade, self.agreed)
    }
}

/// Whether a header that is a list names that, however it is cased.
fn names(headers: &HeaderMap, header: &HeaderName, what: &str) -> bool {
    let lists = headers.get_all(header).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| one.trim().eq_ignore_ascii_case(what))
}

/// Sixteen bytes in Base64.
fn is_key(key: &[u8]) -> bool {
    key.len() == 24 && key.ends_with(b"==") && key[..22].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// What is behind an upgrade.
pub(crate) enum Behind {
    /// A plain TCP connection, and what the peer sent already.
    Plain(TcpStream, Bytes),
    /// Anything else, TLS for example.
    Other(Box<TokioIo<Upgraded>>),
}

impl Behind {
    pub(crate) fn of(upgraded: Upgraded) -> Self {
        match downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => Self::Plain(parts.io.into_inner(), parts.read_buf),
            Err(upgraded) => Self::Other(Box::new(TokioIo::new(upgraded))),
        }
    }
}
