//! A raw WebSocket that speaks `graphql-transport-ws`, well or badly.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::client::Api;

/// How long a frame may take on a busy machine before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens one without saying hello.
    pub async fn open(base: &str, api: Api) -> Self {
        let url = format!("{}{}", base.replacen("http", "ws", 1), api.path());
        let mut request = url.into_client_request().expect("an address");
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        let (socket, _) = connect_async(request).await.expect("the socket opens");
        Self(socket)
    }

    /// Says a message.
    pub async fn say(&mut self, message: &Value) {
        self.say_raw(Message::text(message.to_string())).await;
    }

    /// Says anything; a socket that is closed already is not spoken to.
    pub async fn say_raw(&mut self, message: Message) {
        let _ = self.0.send(message).await;
    }

    /// The next message, heartbeats answered and left out.
    pub async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).expect("messages are JSON");
                    if message["type"] == "ping" {
                        self.say(&serde_json::json!({ "type": "pong" })).await;
                    } else if message["type"] != "pong" {
                        return message;
                    }
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("the socket said {other:?}"),
            }
        }
    }

    /// The code the server closes with; messages before it are let go.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.frame().await {
                return frame.map_or(1005, |frame| frame.code.into());
            }
        }
    }

    async fn frame(&mut self) -> Message {
        let frame = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a frame comes within half a minute");
        frame.expect("the socket is open").unwrap_or_else(|error| panic!("the socket broke: {error}"))
    }
}
