//! A socket that subscribes and listens. It reads frames by hand, to cost little itself.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// How long anything may take before the round is given up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A socket whose hello is answered. The `nth` comes from an address of its own among many of this machine, as shoppers do.
pub async fn greeted((address, path): (&str, &str), nth: usize, buffer: &mut Vec<u8>) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from = std::net::Ipv4Addr::new(127, 0, 0, u8::try_from(nth / 1_000 + 1).expect("not so many"));
    socket.bind((from, 0).into()).expect("an address of this machine");
    let mut socket = socket.connect(address.parse().expect("an address")).await.expect("the server listens");
    socket.set_nodelay(true).expect("a socket");
    let hello = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    );
    socket.write_all(hello.as_bytes()).await.expect("written");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.expect("an answer"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    socket.write_all(&masked(br#"{"type":"connection_init"}"#)).await.expect("written");
    next(&mut socket, buffer).await;
    socket
}

/// A text frame of a client; the mask is zero.
pub fn masked(text: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match text.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(length).expect("short").to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text);
    frame
}

/// Where the next frame's payload is, if it is there as a whole.
fn whole(buffer: &[u8]) -> Option<(usize, usize)> {
    let (start, length) = match *buffer.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes([*buffer.get(2)?, *buffer.get(3)?]))),
        short => (2, usize::from(short)),
    };
    (buffer.len() >= start + length).then_some((start, start + length))
}

/// Reads one frame and drops it.
pub async fn next(socket: &mut TcpStream, buffer: &mut Vec<u8>) {
    loop {
        if let Some((_, end)) = whole(buffer) {
            buffer.drain(..end);
            return;
        }
        let read = tokio::time::timeout(PATIENCE, socket.read_buf(buffer)).await.expect("a frame in time").expect("read");
        assert!(read > 0, "the server closed");
    }
}

/// Hands every text frame's payload on until `seen` has enough or the socket ends; heartbeats are none.
pub async fn listen(socket: &mut TcpStream, buffer: &mut Vec<u8>, mut seen: impl FnMut(&[u8]) -> Listen) {
    loop {
        let mut from = 0;
        while let Some((start, end)) = whole(&buffer[from..]) {
            if buffer[from] == 0x81 && seen(&buffer[from + start..from + end]) == Listen::Enough {
                return;
            }
            from += end;
        }
        buffer.drain(..from);
        let Ok(1..) = socket.read_buf(buffer).await else { return };
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// There is more to hear.
    On,
    /// That was it.
    Enough,
}
