//! GraphiQL from the binary: one static bundle (built from `src/http/graphiql/`), no CDN, nothing fetched from elsewhere.

use axum::{
    Router,
    extract::Path,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;
use serde::Serialize;

/// An operation GraphiQL opens with, in a tab of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The operation.
    pub query: &'static str,
    /// Its variables as JSON text.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub variables: &'static str,
    /// A query asked when the page opens: a variable `"$.path.to.0.value"` becomes what is found there in its data.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub ask: &'static str,
    /// Headers as JSON text, an access token for example.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub headers: &'static str,
}

#[derive(RustEmbed)]
#[folder = "src/http/graphiql/dist"]
#[allow_missing = true]
struct Bundle;

/// What the page says when the bundle was not built.
const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>GraphiQL</title><p>This binary was built without GraphiQL: \
run <code>npm ci &amp;&amp; npm run build</code> in <code>src/http/graphiql</code> and build again. \
The API itself answers on this address.";

/// Where the page expects its examples.
const SLOT: &str = r#"{"examples":[]}"#;

/// The page of one endpoint.
pub fn page(examples: &[Example]) -> String {
    let Some(index) = Bundle::get("index.html") else { return NOT_BUILT.into() };
    let json = serde_json::json!({ "examples": examples }).to_string();
    // `<` cannot end the script element it stands in.
    String::from_utf8_lossy(&index.data).replacen(SLOT, &json.replace('<', "\\u003c"), 1)
}

/// Scripts, styles and fonts of the page: merge it into the application's router once.
pub fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/graphiql/{*path}", get(asset))
}

async fn asset(Path(path): Path<String>) -> Response {
    let Some(file) = Bundle::get(&path).filter(|_| path != "index.html") else { return StatusCode::NOT_FOUND.into_response() };
    let mime = HeaderValue::from_str(file.metadata.mimetype()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = headers(file.data.into_owned().into_response());
    response.headers_mut().insert(CONTENT_TYPE, mime);
    // Names carry the hash of the contents.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}

/// What keeps the page to itself.
pub fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
             worker-src 'self' blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'",
        ),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
