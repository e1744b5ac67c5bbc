//! A reader of server-sent events (graphql-sse, distinct connections).

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::Value;

/// A stream of events.
pub struct Events {
    /// The HTTP status it began with.
    pub status: StatusCode,
    response: Response,
    read: String,
}

impl Events {
    pub(crate) fn new(response: Response) -> Self {
        Self { status: response.status(), response, read: String::new() }
    }

    /// The next event's name and data; `None` at the end. Comments (heartbeats) are left out.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(|text| text.trim().to_owned());
                if let Some(name) = line("event:") {
                    let data = line("data:").filter(|data| !data.is_empty());
                    return Some((name, data.map_or(Value::Null, |data| serde_json::from_str(&data).expect("events carry JSON"))));
                }
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(30), self.response.chunk()).await.expect("an event comes within half a minute");
            let chunk = chunk.ok().flatten()?;
            self.read.push_str(&String::from_utf8_lossy(&chunk).replace("\r\n", "\n"));
        }
    }

    /// The data of the next `next` event.
    pub async fn data(&mut self) -> Value {
        let (name, payload) = self.next().await.expect("the stream goes on");
        assert_eq!(name, "next", "{payload}");
        assert!(payload["errors"].is_null(), "{payload}");
        payload["data"].clone()
    }
}
