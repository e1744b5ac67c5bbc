//! For those who run it: alive, ready, counted.

use std::{net::IpAddr, time::Duration};

use axum::{
    Extension, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{ClientIp, Shell, edge};

pub(super) fn routes() -> Router<Shell> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).route("/metrics", get(metrics))
}

/// The process answers.
async fn healthz() -> Response {
    (uncached(), "ok\n").into_response()
}

/// The process can do its work: database, Redis (when there is one), no change of the schema missing, not stopping.
async fn readyz(State(shell): State<Shell>) -> Response {
    let platform = shell.platform();
    let patience = Duration::from_secs(2);
    let (database, redis, migrations) = tokio::join!(
        async { tokio::time::timeout(patience, platform.db.ping()).await.is_ok_and(|answer| answer.is_ok()) },
        async { tokio::time::timeout(patience, platform.bus.ping()).await.is_ok_and(|answer| answer.is_ok()) },
        async { tokio::time::timeout(patience, platform.pending_migrations()).await.is_ok_and(|answer| answer.is_ok_and(|n| n == 0)) },
    );
    let ready = database && redis && migrations && !shell.draining();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": ready, "database": database, "redis": redis, "migrations": migrations, "draining": shell.draining() });
    (status, uncached(), Json(body)).into_response()
}

/// Everything counted, for Prometheus.
async fn metrics(State(shell): State<Shell>, ip: Option<Extension<ClientIp>>, headers: HeaderMap) -> Response {
    let allowed = match &shell.config().metrics_token {
        Some(token) => {
            let given =
                headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
            given.is_some_and(|given| platform::crypto::same(given.as_bytes(), token.0.expose_secret().as_bytes()))
        }
        None => ip.is_some_and(|ip| is_near(ip.0.0)),
    };
    if !allowed {
        return edge::refusal(StatusCode::FORBIDDEN, "FORBIDDEN", "Metrics are for those who run this mall; see LIEBIAN_METRICS_TOKEN.");
    }
    shell.0.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4"), (header::CACHE_CONTROL, "no-store")], shell.0.metrics.render()).into_response()
}

fn uncached() -> [(header::HeaderName, &'static str); 1] {
    [(header::CACHE_CONTROL, "no-store")]
}

/// This machine or a private network.
fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}
