//! Documents that were parsed lately: clients send the same few again and again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::parser::types::ExecutableDocument;

/// Documents per generation.
const MOST: usize = 512;
/// Bytes of a document that is remembered; longer ones are rare, and many of them would be a lot.
const BYTES: usize = 8 << 10;

/// A document within the limits, parsed.
#[derive(Debug)]
pub struct Document {
    /// As it came.
    pub text: Arc<str>,
    /// As it is understood.
    pub parsed: ExecutableDocument,
}

/// Two generations: what is asked for in the old one moves to the young one; when that is full, the old one is forgotten.
/// What nobody repeats is gone soon, so that a flood of ever new documents costs bounded memory.
#[derive(Default)]
pub struct Documents(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Arc<str>, Arc<Document>>,
    old: HashMap<Arc<str>, Arc<Document>>,
}

impl Documents {
    /// The document of that text, parsed now or before.
    pub fn get<E>(&self, text: Arc<str>, parse: impl FnOnce(&str) -> Result<ExecutableDocument, E>) -> Result<Arc<Document>, E> {
        if let Some(known) = self.generations().known(&text) {
            return Ok(known);
        }
        let parsed = parse(&text)?;
        let document = Arc::new(Document { text, parsed });
        if document.text.len() <= BYTES {
            self.generations().learn(&document);
        }
        Ok(document)
    }

    fn generations(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn known(&mut self, text: &str) -> Option<Arc<Document>> {
        if let Some(known) = self.young.get(text) {
            return Some(known.clone());
        }
        let known = self.old.remove(text)?;
        self.learn(&known);
        Some(known)
    }

    fn learn(&mut self, document: &Arc<Document>) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(document.text.clone(), document.clone());
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn what_is_repeated_is_parsed_once_and_what_is_not_is_forgotten() {
        let documents = Documents::default();
        let mut parsed = 0;
        let mut get = |text: &str| {
            let document = documents.get(text.into(), |text| {
                parsed += 1;
                parse_query(text)
            });
            assert_eq!(&*document.unwrap().text, text);
            parsed
        };
        assert_eq!((get("{ often }"), get("{ often }"), get("{ once }")), (1, 1, 2));
        let mut before = 2;
        for n in 0..3 * MOST {
            before = get(&format!("{{ a{n} }}"));
            assert_eq!(get("{ often }"), before, "it is asked for again and again");
        }
        assert_eq!(get("{ once }"), before + 1);
        let generations = documents.generations();
        assert!(generations.young.len() + generations.old.len() <= 2 * MOST);
        drop(generations);
        let long = format!("{{ a }} {}", " ".repeat(BYTES));
        assert!(documents.get(long.as_str().into(), |text| parse_query(text)).is_ok());
        assert!(!documents.generations().young.contains_key(long.as_str()));
        assert!(documents.get("{".into(), |text| parse_query(text)).is_err());
    }
}
