//! Every limit and period of the transport, with the defaults that are on.

use std::time::Duration;

use kernel::{minutes, seconds};

pub use crate::hub::Streams;

/// What one operation may ask for.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of an HTTP body.
    pub body_bytes: usize,
    /// Bytes of a document.
    pub document_bytes: usize,
    /// Lexical tokens of a document.
    pub tokens: usize,
    /// Levels of fields, fragments expanded; introspection is measured by its own rule.
    pub depth: usize,
    /// Renamed fields, fragments expanded.
    pub aliases: usize,
    /// Root fields of a query.
    pub root_fields: usize,
    /// Root fields of a mutation.
    pub root_mutations: usize,
    /// Fields after expanding fragments, in each operation of the document.
    pub expanded_fields: u64,
    /// Static cost of one operation.
    pub cost: u64,
    /// How many elements a connection counts when it names no `first`.
    pub assumed_page: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            document_bytes: 64 << 10,
            tokens: 5_000,
            depth: 15,
            aliases: 50,
            root_fields: 30,
            root_mutations: 5,
            expanded_fields: 20_000,
            cost: 10_000,
            assumed_page: 20,
        }
    }
}

/// Which pages may open a socket. A socket's token is not a cookie, so a foreign page gets nothing it could not ask for
/// itself; it is kept out all the same where the others are known.
#[derive(Clone, Debug, Default)]
pub enum Origins {
    /// All.
    #[default]
    Any,
    /// Those of the address itself, and these (`https://shop.example`). What is no browser names none and may.
    Named(Vec<String>),
}

/// How connections are kept.
#[derive(Clone, Debug)]
pub struct Connections {
    /// Which pages may open one.
    pub origins: Origins,
    /// Between the upgrade and `connection_init`.
    pub init_timeout: Duration,
    /// How long deciding who calls may take.
    pub authenticate_timeout: Duration,
    /// Between two heartbeats of the server; a socket silent for two of them is half-open and closed.
    pub heartbeat: Duration,
    /// How long a close waits for the peer.
    pub linger: Duration,
    /// Operations at once on one socket.
    pub operations_per_socket: usize,
    /// Connections at once of one signed-in caller.
    pub per_caller: usize,
    /// Connections at once from one address.
    pub per_ip: usize,
    /// Bytes of one incoming message.
    pub message_bytes: usize,
    /// Bytes of an operation id.
    pub id_bytes: usize,
    /// Frames that may wait per operation; its stream is not polled while so many wait.
    pub frames_per_operation: usize,
    /// Bytes that may wait per socket; one more closes it with a resumable code.
    pub queued_bytes: usize,
    /// Sockets close at a moment of their own within this span when the server drains.
    pub drain_jitter: Duration,
    /// tungstenite's read buffer, where a connection is not written directly. It is zero-filled at every read attempt, so
    /// small is cheap in time and memory.
    pub read_buffer: usize,
    /// tungstenite's write buffer, there.
    pub write_buffer: usize,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            origins: Origins::Any,
            init_timeout: seconds(10),
            authenticate_timeout: seconds(10),
            heartbeat: seconds(25),
            linger: seconds(3),
            operations_per_socket: 100,
            per_caller: 50,
            per_ip: 2_000,
            message_bytes: 64 << 10,
            id_bytes: 256,
            frames_per_operation: 16,
            queued_bytes: 1 << 20,
            drain_jitter: seconds(5),
            read_buffer: 1_024,
            write_buffer: 4_096,
        }
    }
}

/// The allowance of one caller: a bucket that refills steadily.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// Points of a full bucket.
    pub capacity: u32,
    /// Points that come back per second.
    pub restore_rate: u32,
    /// How long an untouched bucket is remembered.
    pub forget_after: Duration,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { capacity: 20_000, restore_rate: 2_000, forget_after: minutes(10) }
    }
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What one operation may ask for.
    pub limits: Limits,
    /// How connections are kept.
    pub connections: Connections,
    /// How shared executions are kept.
    pub streams: Streams,
}
