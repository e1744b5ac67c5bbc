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
use trade::payment::{NotifyRefused, service::notified};

use super::{Shell, edge};

/// More than any provider sends.
const LARGEST: usize = 64 * 1024;

pub(super) fn routes() -> Router<Shell> {
    Router::new().route("/pay/notify/{gateway}", post(notify)).layer(DefaultBodyLimit::max(LARGEST))
}

/// 204: taken, for good. Anything else: send it again.
async fn notify(State(shell): State<Shell>, Path(gateway): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let op = shell.platform().system("notify");
    let named = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Vec<(String, String)> = headers.iter().filter_map(named).collect();
    match notified(&op, &gateway, (&headers, &body)).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(Failure::Refused(refused @ NotifyRefused::UnknownGateway)) => edge::refused(&op, StatusCode::NOT_FOUND, &refused),
        Err(Failure::Refused(refused @ NotifyRefused::Parked(_))) => edge::refused(&op, StatusCode::UNPROCESSABLE_ENTITY, &refused),
        Err(Failure::Refused(refused)) => {
            tracing::warn!(gateway, %refused, "a notification is not believed");
            edge::refused(&op, StatusCode::UNAUTHORIZED, &refused)
        }
        Err(Failure::Fault(fault)) => edge::broken(&op, &fault),
    }
}
