//! The parameters of a request, checked for their types as the specification asks.

use serde_json::{Map, Value};

use crate::{Code, Rejection};

/// A GraphQL request as it came in; nothing is parsed yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params {
    /// The document.
    pub query: Option<String>,
    /// Which operation of the document.
    pub operation_name: Option<String>,
    /// Values of its variables.
    pub variables: Map<String, Value>,
    /// Protocol extensions, `persistedQuery` among them.
    pub extensions: Map<String, Value>,
    /// The id of a registered document, in place of the document.
    pub document_id: Option<String>,
}

impl Params {
    /// From a JSON body or the payload of `subscribe`. Members that are not known are ignored; batches are refused.
    pub fn from_json(value: Value) -> Result<Self, Rejection> {
        match value {
            Value::Object(mut members) => Ok(Self {
                query: text(&mut members, "query")?,
                operation_name: text(&mut members, "operationName")?.filter(|name| !name.is_empty()),
                variables: map(members.remove("variables"), "variables")?,
                extensions: map(members.remove("extensions"), "extensions")?,
                document_id: text(&mut members, "documentId")?,
            }),
            Value::Array(_) => Err(bad("batches are not served")),
            _ => Err(bad("the body must be a JSON object")),
        }
    }

    /// From a JSON text.
    pub fn from_slice(body: &[u8]) -> Result<Self, Rejection> {
        Self::from_json(serde_json::from_slice(body).map_err(|error| bad(&format!("not JSON: {error}")))?)
    }

    /// From the decoded pairs of a query string.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Rejection> {
        let mut params = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "query" => params.query = Some(value),
                "operationName" => params.operation_name = Some(value).filter(|name| !name.is_empty()),
                "documentId" => params.document_id = Some(value),
                "variables" | "extensions" if value.is_empty() => {}
                "variables" => params.variables = map(Some(json(&name, &value)?), "variables")?,
                "extensions" => params.extensions = map(Some(json(&name, &value)?), "extensions")?,
                _ => {}
            }
        }
        Ok(params)
    }
}

fn bad(detail: &str) -> Rejection {
    Rejection::because(Code::BadRequest, detail)
}

fn json(name: &str, text: &str) -> Result<Value, Rejection> {
    serde_json::from_str(text).map_err(|error| bad(&format!("\"{name}\" is not JSON: {error}")))
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Rejection> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(&format!("\"{name}\" must be a string"))),
    }
}

fn map(value: Option<Value>, name: &str) -> Result<Map<String, Value>, Rejection> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(bad(&format!("\"{name}\" must be an object"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_parameter_has_its_type() {
        for bad in [
            json!([]),
            json!("query"),
            json!({ "query": 1 }),
            json!({ "query": "{a}", "operationName": {} }),
            json!({ "query": "{a}", "variables": "x" }),
            json!({ "query": "{a}", "extensions": [] }),
            json!({ "documentId": 7 }),
        ] {
            assert_eq!(Params::from_json(bad.clone()).unwrap_err().code, Code::BadRequest, "{bad}");
        }
        let params = json!({ "query": "{a}", "operationName": null, "variables": { "n": 1 }, "extensions": null, "more": 1 });
        let params = Params::from_json(params).unwrap();
        assert_eq!((params.query.as_deref(), params.variables.len(), params.operation_name), (Some("{a}"), 1, None));
        assert!(Params::from_slice(b"{\"query\"").is_err());
    }

    #[test]
    fn a_query_string_carries_json() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let params = Params::from_pairs([pair("query", "{a}"), pair("variables", "{\"n\":1}"), pair("operationName", "")]).unwrap();
        assert_eq!((params.variables.len(), params.operation_name), (1, None));
        assert!(Params::from_pairs([pair("variables", "{")]).is_err());
        assert!(Params::from_pairs([pair("extensions", "[]")]).is_err());
    }
}
