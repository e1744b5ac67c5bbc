//! Where payment providers report.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use kernel::Failure;
use trade::payment::{
    NotifyRefused,
    gateway::{NotificationRefused, Reply},
    service::{notified, reply_to},
};

use super::{Shell, edge};

/// More than any provider sends.
const LARGEST: usize = 64 * 1024;

pub(super) fn routes() -> Router<Shell> {
    Router::new().route("/pay/notify/{gateway}", post(notify)).layer(DefaultBodyLimit::max(LARGEST))
}

/// Taken for good, in the words the provider wants to read; anything else: send it again.
async fn notify(State(shell): State<Shell>, Path(gateway): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let op = shell.platform().system("notify");
    let named = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Vec<(String, String)> = headers.iter().filter_map(named).collect();
    let outcome = notified(&op, &gateway, (&headers, &body)).await;
    if let Err(Failure::Refused(refused)) = &outcome {
        tracing::warn!(gateway, %refused, "a notification has no effect");
    }
    if let Some(reply) = reply_to(&op, &gateway, outcome.is_ok()) {
        if let Err(Failure::Fault(fault)) = &outcome {
            tracing::error!(gateway, %fault, "a notification could not be taken");
        }
        return said(reply);
    }
    match outcome {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(Failure::Refused(refused @ NotifyRefused::UnknownGateway)) => edge::refused(&op, StatusCode::NOT_FOUND, &refused),
        Err(Failure::Refused(refused @ NotifyRefused::Parked(_))) => edge::refused(&op, StatusCode::UNPROCESSABLE_ENTITY, &refused),
        Err(Failure::Refused(refused @ NotifyRefused::NotGenuine(NotificationRefused::Uncheckable(_)))) => {
            edge::refused(&op, StatusCode::SERVICE_UNAVAILABLE, &refused)
        }
        Err(Failure::Refused(refused)) => edge::refused(&op, StatusCode::UNAUTHORIZED, &refused),
        Err(Failure::Fault(fault)) => edge::broken(&op, &fault),
    }
}

fn said(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if reply.body.is_empty() {
        return status.into_response();
    }
    (status, [(axum::http::header::CONTENT_TYPE, reply.content_type)], reply.body).into_response()
}
