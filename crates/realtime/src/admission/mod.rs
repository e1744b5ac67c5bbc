//! What must hold before anything runs: the document is registered (if that is asked for), small, GraphQL, and within
//! the limits. The same for every transport.
//!
//! ```text
//! Params ─ resolve ─ known? ─ scan ─ parse ─ choose ─ measure ─▶ Admitted ─▶ the caller's bucket ─▶ execute
//!          trusted?           size    │      which    depth, aliases, roots, cost
//!                                     └ GRAPHQL_PARSE_FAILED        └ TOO_DEEP, TOO_MANY_ALIASES, TOO_COMPLEX, …
//! ```

pub mod bucket;
pub mod documents;
pub mod params;
pub mod scan;
pub mod shape;
pub mod trusted;
pub mod variables;

use std::sync::Arc;

use async_graphql::{
    Extensions, Request, Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationDefinition, OperationType},
    },
};
pub use params::Params;
use serde_json::Value;

use self::documents::{Document, Documents};
use crate::{Code, Limits, Rejection, TrustedDocuments};

/// Brackets inside brackets; what the parser may recurse.
const NESTING: usize = 100;

/// What kind of operation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads.
    Query,
    /// Writes.
    Mutation,
    /// Keeps telling.
    Subscription,
}

/// A request within the limits, its document parsed.
pub struct Admitted {
    /// What it is.
    pub kind: Kind,
    /// What it costs.
    pub cost: u64,
    pub(crate) document: Arc<Document>,
    pub(crate) operation: Option<String>,
    pub(crate) variables: Variables,
    pub(crate) extensions: Extensions,
}

impl Admitted {
    /// Ready to execute.
    pub fn request(&self) -> Request {
        let mut request = Request::new(&*self.document.text).variables(self.variables.clone());
        request.operation_name = self.operation.clone();
        request.extensions = self.extensions.clone();
        request.set_parsed_query(self.document.parsed.clone());
        request
    }
}

/// Parses and measures.
pub fn admit(params: Params, trusted: &TrustedDocuments, documents: &Documents, limits: &Limits) -> Result<Admitted, Rejection> {
    if params.variables.values().any(holds_zero) {
        return Err(zero());
    }
    let document = documents.get(trusted.resolve(&params)?, |text| parse(text, limits))?;
    let operation = choose(&document.parsed, params.operation_name.as_deref())?;
    let kind = match operation.ty {
        OperationType::Query => Kind::Query,
        OperationType::Mutation => Kind::Mutation,
        OperationType::Subscription => Kind::Subscription,
    };
    let variables = Variables::from_json(Value::Object(params.variables));
    variables::check(operation, &variables)?;
    let shape = shape::measure(&document.parsed, operation, &variables, limits)?;
    shape::bounded(&document.parsed, &variables, limits)?;
    let extensions = params.extensions.into_iter().filter_map(|(k, v)| Some((k, async_graphql::Value::from_json(v).ok()?))).collect();
    Ok(Admitted { kind, cost: shape.cost, document, operation: params.operation_name, variables, extensions: Extensions(extensions) })
}

fn zero() -> Rejection {
    Rejection::because(Code::BadUserInput, "a text holds the character U+0000")
}

/// Whether a text somewhere in a value holds U+0000, which no database column of ours can.
fn holds_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_zero),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_zero(value)),
        _ => false,
    }
}

fn parse(text: &str, limits: &Limits) -> Result<ExecutableDocument, Rejection> {
    if text.contains('\0') || text.contains("\\u0000") {
        return Err(zero());
    }
    if text.len() > limits.document_bytes {
        return Err(Rejection::because(Code::PayloadTooLarge, "the document").with("limit", limits.document_bytes));
    }
    let scan = scan::scan(text);
    if scan.tokens > limits.tokens {
        return Err(Rejection::because(Code::TooComplex, format!("{} tokens", scan.tokens)).with("limit", limits.tokens));
    }
    if scan.nesting > NESTING {
        return Err(Rejection::because(Code::TooDeep, format!("{} brackets", scan.nesting)).with("limit", NESTING));
    }
    parse_query(text).map_err(|error| {
        let places: Vec<Value> = error.positions().map(|at| serde_json::json!({ "line": at.line, "column": at.column })).collect();
        Rejection::because(Code::ParseFailed, error.to_string()).with("at", places)
    })
}

/// The operation that will run.
pub(crate) fn choose<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Rejection> {
    let mut operations = document.operations.iter();
    let chosen = match name {
        Some(name) => operations.find(|(n, _)| n.is_some_and(|n| n.as_str() == name)),
        None => operations.next().filter(|_| operations.next().is_none()),
    };
    chosen.map(|(_, operation)| &operation.node).ok_or_else(|| {
        let detail = match name {
            Some(name) => format!("there is no operation named \"{name}\""),
            None => "name the operation to run: the document has several".to_owned(),
        };
        Rejection::because(Code::ValidationFailed, detail)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(params: Value) -> Result<Admitted, Code> {
        let params = Params::from_json(params).unwrap();
        admit(params, &TrustedDocuments::default(), &Documents::default(), &Limits::default()).map_err(|r| r.code)
    }

    #[test]
    fn the_operation_is_chosen_by_name() {
        let two = "query A { a } mutation B { b }";
        assert_eq!(ask(json!({ "query": two, "operationName": "B" })).unwrap().kind, Kind::Mutation);
        assert_eq!(ask(json!({ "query": two })).err(), Some(Code::ValidationFailed));
        assert_eq!(ask(json!({ "query": two, "operationName": "C" })).err(), Some(Code::ValidationFailed));
        assert_eq!(ask(json!({ "query": "{ a }", "operationName": "C" })).err(), Some(Code::ValidationFailed));
        assert_eq!(ask(json!({ "query": "subscription S { a }" })).unwrap().kind, Kind::Subscription);
    }

    #[test]
    fn hostile_documents_are_refused_before_they_cost() {
        let limits = Limits::default();
        for (document, code) in [
            ("{".to_owned(), Code::ParseFailed),
            (String::new(), Code::ParseFailed),
            ("{ a }".to_owned() + &" ".repeat(limits.document_bytes), Code::PayloadTooLarge),
            (format!("{{ {} }}", "a ".repeat(limits.tokens)), Code::TooComplex),
            (format!("{{ a(x: {}1{}) }}", "[".repeat(5_00), "]".repeat(500)), Code::TooDeep),
        ] {
            assert_eq!(ask(json!({ "query": document })).err(), Some(code));
        }
    }

    #[test]
    fn a_text_with_a_zero_in_it_is_refused_wherever_it_stands() {
        for params in [
            json!({ "query": "query($a: String) { a(x: $a) }", "variables": { "a": "x\0" } }),
            json!({ "query": "query($a: A) { a(x: $a) }", "variables": { "a": { "b": [{ "c": "\0" }] } } }),
            json!({ "query": r#"{ a(x: "\u0000") }"# }),
            json!({ "query": "{ a(x: \"\0\") }" }),
        ] {
            assert_eq!(ask(params).err(), Some(Code::BadUserInput));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it(text in "[a-z{}()\\[\\]\":$!@.0-9 \n]{0,120}") {
            let _ = ask(json!({ "query": text }));
        }
    }
}
