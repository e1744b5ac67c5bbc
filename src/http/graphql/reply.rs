//! The HTTP answer: status, media type and bytes.

use async_graphql::Response as GraphqlResponse;
use axum::{
    body::Body,
    http::{
        HeaderValue, StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE},
    },
    response::Response,
};
use kernel::Locale;
use realtime::{Code, Rejection, is_request_error, to_json};

use super::accept::Media;

/// To whom it is said.
pub(super) struct Reply {
    pub(super) locale: Locale,
    pub(super) request_id: String,
}

impl Reply {
    /// The document was executed, or validation failed.
    pub(super) fn ran(&self, response: &GraphqlResponse, media: Media) -> Response {
        let status = match (media, is_request_error(response)) {
            (Media::GraphqlResponse, true) => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        let mut reply = self.bytes(status, to_json(response), media);
        reply.headers_mut().extend(response.http_headers.clone());
        reply
    }

    /// Nothing ran.
    pub(super) fn rejected(&self, rejection: &Rejection, media: Media) -> Response {
        let status = match media {
            Media::Json if rejection.code.is_about_the_document() => StatusCode::OK,
            _ => rejection.code.status(),
        };
        let body = rejection.body(self.locale, &self.request_id).to_string();
        let mut reply = self.bytes(status, body.into_bytes(), media);
        let headers = reply.headers_mut();
        let text = |name: &str| rejection.extensions.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        if rejection.code == Code::Unauthenticated {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        for (name, value) in [(ALLOW, text("allow")), (RETRY_AFTER, text("retryAfter"))] {
            if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                headers.insert(name, value);
            }
        }
        reply
    }

    fn bytes(&self, status: StatusCode, body: Vec<u8>, media: Media) -> Response {
        let mut reply = Response::new(Body::from(body));
        *reply.status_mut() = status;
        let headers = reply.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.header()));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(VARY, HeaderValue::from_static("accept, accept-language, authorization"));
        reply
    }
}
