//! Pages inside the binary: the welcome page and the merchant's application.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{Shell, edge};

/// The welcome page and what it shows.
#[derive(RustEmbed)]
#[folder = "src/http/pages"]
#[allow_missing = true]
struct Pages;

/// The merchant's application, built by `make`.
#[derive(RustEmbed)]
#[folder = "web-admin/dist"]
#[allow_missing = true]
struct Admin;

pub(super) fn routes() -> Router<Shell> {
    Router::new()
        .route("/", get(|headers: HeaderMap| async move { page::<Pages>("index.html", &headers) }))
        .route("/{file}", get(|Path(path): Path<String>, headers: HeaderMap| async move { page::<Pages>(&path, &headers) }))
        .route("/admin", get(|| async { Redirect::permanent("/admin/") }))
        .route("/admin/", get(|headers: HeaderMap| async move { admin("", &headers) }))
        .route("/admin/{*path}", get(|Path(path): Path<String>, headers: HeaderMap| async move { admin(&path, &headers) }))
}

fn page<T: RustEmbed>(path: &str, headers: &HeaderMap) -> Response {
    match T::get(path) {
        Some(file) => served(path, file, headers),
        None => edge::refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such page."),
    }
}

/// A file of the application; any other address below it is one of its own pages.
fn admin(path: &str, headers: &HeaderMap) -> Response {
    if let Some(file) = Admin::get(path).filter(|_| !path.is_empty()) {
        return served(path, file, headers);
    }
    if path.starts_with("assets/") {
        return edge::refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such file; reload the page.");
    }
    match Admin::get("index.html") {
        Some(file) => served("index.html", file, headers),
        None => {
            edge::refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "The merchant's application is not built in; run `make run` or `make web`.")
        }
    }
}

fn served(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", file.metadata.sha256_hash()[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    // Built assets carry a digest in their names.
    let caching = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let common = [(header::CACHE_CONTROL, caching.to_owned()), (header::ETAG, etag.clone())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, file.metadata.mimetype().to_owned())], file.data).into_response()
}
