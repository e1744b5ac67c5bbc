//! Where payment providers report.

use axum::Router;

use super::Shell;

pub(super) fn routes() -> Router<Shell> {
    Router::new()
}
