//! Pictures and films, when they are kept in a folder of ours.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{Shell, edge};

pub(super) fn routes() -> Router<Shell> {
    Router::new().route("/media/{*key}", get(show))
}

/// A file never changes under its key, so a browser may keep it for ever.
async fn show(State(shell): State<Shell>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let etag = format!("\"{}\"", &platform::crypto::sha256_hex(&key)[..16]);
    let Some(kind) = content_type(&key) else { return absent() };
    let stored = match shell.platform().storage.get(&key).await {
        Ok(Some(stored)) => stored,
        Ok(None) => return absent(),
        Err(fault) => {
            tracing::error!(%fault, key, "a file cannot be read");
            return edge::refusal(StatusCode::BAD_GATEWAY, "INTERNAL", "The file cannot be read right now.");
        }
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
