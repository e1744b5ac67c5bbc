//! What is heard from the peer, whatever the connection is.

use std::{io, sync::Arc};

use futures_util::{StreamExt, stream::SplitStream};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Bytes, Error, Message},
};

use super::frame::{self, Decoder};
use crate::{close::Close, outbox::Outbox};

/// Bytes read at once.
const READ: usize = 4 << 10;
/// Unsent bytes the kernel takes: the rest waits with us, where a newer state replaces an older one.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT: u32 = 16 << 10;

/// A connection that is not plain TCP.
pub(crate) type Framed = WebSocketStream<TokioIo<Upgraded>>;

/// What was heard.
#[derive(Debug)]
pub(crate) enum Heard {
    Text(String),
    Binary,
    /// A sign of life.
    Sign,
    /// The peer is gone, or says so.
    Closed(Option<u16>),
    /// What it sent is no message.
    Broken(Close),
}

/// The reading side of a connection.
pub(crate) struct Peer {
    way: Way,
    /// It closed its side.
    gone: bool,
}

enum Way {
    Direct { io: Arc<TcpStream>, decoder: Decoder, outbox: Arc<Outbox> },
    Framed(Box<SplitStream<Framed>>),
}

/// Has the kernel send at once and keep little.
pub(crate) fn tune(io: &TcpStream) {
    // A connection that cannot be tuned still works.
    let _ = io.set_nodelay(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = SockRef::from(io).set_tcp_notsent_lowat(UNSENT);
}

impl Peer {
    /// A plain connection. What it sent already is read first, before anything that comes later.
    pub(crate) fn direct(io: Arc<TcpStream>, first: &Bytes, most: usize, outbox: Arc<Outbox>) -> Self {
        let mut decoder = Decoder::new(most);
        if !first.is_empty() {
            decoder.feed(first);
        }
        Self { way: Way::Direct { io, decoder, outbox }, gone: false }
    }

    /// Any other connection.
    pub(crate) fn framed(stream: SplitStream<Framed>) -> Self {
        Self { way: Way::Framed(Box::new(stream)), gone: false }
    }

    /// The next thing heard. Nothing is lost when it is not waited for to the end.
    pub(crate) async fn hear(&mut self) -> Heard {
        let heard = self.way.hear().await;
        self.gone |= matches!(heard, Heard::Closed(_));
        heard
    }

    /// Whether it closed its side.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Waits until the peer has closed its side; what it still says is not acted on.
    pub(crate) async fn closed(&mut self) {
        while !self.gone {
            if let Heard::Broken(_) = self.hear().await {
                return self.drained().await;
            }
        }
    }

    /// Takes bytes that mean nothing any more, until there are no more.
    async fn drained(&mut self) {
        match &mut self.way {
            Way::Direct { io, .. } => {
                while io.readable().await.is_ok() {
                    match io.try_read(&mut [0; 512]) {
                        Ok(0) => return,
                        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
                        _ => {}
                    }
                }
            }
            Way::Framed(stream) => while let Some(Ok(_)) = stream.next().await {},
        }
    }
}

impl Way {
    async fn hear(&mut self) -> Heard {
        match self {
            Self::Direct { io, decoder, outbox } => loop {
                match decoder.next() {
                    Ok(Some(message)) => return heard(message, outbox),
                    Err(broken) => return Heard::Broken(broken.into()),
                    Ok(None) => {}
                }
                if io.readable().await.is_err() {
                    return Heard::Closed(None);
                }
                match read(io, decoder) {
                    Ok(0) => return Heard::Closed(None),
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return Heard::Closed(None),
                }
            },
            Self::Framed(stream) => match stream.next().await {
                None => Heard::Closed(None),
                Some(Ok(Message::Close(frame))) => Heard::Closed(frame.map(|frame| frame.code.into())),
                Some(Ok(Message::Text(text))) => Heard::Text(text.as_str().to_owned()),
                Some(Ok(Message::Binary(_))) => Heard::Binary,
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Heard::Sign,
                Some(Err(Error::Capacity(_))) => Heard::Broken(Close::too_big()),
                Some(Err(Error::Utf8(_))) => Heard::Broken(Close::not_utf8()),
                Some(Err(Error::Protocol(_))) => Heard::Broken(Close::protocol_error()),
                Some(Err(_)) => Heard::Closed(None),
            },
        }
    }
}

fn heard(message: frame::Message, outbox: &Outbox) -> Heard {
    match message {
        frame::Message::Text(text) => Heard::Text(text),
        frame::Message::Binary => Heard::Binary,
        frame::Message::Ping(payload) => {
            outbox.pong(payload);
            Heard::Sign
        }
        frame::Message::Pong => Heard::Sign,
        frame::Message::Close(code) => Heard::Closed(code),
    }
}

/// Reads into the stack, so that a quiet connection holds no buffer.
fn read(io: &TcpStream, decoder: &mut Decoder) -> io::Result<usize> {
    let mut bytes = [0; READ];
    let read = io.try_read(&mut bytes)?;
    decoder.feed(&bytes[..read]);
    Ok(read)
}
