//! From a response of the executor to the bytes a client reads.
//!
//! A **request error** (validation failed, nothing ran) has no `data` member. Field errors keep theirs. Every error
//! leaves with a code of the closed list and the request's id; what carries no code was not meant for clients.

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use kernel::Locale;
use serde::Serialize;

use crate::Code;

/// The members of an answer in the order clients read them.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    extensions: &'a std::collections::BTreeMap<String, Value>,
}

/// Whether nothing ran: no data, and no error belongs to a field.
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

/// The result as JSON; `data` is absent when nothing ran.
pub fn to_json(response: &Response) -> Vec<u8> {
    let data = (!is_request_error(response)).then_some(&response.data);
    serde_json::to_vec(&Body { errors: &response.errors, data, extensions: &response.extensions })
        .unwrap_or_else(|_| br#"{"errors":[{"message":"unserialisable","extensions":{"code":"INTERNAL"}}]}"#.to_vec())
}

/// The errors alone, for `error` of `graphql-transport-ws`.
pub fn errors_to_json(response: &Response) -> Vec<u8> {
    serde_json::to_vec(&response.errors).unwrap_or_else(|_| b"[]".to_vec())
}

/// Gives every error its code and the request's id, and hides what was not meant for clients.
pub fn label(response: &mut Response, locale: Locale, request_id: &str) {
    let before_execution = is_request_error(response);
    for error in &mut response.errors {
        let known = error.extensions.as_ref().and_then(|e| e.get("code")).and_then(|code| match code {
            Value::String(text) => Code::parse(text),
            _ => None,
        });
        let code = known.unwrap_or_else(|| guess(error, before_execution));
        if known.is_none() && code == Code::Internal {
            tracing::error!(request_id, path = ?error.path, message = error.message, "a field failed without a code");
            error.message = code.sentence(locale).into();
            error.extensions = None;
        }
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        extensions.set("code", code.as_str());
        extensions.set("requestId", request_id);
    }
}

/// The code of an error the executor made itself.
fn guess(error: &ServerError, before_execution: bool) -> Code {
    let about_input = ["Failed to parse", "Invalid value for argument", "Variable "].iter().any(|p| error.message.starts_with(p));
    match (before_execution, about_input) {
        (true, _) => Code::ValidationFailed,
        (false, true) => Code::BadUserInput,
        (false, false) => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::PathSegment;
    use serde_json::json;

    use super::*;

    fn labelled(mut response: Response) -> serde_json::Value {
        label(&mut response, Locale::En, "r1");
        serde_json::from_slice(&to_json(&response)).unwrap()
    }

    fn at_field(message: &str) -> ServerError {
        ServerError::new(message, None).with_path(vec![PathSegment::Field("a".into())])
    }

    #[test]
    fn a_request_error_has_no_data_and_a_field_error_has() {
        let invalid = labelled(Response::from_errors(vec![ServerError::new("Unknown field", None)]));
        assert_eq!(
            invalid,
            json!({ "errors": [{ "message": "Unknown field", "extensions": { "code": "GRAPHQL_VALIDATION_FAILED", "requestId": "r1" } }] })
        );
        let failed = labelled(Response::from_errors(vec![at_field("Failed to parse \"ID\"")]));
        assert_eq!(failed["data"], json!(null));
        assert!(failed.as_object().unwrap().contains_key("data"));
        assert_eq!(failed["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    #[test]
    fn what_has_no_code_of_ours_says_nothing() {
        let mut leaking = at_field("relation \"order\" does not exist");
        leaking.extensions.get_or_insert_default().set("sql", "SELECT");
        let hidden = labelled(Response::from_errors(vec![leaking]));
        assert_eq!(hidden["errors"][0]["message"], Code::Internal.sentence(Locale::En));
        assert_eq!(hidden["errors"][0]["extensions"], json!({ "code": "INTERNAL", "requestId": "r1" }));

        let mut kept = at_field("sign in");
        kept.extensions.get_or_insert_default().set("code", "UNAUTHENTICATED");
        assert_eq!(labelled(Response::from_errors(vec![kept]))["errors"][0]["message"], "sign in");
    }
}
