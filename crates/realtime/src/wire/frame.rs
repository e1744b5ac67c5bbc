//! WebSocket frames (RFC 6455, server side): written whole, read strictly, nothing kept while nothing is half-read.

use tokio_tungstenite::tungstenite::Bytes;

use crate::close::Close;

/// Bytes before the payload of a frame of ours, at most.
pub(crate) const HEADER: usize = 10;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// What a control frame may carry.
pub(crate) const CONTROL_BYTES: usize = 125;

/// What a frame of ours is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Ping,
    Pong,
    Close,
}

/// Begins a frame whose payload has that length.
pub(crate) fn head(kind: Kind, length: usize, into: &mut Vec<u8>) {
    into.push(
        FIN | match kind {
            Kind::Text => TEXT,
            Kind::Ping => PING,
            Kind::Pong => PONG,
            Kind::Close => CLOSE,
        },
    );
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => into.push(short),
        (_, Ok(medium)) => {
            into.push(126);
            into.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            into.push(127);
            into.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// How many bytes [`head`] writes.
pub(crate) fn head_length(length: usize) -> usize {
    match length {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => HEADER,
    }
}

/// A message of the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Text(String),
    Binary,
    Ping(Bytes),
    Pong,
    /// The code it named.
    Close(Option<u16>),
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Not a frame, or not at this place.
    Protocol,
    /// Text that is none.
    NotUtf8,
    /// Above the limit.
    TooBig,
}

impl From<Broken> for Close {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Protocol => Self::protocol_error(),
            Broken::NotUtf8 => Self::not_utf8(),
            Broken::TooBig => Self::too_big(),
        }
    }
}

/// Reads messages from bytes as they come. Idle, it holds no memory.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// What came and is not read yet; from `at` on.
    came: Vec<u8>,
    at: usize,
    /// A message in several frames, so far.
    begun: Option<Begun>,
    most: usize,
}

#[derive(Debug)]
struct Begun {
    kind: u8,
    bytes: Vec<u8>,
    /// So many of them are known to be UTF-8.
    checked: usize,
}

struct Head {
    last: bool,
    opcode: u8,
    mask: [u8; 4],
    length: usize,
    /// Bytes before the payload.
    bytes: usize,
}

impl Decoder {
    /// Refuses messages above `most` bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self { came: Vec::new(), at: 0, begun: None, most }
    }

    /// Takes bytes as they come.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.came.drain(..std::mem::take(&mut self.at));
        self.came.extend_from_slice(bytes);
    }

    /// The next message, when it is there as a whole.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, Broken> {
        loop {
            let Some(head) = self.head()? else {
                self.rest();
                return Ok(None);
            };
            let start = self.at + head.bytes;
            let Some(payload) = self.came.get_mut(start..start + head.length) else { return Ok(None) };
            payload.iter_mut().zip(head.mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
            let payload = &self.came[start..start + head.length];
            self.at = start + head.length;
            let message = match head.opcode {
                PING => Message::Ping(Bytes::copy_from_slice(payload)),
                PONG => Message::Pong,
                CLOSE => Message::Close(close_code(payload)?),
                kind => {
                    let mut begun = self.begun.take().unwrap_or(Begun { kind, bytes: Vec::new(), checked: 0 });
                    begun.bytes.extend_from_slice(payload);
                    if !head.last {
                        begun.check()?;
                        self.begun = Some(begun);
                        continue;
                    }
                    match begun.kind {
                        TEXT => Message::Text(String::from_utf8(begun.bytes).map_err(|_| Broken::NotUtf8)?),
                        _ => Message::Binary,
                    }
                }
            };
            self.rest();
            return Ok(Some(message));
        }
    }

    /// Gives back memory as soon as nothing is half-read.
    fn rest(&mut self) {
        if self.at == self.came.len() {
            (self.came, self.at) = (Vec::new(), 0);
        }
    }

    /// The head of the next frame, checked before its payload is waited for.
    fn head(&self) -> Result<Option<Head>, Broken> {
        let bytes = &self.came[self.at..];
        let Some(&first) = bytes.first() else { return Ok(None) };
        let (last, opcode) = (first & FIN != 0, first & 0x0F);
        // No extension was agreed on, so reserved bits mean nothing.
        let known = match opcode {
            CONTINUATION => self.begun.is_some(),
            TEXT | BINARY => self.begun.is_none(),
            CLOSE | PING | PONG => last,
            _ => false,
        };
        if first & 0x70 != 0 || !known {
            return Err(Broken::Protocol);
        }
        let Some(&second) = bytes.get(1) else { return Ok(None) };
        if second & MASKED == 0 || (opcode >= CLOSE && usize::from(second & !MASKED) > CONTROL_BYTES) {
            return Err(Broken::Protocol);
        }
        let (length, extra) = match second & !MASKED {
            126 => match bytes.get(2..4).and_then(|bytes| bytes.try_into().ok()) {
                Some(length) => (u64::from(u16::from_be_bytes(length)), 2),
                None => return Ok(None),
            },
            127 => match bytes.get(2..10).and_then(|bytes| bytes.try_into().ok()) {
                Some(length) => (u64::from_be_bytes(length), 8),
                None => return Ok(None),
            },
            short => (u64::from(short), 0),
        };
        let begun = if opcode < CLOSE { self.begun.as_ref().map_or(0, |begun| begun.bytes.len()) } else { 0 };
        let length = usize::try_from(length).ok().filter(|length| *length <= self.most.saturating_sub(begun)).ok_or(Broken::TooBig)?;
        let Some(mask) = bytes.get(2 + extra..6 + extra).and_then(|mask| mask.try_into().ok()) else { return Ok(None) };
        Ok(Some(Head { last, opcode, mask, length, bytes: 6 + extra }))
    }
}

impl Begun {
    /// Whether it can still become a text: what is wrong already never gets right.
    fn check(&mut self) -> Result<(), Broken> {
        if self.kind == TEXT
            && let Err(error) = std::str::from_utf8(&self.bytes[self.checked..])
        {
            if error.error_len().is_some() {
                return Err(Broken::NotUtf8);
            }
            self.checked += error.valid_up_to();
        } else {
            self.checked = self.bytes.len();
        }
        Ok(())
    }
}

/// The code of a close frame, if it names one that may be sent.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Broken> {
    match payload {
        [] => Ok(None),
        [_] => Err(Broken::Protocol),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(Broken::Protocol);
            }
            std::str::from_utf8(reason).map_err(|_| Broken::NotUtf8)?;
            Ok(Some(code))
        }
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
