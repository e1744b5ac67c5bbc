//! The messages of `graphql-transport-ws`, read strictly and written by splicing.

use std::sync::Arc;

use kernel::Timestamp;
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use crate::Params;

/// The subprotocol's name.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// A message of a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// `connection_init`.
    Init(Map<String, Value>),
    /// `ping`.
    Ping(Option<Map<String, Value>>),
    /// `pong`.
    Pong,
    /// `subscribe`.
    Subscribe {
        /// The client's name for the operation.
        id: String,
        /// The operation.
        params: Params,
    },
    /// `complete`.
    Complete {
        /// The client's name for the operation.
        id: String,
    },
}

/// Reads a message, or says why it is none. `id_bytes` bounds the operation id.
pub fn decode(text: &str, id_bytes: usize) -> Result<Incoming, &'static str> {
    let Ok(Value::Object(mut message)) = serde_json::from_str::<Value>(text) else { return Err("Message is not a JSON object") };
    let Some(Value::String(kind)) = message.remove("type") else { return Err("Message is missing the type property") };
    match kind.as_str() {
        "connection_init" => Ok(Incoming::Init(payload(&mut message)?.unwrap_or_default())),
        "ping" => Ok(Incoming::Ping(payload(&mut message)?)),
        "pong" => payload(&mut message).map(|_| Incoming::Pong),
        "complete" => Ok(Incoming::Complete { id: id(&mut message, id_bytes)? }),
        "subscribe" => {
            let id = id(&mut message, id_bytes)?;
            let payload = message.remove("payload").filter(Value::is_object).ok_or("Subscribe message needs an object payload")?;
            let params = Params::from_json(payload).map_err(|_| "Subscribe payload has a member of the wrong type")?;
            if params.query.is_none() && params.document_id.is_none() && !params.extensions.contains_key("persistedQuery") {
                return Err("Subscribe payload is missing the query");
            }
            Ok(Incoming::Subscribe { id, params })
        }
        _ => Err("Message has an unknown type"),
    }
}

fn payload(message: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, &'static str> {
    match message.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err("Payload must be an object"),
    }
}

fn id(message: &mut Map<String, Value>, most: usize) -> Result<String, &'static str> {
    match message.remove("id") {
        Some(Value::String(id)) if id.is_empty() => Err("Message has an empty id"),
        Some(Value::String(id)) if id.len() > most => Err("Message has too long an id"),
        Some(Value::String(id)) => Ok(id),
        Some(_) => Err("Message has an id that is not a string"),
        None => Err("Message is missing the id property"),
    }
}

/// `connection_ack`, with the server's time to run countdowns by: a payload that is shared may be older than its reader.
pub fn ack(now: Timestamp) -> Utf8Bytes {
    json!({ "type": "connection_ack", "payload": { "serverTime": now.to_rfc3339() } }).to_string().into()
}

/// `pong`.
pub fn pong(payload: Option<Value>) -> Utf8Bytes {
    match payload {
        None => Utf8Bytes::from_static(r#"{"type":"pong"}"#),
        Some(payload) => json!({ "type": "pong", "payload": payload }).to_string().into(),
    }
}

/// What a frame of an operation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A result.
    Next,
    /// The errors that kept it from running; the last frame.
    Error,
    /// The last frame.
    Complete,
}

/// An operation id as JSON text, escaped once and copied to all its frames.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WireId(Id);

/// A UUID in quotes, what most clients send, is kept in place: it is read for every frame.
const IN_PLACE: usize = 38;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Id {
    Short(u8, [u8; IN_PLACE]),
    Long(Arc<str>),
}

impl WireId {
    /// Escapes the client's id.
    pub fn new(id: &str) -> Self {
        let json = Value::from(id).to_string();
        let mut short = [0; IN_PLACE];
        Self(match (u8::try_from(json.len()), short.get_mut(..json.len())) {
            (Ok(length), Some(place)) => {
                place.copy_from_slice(json.as_bytes());
                Id::Short(length, short)
            }
            _ => Id::Long(json.into()),
        })
    }

    /// The JSON text.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Id::Short(length, text) => &text[..usize::from(*length)],
            Id::Long(text) => text.as_bytes(),
        }
    }
}

/// One frame that waits to be sent. The body is shared by every socket that is told the same; only the id is spliced in.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What it says.
    pub says: Says,
    /// The payload as JSON.
    pub body: Utf8Bytes,
}

impl Frame {
    /// A result, as JSON text.
    pub fn next(json: Vec<u8>) -> Self {
        // JSON is UTF-8.
        Self { says: Says::Next, body: Utf8Bytes::try_from(Bytes::from(json)).unwrap_or_default() }
    }

    /// The end.
    pub fn complete() -> Self {
        Self { says: Says::Complete, body: Utf8Bytes::default() }
    }

    /// The bytes it stands for while it waits.
    pub fn weight(&self) -> usize {
        self.body.len() + 64
    }

    /// The text that goes out, in pieces: only those around the body are made for the socket.
    pub fn parts<'a>(&'a self, id: &'a WireId) -> [&'a [u8]; 5] {
        let (kind, body, end): (&str, &str, &str) = match self.says {
            Says::Next => (r#","type":"next","payload":"#, &self.body, "}"),
            Says::Error => (r#","type":"error","payload":"#, &self.body, "}"),
            Says::Complete => (r#","type":"complete"}"#, "", ""),
        };
        [br#"{"id":"#, id.as_bytes(), kind.as_bytes(), body.as_bytes(), end.as_bytes()]
    }

    /// The text that goes out.
    pub fn splice(&self, id: &WireId) -> Utf8Bytes {
        // Parts of texts are texts.
        Utf8Bytes::try_from(self.parts(id).concat()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(message: Value) -> Result<Incoming, &'static str> {
        decode(&message.to_string(), 16)
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bad in [
            json!(null),
            json!([]),
            json!("ping"),
            json!({}),
            json!({ "type": 1 }),
            json!({ "type": "start" }),
            json!({ "type": "connection_ack" }),
            json!({ "type": "connection_init", "payload": [] }),
            json!({ "type": "ping", "payload": "x" }),
            json!({ "type": "pong", "payload": 1 }),
            json!({ "type": "complete" }),
            json!({ "type": "complete", "id": "" }),
            json!({ "type": "subscribe", "payload": { "query": "{a}" } }),
            json!({ "type": "subscribe", "id": "", "payload": { "query": "{a}" } }),
            json!({ "type": "subscribe", "id": 1, "payload": { "query": "{a}" } }),
            json!({ "type": "subscribe", "id": "12345678901234567", "payload": { "query": "{a}" } }),
            json!({ "type": "subscribe", "id": "1" }),
            json!({ "type": "subscribe", "id": "1", "payload": [] }),
            json!({ "type": "subscribe", "id": "1", "payload": {} }),
            json!({ "type": "subscribe", "id": "1", "payload": { "query": 1 } }),
            json!({ "type": "subscribe", "id": "1", "payload": { "query": "{a}", "variables": 1 } }),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
        assert!(decode("{", 16).is_err());
    }

    #[test]
    fn every_message_is_read() {
        assert_eq!(read(json!({ "type": "connection_init", "payload": null })), Ok(Incoming::Init(Map::new())));
        assert_eq!(read(json!({ "type": "ping" })), Ok(Incoming::Ping(None)));
        assert_eq!(read(json!({ "type": "pong", "payload": {} })), Ok(Incoming::Pong));
        assert_eq!(read(json!({ "type": "complete", "id": "1" })), Ok(Incoming::Complete { id: "1".into() }));
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": "{a}", "variables": null } });
        assert!(matches!(read(subscribe), Ok(Incoming::Subscribe { id, .. }) if id == "1"));
        assert!(read(json!({ "type": "subscribe", "id": "1", "payload": { "documentId": "abc" } })).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = decode(&text, 16);
        }

        #[test]
        fn any_soup_of_messages_is_read_or_refused(
            kind in prop::sample::select(vec!["connection_init", "ping", "pong", "subscribe", "complete", "next", ""]),
            id in prop::option::of(any::<String>()),
            payload in prop::sample::select(vec![json!(null), json!({}), json!([]), json!(1), json!({ "query": "{a}" }), json!({ "query": 2 })]),
            cut in 0..200_usize,
        ) {
            let text = json!({ "type": kind, "id": id, "payload": payload }).to_string();
            let cut = text.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(text.len());
            let _ = decode(&text[..cut], 16);
            let _ = decode(&text, 16);
        }

        #[test]
        fn a_spliced_frame_is_the_message_it_stands_for(id in any::<String>(), text in any::<String>()) {
            let body = json!({ "data": { "text": text } });
            let frame = Frame { says: Says::Next, body: body.to_string().into() };
            let read: Value = serde_json::from_str(frame.splice(&WireId::new(&id)).as_str()).unwrap();
            prop_assert_eq!(read, json!({ "id": id, "type": "next", "payload": body }));
            let complete = Frame { says: Says::Complete, body: Utf8Bytes::default() };
            let read: Value = serde_json::from_str(complete.splice(&WireId::new(&id)).as_str()).unwrap();
            prop_assert_eq!(read, json!({ "id": id, "type": "complete" }));
        }
    }
}
