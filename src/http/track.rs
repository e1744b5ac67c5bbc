//! Where trackers of parcels report.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use kernel::Failure;
use trade::fulfilment::{PushRefused, service::notified, tracking};

use super::{Shell, edge};

/// More than any tracker sends.
const LARGEST: usize = 512 * 1024;

pub(super) fn routes() -> Router<Shell> {
    Router::new().route("/track/notify/{tracker}", post(notify)).layer(DefaultBodyLimit::max(LARGEST))
}

/// Taken for good, in the words the tracker wants to read; anything else: send it again.
async fn notify(State(shell): State<Shell>, Path(tracker): Path<String>, body: Bytes) -> Response {
    let op = shell.platform().system("track");
    match notified(&op, &tracker, &body).await {
        Ok((kind, thanks)) => ([(header::CONTENT_TYPE, kind)], thanks).into_response(),
        Err(Failure::Refused(refused)) => {
            tracing::warn!(tracker, %refused, "a report about a parcel has no effect");
            let status = match &refused {
                PushRefused::UnknownTracker => StatusCode::NOT_FOUND,
                PushRefused::Push(tracking::PushRefused::BadSignature) => StatusCode::UNAUTHORIZED,
                PushRefused::Push(tracking::PushRefused::Malformed(_)) => StatusCode::BAD_REQUEST,
            };
            edge::refused(&op, status, &refused)
        }
        Err(Failure::Fault(fault)) => edge::broken(&op, &fault),
    }
}
