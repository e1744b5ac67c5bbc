//! Why a socket is closed: the code and the reason a client reads.

use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// What fits a close frame beside its code.
const REASON_BYTES: usize = 123;

/// The end of a socket.
///
/// | code | meaning | what a client does |
/// |---|---|---|
/// | 1000 | the peer said goodbye | nothing |
/// | 1002, 1007, 1009 | not a WebSocket frame, not UTF-8, too large | repair itself |
/// | 4400 | not a message of `graphql-transport-ws` | repair itself |
/// | 4401 | `subscribe` before `connection_ack` | repair itself |
/// | 4403 | the token was refused, ran out, or was taken back | fetch a new token, connect again |
/// | 4406 | no common subprotocol | repair itself |
/// | 4408 | no `connection_init` in time | connect again |
/// | 4409 | the operation id is in use | repair itself |
/// | 4429 | a second `connection_init`, or too many sockets of the caller | close some |
/// | 4500 | something broke on our side | connect again, later |
/// | **4503** | the server drains (ours) | connect again now: another node answers; resume with `after` |
/// | **4510** | no sign of life for two heartbeats (ours) | connect again, resume with `after` |
/// | **4513** | the client reads more slowly than it is told things (ours) | connect again, resume with `after` |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code.
    pub code: u16,
    /// The reason.
    pub reason: String,
}

impl Close {
    fn new(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// The peer said goodbye.
    pub fn normal() -> Self {
        Self::new(1000, "")
    }
    /// The peer closed with that code, which is repeated to it.
    pub fn repeated(code: Option<u16>) -> Self {
        Self::new(code.unwrap_or(1000), "")
    }
    /// Not a WebSocket frame.
    pub fn protocol_error() -> Self {
        Self::new(1002, "Protocol error")
    }
    /// Not UTF-8.
    pub fn not_utf8() -> Self {
        Self::new(1007, "Not UTF-8")
    }
    /// A message above the limit.
    pub fn too_big() -> Self {
        Self::new(1009, "Message too big")
    }
    /// Not a message of the protocol.
    pub fn invalid(why: impl Into<String>) -> Self {
        Self::new(4400, why)
    }
    /// An operation before the acknowledgement.
    pub fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }
    /// The caller is refused.
    pub fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }
    /// The token ran out on a live socket.
    pub fn token_expired() -> Self {
        Self::new(4403, "Token expired")
    }
    /// What was accepted was taken back.
    pub fn revoked() -> Self {
        Self::new(4403, "Session revoked")
    }
    /// No common subprotocol.
    pub fn subprotocol() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }
    /// No `connection_init` in time.
    pub fn init_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }
    /// The id is in use.
    pub fn duplicate(id: &str) -> Self {
        Self::new(4409, format!("Subscriber for {id} already exists"))
    }
    /// A second `connection_init`.
    pub fn too_many_inits() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }
    /// The caller holds too many sockets.
    pub fn too_many_sockets() -> Self {
        Self::new(4429, "Too many sockets")
    }
    /// Something broke on our side.
    pub fn internal() -> Self {
        Self::new(4500, "Internal server error")
    }
    /// The server stops.
    pub fn draining() -> Self {
        Self::new(4503, "Draining")
    }
    /// The peer is silent.
    pub fn silent() -> Self {
        Self::new(4510, "No sign of life")
    }
    /// The peer does not read.
    pub fn slow_reader() -> Self {
        Self::new(4513, "Reading too slowly; resume with your cursor")
    }

    /// The frame, its reason cut to what fits.
    pub fn frame(&self) -> CloseFrame {
        let mut end = self.reason.len().min(REASON_BYTES);
        while !self.reason.is_char_boundary(end) {
            end -= 1;
        }
        CloseFrame { code: self.code.into(), reason: self.reason[..end].into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_at_a_character() {
        let close = Close::duplicate(&"团".repeat(100));
        let reason = close.frame().reason;
        assert!(reason.len() <= REASON_BYTES && reason.starts_with("Subscriber for 团"));
        assert_eq!(Close::duplicate("1").reason, "Subscriber for 1 already exists");
    }
}
