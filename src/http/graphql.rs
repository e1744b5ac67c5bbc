//! GraphQL over HTTP, to the letter of the specification: the official audit passes 61 of 61.
//!
//! ```text
//! one path ─┬─ Upgrade: websocket ─────────────▶ realtime::upgrade
//!           ├─ GET, Accept: text/html ─────────▶ GraphiQL
//!           └─ GET (queries) or POST ─ accept? type? size? who? ─ params ─ admit ─┬─ subscription ─▶ realtime::sse
//!                                                                                 └─ charge ─ run ─▶ JSON
//! ```
//!
//! | what went wrong | `application/graphql-response+json` | `application/json` |
//! |---|---|---|
//! | parameters of a wrong type, not JSON | 400 | 400 |
//! | parsing, validation, limits | 400 | 200 |
//! | token, rights, allowance, size, media type, method | 401, 403, 429, 413, 415, 406, 405 | the same |
//! | a field failed | 200 | 200 |

mod accept;
mod reply;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request},
    http::{
        HeaderMap, Method,
        header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, UPGRADE},
        request::Parts,
    },
    response::{Html, IntoResponse, Response},
    routing::{MethodRouter, any},
};
use realtime::{Authenticated, Code, Endpoint, Handshake, Hello, Kind, Params, Rejection, Transport, Via, allowance_key, sse};

use self::{
    accept::{Accepted, Media},
    reply::Reply,
};
use super::graphiql::{self, Example};

/// The method router of one GraphQL endpoint: `Router::new().route("/shop/graphql", graphql::endpoint(transport, examples))`.
/// `examples` are the tabs GraphiQL opens with.
pub fn endpoint<E: Endpoint, S: Clone + Send + Sync + 'static>(transport: Arc<Transport<E>>, examples: &[Example]) -> MethodRouter<S> {
    let page: Arc<str> = graphiql::page(examples).into();
    any(move |request: Request| {
        let (transport, page) = (transport.clone(), page.clone());
        async move { serve(transport, &page, request).await }
    })
}

async fn serve<E: Endpoint>(transport: Arc<Transport<E>>, page: &str, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let hello = hello(&parts, || transport.endpoint().request_id());
    let reply = Reply { locale: hello.locale(), request_id: hello.request_id.clone() };
    if is_websocket(&parts.headers) {
        return match Handshake::of(&mut parts) {
            Ok(handshake) => realtime::upgrade(&transport, handshake, hello),
            Err(refused) => {
                let mut response = reply.rejected(&Rejection::from(&refused), Media::Json);
                let (status, header) = refused.head();
                *response.status_mut() = status;
                response.headers_mut().extend(header);
                response
            }
        };
    }
    let accepted = Accepted::of(&parts.headers, ACCEPT);
    if parts.method == Method::GET && accepted.page && !parts.uri.query().is_some_and(|q| q.contains("query=")) {
        return graphiql::headers(Html(page.to_owned()).into_response());
    }
    let media = accepted.json.unwrap_or(Media::Json);
    match answer(&transport, &hello, &accepted, parts, body).await {
        Ok(Outcome::Ready(response)) => response,
        Ok(Outcome::Ran(response)) => reply.ran(&response, media),
        Err(rejection) => reply.rejected(&rejection, media),
    }
}

enum Outcome {
    Ready(Response),
    Ran(Box<async_graphql::Response>),
}

async fn answer<E: Endpoint>(
    transport: &Arc<Transport<E>>,
    hello: &Hello,
    accepted: &Accepted,
    parts: Parts,
    body: axum::body::Body,
) -> Result<Outcome, Rejection> {
    if parts.method != Method::GET && parts.method != Method::POST {
        return Err(Rejection::new(Code::MethodNotAllowed).with("allow", "GET, POST"));
    }
    if accepted.json.is_none() && !accepted.events {
        return Err(Rejection::new(Code::NotAcceptable));
    }
    let params = read(&parts, body, transport.settings().limits.body_bytes).await;
    let caller = transport.authenticate(hello.clone()).await?;
    let admitted = params.and_then(|params| transport.admit(params));
    if let Ok(admitted) = &admitted
        && parts.method == Method::GET
        && admitted.kind == Kind::Mutation
    {
        return Err(Rejection::because(Code::MethodNotAllowed, "a mutation needs POST").with("allow", "POST"));
    }
    let streams = accepted.json.is_none() || (accepted.events && admitted.as_ref().is_ok_and(|a| a.kind == Kind::Subscription));
    if streams {
        return sse::respond(transport, hello, &caller, admitted).map(Outcome::Ready);
    }
    run(transport, hello, &caller, admitted?).await.map(|response| Outcome::Ran(Box::new(response)))
}

/// Charges and runs. A mutation runs to its end, also when the client hangs up.
async fn run<E: Endpoint>(
    transport: &Arc<Transport<E>>,
    hello: &Hello,
    caller: &Authenticated<E::Caller>,
    admitted: realtime::Admitted,
) -> Result<async_graphql::Response, Rejection> {
    if admitted.kind == Kind::Subscription {
        return Err(Rejection::because(Code::ValidationFailed, "a subscription needs a WebSocket or Accept: text/event-stream"));
    }
    let key = allowance_key(caller.key.as_deref(), hello.ip);
    let level = transport.charge(&key, admitted.cost).await?;
    let call = transport.call(hello, caller, Via::Http);
    if admitted.kind == Kind::Mutation {
        let owned = transport.clone();
        let run = transport.spawn(async move { owned.execute(call, admitted, level).await });
        return run.await.map_err(|_| Rejection::new(Code::Internal))?;
    }
    transport.execute(call, admitted, level).await
}

/// The parameters, from the query string or the body.
async fn read(parts: &Parts, body: axum::body::Body, most: usize) -> Result<Params, Rejection> {
    if parts.method == Method::GET {
        let query = parts.uri.query().unwrap_or_default();
        if query.len() > most {
            return Err(too_large(most));
        }
        return Params::from_pairs(form(query));
    }
    if !is_json(&parts.headers) {
        return Err(Rejection::new(Code::UnsupportedMediaType));
    }
    let declared = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(too_large(most));
    }
    match axum::body::to_bytes(body, most).await {
        Ok(body) => Params::from_slice(&body),
        Err(error) if is_length_limit(&error) => Err(too_large(most)),
        Err(_) => Err(Rejection::because(Code::BadRequest, "the body ended early")),
    }
}

fn too_large(most: usize) -> Rejection {
    Rejection::because(Code::PayloadTooLarge, "the body").with("limit", most)
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("length limit exceeded") {
            return true;
        }
        cause = error.source();
    }
    false
}

/// `application/json`, in UTF-8, not compressed.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let mut pieces = value.split(';').map(str::trim);
    let essence = pieces.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let utf8 = pieces.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    });
    let plain = headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    essence && utf8 && plain
}

fn is_websocket(headers: &HeaderMap) -> bool {
    headers.get(UPGRADE).and_then(|value| value.to_str().ok()).is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// What the request says about its caller. The request id is the one the request-id layer wrote, if it is there.
fn hello(parts: &Parts, new_id: impl FnOnce() -> String) -> Hello {
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let bearer = text(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let request_id = parts.headers.get("x-request-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    Hello {
        bearer,
        accept_language: text(ACCEPT_LANGUAGE),
        ip: parts
            .extensions
            .get::<super::ClientIp>()
            .map(|ip| ip.0)
            .or_else(|| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())),
        request_id: request_id.unwrap_or_else(new_id),
    }
}

/// The pairs of a query string.
fn form(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(n, v)| (decode(n), decode(v)))
        .collect()
}

/// Percent-decodes; what is not UTF-8 afterwards becomes the replacement character.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |n: usize| bytes.get(at + n).and_then(|b| char::from(*b).to_digit(16));
        match (byte, hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
            }
            (b'+', ..) => {
                out.push(b' ');
                at += 1;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
