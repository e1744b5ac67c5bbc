//! Files of the books: providers' bills come in, statements go out. A sealed token in the path is the right to either.

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use kernel::Failure;
use serde_json::json;
use trade::{export::service as exports, reconciliation::service as bills};

use super::{Shell, edge};

pub(super) fn routes() -> Router<Shell> {
    // A little above what is taken, so that the capability itself says no.
    let upload = put(take).layer(DefaultBodyLimit::max(bills::MOST_BYTES + (1 << 20)));
    Router::new().route(&format!("{}/{{token}}", bills::UPLOAD_PATH), upload).route(&format!("{}/{{token}}", exports::PATH), get(give))
}

/// Takes the bytes of a bill that was announced.
async fn take(State(shell): State<Shell>, Path(token): Path<String>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let op = edge::op(&shell, &headers).system("bill_upload");
    let too_large = trade::reconciliation::Refused::Size(i64::try_from(bills::MOST_BYTES).unwrap_or(i64::MAX));
    let Ok(body) = body else { return edge::refused(&op, StatusCode::PAYLOAD_TOO_LARGE, &too_large) };
    match bills::upload(&op, &token, &body).await {
        Ok(bill) => {
            let found = json!({ "id": bill.id, "lines": bill.lines, "matched": bill.matched, "differences": bill.differences });
            (StatusCode::CREATED, Json(found)).into_response()
        }
        Err(Failure::Refused(refused)) => edge::refused(&op, StatusCode::UNPROCESSABLE_ENTITY, &refused),
        Err(Failure::Fault(fault)) => edge::broken(&op, &fault),
    }
}

/// Sends a statement while it is read.
async fn give(State(shell): State<Shell>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let op = edge::op(&shell, &headers).system("statement_export");
    match exports::open(&op, &token).await {
        Ok(file) => {
            let described = [
                (header::CONTENT_TYPE, file.content_type.to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
            ];
            (described, Body::from_stream(file.body)).into_response()
        }
        Err(Failure::Refused(refused)) => edge::refused(&op, StatusCode::UNPROCESSABLE_ENTITY, &refused),
        Err(Failure::Fault(fault)) => edge::broken(&op, &fault),
    }
}
