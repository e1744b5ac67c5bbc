//! Trusted documents: what a released client may ask is known when it is released.
//!
//! Each client version registers a JSON file `{"<sha256 of the document>": "<document>", …}` (what the code generators
//! write). A client then sends the hash alone, as `documentId` or as `extensions.persistedQuery.sha256Hash`. With the
//! switch on, nothing else runs.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::digest;

use super::Params;
use crate::{Code, Rejection};

/// A file of documents that cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file is not a JSON object of texts.
    #[error("documents of {version}: {error}")]
    Malformed {
        /// Whose file.
        version: String,
        /// What the JSON reader says.
        error: serde_json::Error,
    },
    /// A document is not what its hash promises.
    #[error("documents of {version}: {hash} is not the SHA-256 of its document")]
    WrongHash {
        /// Whose file.
        version: String,
        /// The hash as written.
        hash: String,
    },
}

/// The registered documents of every client version.
#[derive(Clone, Debug, Default)]
pub struct TrustedDocuments {
    /// Whether only registered documents run.
    pub required: bool,
    documents: HashMap<String, Arc<str>>,
    versions: Vec<String>,
}

impl TrustedDocuments {
    /// No documents; whether only registered ones run.
    pub fn new(required: bool) -> Self {
        Self { required, ..Self::default() }
    }

    /// Registers the file of a client version (`web-admin@1.2.0`). Answers how many documents it holds.
    pub fn register(&mut self, version: &str, file: &str) -> Result<usize, TrustError> {
        let documents: HashMap<String, String> =
            serde_json::from_str(file).map_err(|error| TrustError::Malformed { version: version.into(), error })?;
        for (hash, document) in &documents {
            let hash = normal(hash);
            if sha256(document) != hash {
                return Err(TrustError::WrongHash { version: version.into(), hash });
            }
            self.documents.insert(hash, document.as_str().into());
        }
        self.versions.push(version.into());
        Ok(documents.len())
    }

    /// The client versions whose documents are known.
    pub fn versions(&self) -> &[String] {
        &self.versions
    }

    /// The document a request means.
    pub fn resolve(&self, params: &Params) -> Result<Arc<str>, Rejection> {
        let persisted = params.extensions.get("persistedQuery").and_then(|p| p.get("sha256Hash")).and_then(|h| h.as_str());
        let hash = params.document_id.as_deref().or(persisted).map(normal);
        let untrusted = || Rejection::new(Code::DocumentNotTrusted);
        match (&params.query, hash) {
            (Some(query), Some(hash)) if sha256(query) != hash => {
                Err(Rejection::because(Code::BadRequest, "the hash is not the SHA-256 of the document"))
            }
            (_, Some(hash)) if self.documents.contains_key(&hash) => Ok(self.documents[&hash].clone()),
            (Some(query), _) if !self.required => Ok(query.as_str().into()),
            (Some(query), _) => self.documents.get(&sha256(query)).cloned().ok_or_else(untrusted),
            (None, Some(_)) => Err(untrusted()),
            (None, None) => Err(Rejection::because(Code::BadRequest, "\"query\" is missing")),
        }
    }
}

/// `sha256:ABC…` and `abc…` are the same hash.
fn normal(hash: &str) -> String {
    hash.strip_prefix("sha256:").unwrap_or(hash).to_ascii_lowercase()
}

fn sha256(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        hex
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HASH: &str = "8d9f5d3f0e9d6f2f6e2ed4b0f2f1b7a5"; // not a SHA-256

    fn ask(value: serde_json::Value) -> Params {
        Params::from_json(value).unwrap()
    }

    #[test]
    fn only_registered_documents_run_when_required() {
        let mut trusted = TrustedDocuments::new(true);
        let hash = sha256("{ a }");
        assert_eq!(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(trusted.register("web@1", &json!({ hash.as_str(): "{ a }" }).to_string()).unwrap(), 1);
        assert!(trusted.register("web@2", &json!({ HASH: "{ b }" }).to_string()).is_err());
        assert!(trusted.register("web@3", "[]").is_err());
        assert_eq!(trusted.versions(), ["web@1"]);

        for good in [
            json!({ "documentId": hash }),
            json!({ "documentId": format!("sha256:{hash}") }),
            json!({ "query": "{ a }" }),
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } }),
        ] {
            assert_eq!(&*trusted.resolve(&ask(good)).unwrap(), "{ a }");
        }
        for (bad, code) in [
            (json!({ "query": "{ b }" }), Code::DocumentNotTrusted),
            (json!({ "documentId": HASH }), Code::DocumentNotTrusted),
            (json!({ "query": "{ b }", "documentId": hash }), Code::BadRequest),
            (json!({}), Code::BadRequest),
        ] {
            assert_eq!(trusted.resolve(&ask(bad)).unwrap_err().code, code);
        }
        trusted.required = false;
        assert_eq!(&*trusted.resolve(&ask(json!({ "query": "{ b }" }))).unwrap(), "{ b }");
        assert_eq!(trusted.resolve(&ask(json!({ "documentId": HASH }))).unwrap_err().code, Code::DocumentNotTrusted);
    }
}
