//! The face of the mall over HTTP: what is routed where, and what every answer has in common.
//!
//! ```text
//! request id ─▶ log line ─▶ no panic leaves ─▶ security headers ─▶ gzip above 1 KB ─▶ CORS ─▶ route
//! ```

pub(crate) mod demo;
mod edge;
mod embedded;
mod examples;
mod files;
pub mod graphiql;
pub mod graphql;
pub(crate) mod mall;
mod media;
mod ops;
mod pay;
mod track;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, http::StatusCode, middleware, response::Response};
use metrics_exporter_prometheus::PrometheusHandle;
use platform::Platform;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate, SizeAbove},
    },
};

pub use edge::ClientIp;

use crate::config::Config;

/// What the routes share.
#[derive(Clone)]
pub struct Shell(Arc<Shared>);

struct Shared {
    platform: Arc<Platform>,
    config: Config,
    metrics: PrometheusHandle,
    draining: AtomicBool,
}

impl Shell {
    /// The shell around a platform.
    pub fn new(platform: Arc<Platform>, config: Config, metrics: PrometheusHandle) -> Self {
        Self(Arc::new(Shared { platform, config, metrics, draining: AtomicBool::new(false) }))
    }

    /// From now on `/readyz` says no, so that balancers send nobody new.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::SeqCst);
    }

    fn platform(&self) -> &Arc<Platform> {
        &self.0.platform
    }

    fn config(&self) -> &Config {
        &self.0.config
    }

    fn draining(&self) -> bool {
        self.0.draining.load(Ordering::SeqCst)
    }
}

/// Every route. `more` are those of this start only: the APIs, the sandbox, the demo sign-in.
pub fn router(shell: &Shell, more: Router) -> Router {
    let router = Router::new().merge(ops::routes()).merge(media::routes()).merge(files::routes()).merge(pay::routes());
    let router = router.merge(track::routes()).merge(embedded::routes());
    let router = router.fallback(nothing_here).with_state(shell.clone()).merge(more);
    let compressed = SizeAbove::new(1024).and(DefaultPredicate::new());
    router
        .layer(edge::cors(shell.config()))
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(middleware::from_fn(edge::security_headers))
        .layer(CatchPanicLayer::custom(edge::panicked))
        .layer(middleware::from_fn_with_state(shell.clone(), edge::request))
}

async fn nothing_here() -> Response {
    edge::refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing under this address.")
}
