//! The demo's sign-in: whoever asks is whom they say. Only the `demo` command has these routes.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use identity::customer::demo;
use kernel::{CustomerId, Failure};
use platform::Platform;
use serde::Deserialize;
use serde_json::json;

use super::edge;

/// `GET /demo/customers` and `POST /demo/sign-in {"customer": "cus_…"}`.
pub(crate) fn routes(platform: &Arc<Platform>) -> Router {
    Router::new().route("/demo/customers", get(customers)).route("/demo/sign-in", post(sign_in)).with_state(Arc::clone(platform))
}

async fn customers(State(platform): State<Arc<Platform>>) -> Response {
    let op = platform.system("demo");
    match demo::faces(&op).await {
        Ok(faces) => {
            let faces: Vec<_> =
                faces.into_iter().map(|face| json!({ "id": face.id, "nickname": face.nickname, "avatarUrl": face.avatar_url })).collect();
            Json(faces).into_response()
        }
        Err(fault) => edge::broken(&op, &fault),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    customer: CustomerId,
}

async fn sign_in(State(platform): State<Arc<Platform>>, wanted: Result<Json<Wanted>, axum::extract::rejection::JsonRejection>) -> Response {
    let Ok(Json(wanted)) = wanted else {
        return edge::refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", r#"Send JSON: {"customer": "cus_…"}."#);
    };
    let op = platform.system("demo");
    match demo::demo_sign_in(&op, wanted.customer).await {
        Ok((signed_in, _)) => {
            Json(json!({ "accessToken": signed_in.access_token, "expiresAt": signed_in.access_expires_at.to_rfc3339() })).into_response()
        }
        Err(Failure::Refused(refused)) => edge::refused(&op, StatusCode::NOT_FOUND, &refused),
        Err(Failure::Fault(fault)) => edge::broken(&op, &fault),
    }
}
