//! Pictures: shown when they are kept in a folder of ours, and taken when an upload was begun over GraphQL.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use catalog::media::{Refused, UPLOAD_PATH, service};
use kernel::Failure;
use serde_json::json;

use super::{Shell, edge};

/// A little above what the catalog takes, so that the catalog itself says no.
const MOST_BYTES: usize = 6 << 20;

pub(super) fn routes() -> Router<Shell> {
    let upload = put(take).layer(DefaultBodyLimit::max(MOST_BYTES));
    Router::new().route("/media/{*key}", get(show)).route(&format!("{UPLOAD_PATH}/{{token}}"), upload)
}

/// Takes the bytes of a picture; the token in the path is the right to send them.
async fn take(State(shell): State<Shell>, Path(token): Path<String>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let op = edge::op(&shell, &headers);
    let Ok(body) = body else { return edge::refused(&op, StatusCode::PAYLOAD_TOO_LARGE, &Refused::Size) };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match service::store_upload(&op, &token, kind, body.into()).await {
        Ok(media) => (StatusCode::CREATED, Json(json!({ "id": media.id, "url": media.url }))).into_response(),
        Err(Failure::Refused(refused)) => edge::refused(&op, StatusCode::UNPROCESSABLE_ENTITY, &refused),
        Err(Failure::Fault(fault)) => edge::broken(&op, &fault),
    }
}

/// A file never changes under its key, so a browser may keep it for ever.
async fn show(State(shell): State<Shell>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let etag = format!("\"{}\"", &platform::crypto::sha256_hex(&key)[..16]);
    let Some(kind) = content_type(&key) else { return absent() };
    let stored = match shell.platform().storage.get(&key).await {
        Ok(Some(stored)) => stored,
        Ok(None) => return absent(),
        Err(fault) => return edge::broken(&edge::op(&shell, &headers), &fault),
    };
    let caching = [
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
        (header::ETAG, etag.clone()),
        // A drawing may carry a script; here it never runs.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox".to_owned()),
    ];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(header::CONTENT_TYPE, kind)], stored).into_response()
}

fn absent() -> Response {
    edge::refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such file.")
}

/// What is kept, by the end of its key; anything else is not served.
fn content_type(key: &str) -> Option<&'static str> {
    Some(match key.rsplit_once('.')?.1 {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        _ => return None,
    })
}
