//! The WebSocket itself: the opening handshake, frames, and the connection underneath, written directly where it is plain
//! TCP and through tungstenite where it is not (TLS within this process, for example).

pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod peer;
