//! How clients are told things: admission, the subscription protocols, and what keeps one client from hurting another.
//!
//! A GraphQL operation comes in over HTTP (`src/http`), over a WebSocket that speaks `graphql-transport-ws`, or as
//! server-sent events. All three lead through one [`Transport`], which knows no schema and no users: the application
//! behind it is an [`Endpoint`].
//!
//! ```text
//!   HTTP (src/http) ─┐
//!   WebSocket ───────┼─ who? ── what? ──────── may it? ─────── run ───────────────▶ answer
//!   SSE ─────────────┘  │       │                │               │
//!          Endpoint::authenticate  admission:     bucket of       Endpoint::execute
//!                               trusted, size,    the caller      Endpoint::execute_stream
//!                               parse, limits
//!
//!   one socket:  operation a ─▶ lane ┐
//!                operation b ─▶ lane ┼─ in turn ─▶ writer ─▶ peer      a full lane makes its operation wait,
//!                operation c ─▶ lane ┘                                 a full socket is closed, resumable
//! ```
//!
//! What holds:
//! - **Nothing a client sends costs more than its size before it is checked**: documents are scanned before they are
//!   parsed, measured before they are validated, and paid for before they run.
//! - **A slow reader costs bounded memory**: frames per operation and bytes per socket are capped.
//! - **A hot stream starves nobody**: each operation is its own task with its own lane, and lanes are served in turn.
//! - **Every error has a code of one closed list** ([`Code`]) and the request's id; what has none says nothing.
//! - **A socket ends for a reason its client can act on**: see [`Close`].
//! - **Time is injected**: tokens run out by the [`Endpoint`]'s clock; only periods (heartbeats, timeouts) are timers.
//!
//! A payload is serialised once and the operation id spliced in when it is sent, so that equal subscriptions can share
//! one execution and one payload.

mod admission;
mod answer;
mod close;
mod code;
mod endpoint;
mod hub;
mod operation;
mod outbox;
mod protocol;
mod seats;
mod settings;
mod sharing;
mod socket;
pub mod sse;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

pub use admission::{
    Admitted, Kind, Params,
    bucket::{Bucket, Level, MemoryBuckets},
    trusted::{TrustError, TrustedDocuments},
};
pub use answer::{is_request_error, to_json};
pub use close::Close;
pub use code::{Code, Rejection};
pub use endpoint::{Audience, Authenticated, Call, Denied, Endpoint, Hello, Via};
pub use protocol::PROTOCOL;
pub use settings::{Allowance, Connections, Limits, Origins, Settings, Streams};
pub use sharing::{Flow, Sharing, SharingError};
pub use socket::upgrade;
pub use transport::{Transport, allowance_key};
pub use wire::handshake::{Handshake, HandshakeRefused};
