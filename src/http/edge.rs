//! What happens to every request: a number, a caller's address, one log line, headers, and no panic that leaves.

use std::{
    any::Any,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json,
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::{Actor, Detail, Fault, Locale, Refusal};
use platform::{Op, RequestInfo, messages::message};
use serde_json::json;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument;

use super::Shell;
use crate::config::{Config, Network};

/// The header a request's number travels in.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// Who called, behind trusted proxies too. An extension of every request.
#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub IpAddr);

/// Numbers the request, finds its caller, logs its end and counts it.
pub(super) async fn request(State(shell): State<Shell>, mut request: Request, next: Next) -> Response {
    let id = given_id(request.headers()).unwrap_or_else(|| format!("req-{}", shell.platform().uuid().simple()));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let ip = peer.map(|peer| client_ip(peer, request.headers(), &shell.config().trusted_proxies));
    // What comes behind reads the number from the header, given or not.
    let number = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unnumbered"));
    request.headers_mut().insert(REQUEST_ID, number.clone());
    if let Some(ip) = ip {
        request.extensions_mut().insert(ClientIp(ip));
    }
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", request = %id, %method, %path);
    let started = tokio::time::Instant::now();
    let mut response = CURRENT.scope(id.clone(), next.run(request)).instrument(span.clone()).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    metrics::histogram!("http_request_seconds", "route" => route, "status" => status.to_string()).record(took.as_secs_f64());
    if path == "/healthz" || path == "/readyz" || path == "/metrics" {
        tracing::debug!(parent: &span, status, millis = took.as_millis(), "answered");
    } else {
        tracing::info!(parent: &span, status, millis = took.as_millis(), ip = ?ip, "answered");
    }
    response.headers_mut().insert(REQUEST_ID, number);
    response
}

/// A number given by a caller or a proxy, when it is one.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    plain.then(|| id.to_owned())
}

/// The nearest address that no trusted proxy owns: each proxy appends whom it saw, so the list is read from its end.
fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut nearest = peer.to_canonical();
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    for hop in forwarded.map(str::trim).collect::<Vec<_>>().into_iter().rev() {
        if !is_trusted(nearest) {
            break;
        }
        match hop.parse::<IpAddr>() {
            Ok(ip) => nearest = ip.to_canonical(),
            Err(_) => break,
        }
    }
    nearest
}

/// Headers that keep a browser from guessing, framing and leaking; a route that says otherwise is left alone.
pub(super) async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
        (
            "content-security-policy",
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; \
             font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'self'",
        ),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Which pages of other origins may call.
pub(super) fn cors(config: &Config) -> CorsLayer {
    let origins: Vec<HeaderValue> = config.cors_origins.iter().filter_map(|origin| HeaderValue::from_str(&origin.0).ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION, header::ACCEPT_LANGUAGE, REQUEST_ID])
        .expose_headers([REQUEST_ID, header::RETRY_AFTER])
        .max_age(std::time::Duration::from_secs(600))
}

/// A panic becomes a typed answer that says nothing, with the number it is logged under.
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let what = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?");
    tracing::error!(panic = what, "a request panicked");
    metrics::counter!("panics_total").increment(1);
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "Something broke on our side; please try again.")
}

/// The operation of a request outside GraphQL, in which nobody in particular asks.
pub(super) fn op(shell: &Shell, headers: &HeaderMap) -> Op {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Op {
        platform: Arc::clone(shell.platform()),
        actor: Actor::Anonymous,
        locale: Locale::negotiate(text(header::ACCEPT_LANGUAGE)),
        request: RequestInfo { id: text(REQUEST_ID).to_owned(), ip: None },
    }
}

/// The rules say no.
pub(super) fn refused(op: &Op, status: StatusCode, refusal: &impl Refusal) -> Response {
    self::refusal(status, refusal.code(), &message(op.locale, refusal.code(), &refusal.detail()))
}

/// Something broke; logged here, said to nobody.
pub(super) fn broken(op: &Op, fault: &Fault) -> Response {
    tracing::error!(request = %op.request.id, %fault, "a fault reached the edge");
    metrics::counter!("faults_total").increment(1);
    self::refusal(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", &message(op.locale, "INTERNAL", &Detail::None))
}

/// An answer outside GraphQL, in the shape of GraphQL errors.
pub(super) fn refusal(status: StatusCode, code: &'static str, message: &str) -> Response {
    let request = CURRENT.try_with(Clone::clone).unwrap_or_default();
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code, "requestId": request } }] });
    (status, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn forwarded(hops: &[&str]) -> HeaderMap {
        hops.iter().map(|hop| (HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(hop).expect("a header"))).collect()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let config = Sources::default().with("TRUSTED_PROXIES", "10.0.0.0/8").read().expect("possible");
        let trusted = &config.trusted_proxies;
        let (stranger, proxy) = (IpAddr::from([9, 9, 9, 9]), IpAddr::from([10, 0, 0, 1]));
        let client = IpAddr::from([1, 2, 3, 4]);
        for (peer, hops, expected) in [
            (stranger, &["1.2.3.4"][..], stranger),
            (proxy, &[], proxy),
            (proxy, &["1.2.3.4"], client),
            (proxy, &["6.6.6.6, 1.2.3.4"], client),
            (proxy, &["6.6.6.6", "1.2.3.4, 10.0.0.7"], client),
            (proxy, &["garbage"], proxy),
            (proxy, &["garbage, 1.2.3.4"], client),
        ] {
            assert_eq!(client_ip(peer, &forwarded(hops), trusted), expected, "{peer} {hops:?}");
        }
    }

    #[test]
    fn numbers_of_callers_are_taken_when_they_are_plain() {
        let with = |id: &str| HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_str(id).expect("a header"))]);
        assert_eq!(given_id(&with("abc-12345")).as_deref(), Some("abc-12345"));
        for bad in ["short", "with space 1", &"x".repeat(65), "{\"a\":1234567}"] {
            assert_eq!(given_id(&with(bad)), None, "{bad}");
        }
    }
}
