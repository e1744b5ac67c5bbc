//! Writing into the connection directly, without waiting: as much as it takes, the rest when it takes more.

use std::{cell::RefCell, collections::VecDeque, io, sync::Arc};

use tokio::net::TcpStream;

use super::{Outbox, Outgoing, State, Taken};
use crate::{
    close::Close,
    protocol::{Frame, Says, WireId},
    wire::frame::{CONTROL_BYTES, HEADER, Kind, head, head_length},
};

/// Bytes put together for one write.
const WINDOW: usize = 16 << 10;

/// Windows written before others get their turn.
const TURNS: usize = 4;

thread_local! {
    /// Where bytes are put together; one per thread, so a socket needs none.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What takes bytes without waiting.
pub trait Pipe: Send + Sync {
    /// Takes some of them; an error of the kind `WouldBlock` when it takes none now.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
}

impl Pipe for TcpStream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::try_write(self, bytes)
    }
}

/// The connection behind an outbox, and what of it is half-written.
pub(super) struct Wire {
    pipe: Arc<dyn Pipe>,
    /// Taken from the lanes and not written yet.
    unsent: VecDeque<Taken>,
    /// So many bytes of the first of them are written.
    sent: usize,
    /// It took less than it was given: only the socket's task tries again, when it takes more. Meanwhile what waits stays in
    /// its lanes, where a newer state replaces it.
    full: bool,
    /// The close frame is out, or the peer is gone.
    finished: bool,
}

/// How far the connection went along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poured {
    /// Everything is written.
    All,
    /// The rest waits until it takes more.
    Stuck,
    /// Nothing will be written any more.
    Finished,
}

/// What became of frames written before anything queued.
pub(super) enum Shot<'a> {
    /// So many are written and nothing has to be remembered of them.
    Plain(usize),
    /// Of these so many bytes were taken, or there is a last frame among them.
    Notable(&'a [Frame], io::Result<usize>),
}

/// Writes frames of one operation, or as many as fit one window. The connection must be clear.
pub(super) fn shoot<'a>(pipe: &dyn Pipe, id: &WireId, frames: &'a [Frame]) -> Shot<'a> {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        let (mut taken, mut plain) = (0, true);
        for frame in frames {
            if taken > 0 && scratch.len() + frame.body.len() > WINDOW {
                break;
            }
            frame.encode(id, (0, usize::MAX), scratch);
            taken += 1;
            plain &= frame.says == Says::Next;
        }
        let outcome = pipe.try_write(scratch);
        let whole = matches!(outcome, Ok(written) if written == scratch.len());
        give_back(scratch);
        if whole && plain { Shot::Plain(taken) } else { Shot::Notable(&frames[..taken], outcome) }
    })
}

impl Wire {
    pub(super) fn new(pipe: Arc<dyn Pipe>) -> Self {
        Self { pipe, unsent: VecDeque::new(), sent: 0, full: false, finished: false }
    }

    pub(super) fn pipe(&self) -> Arc<dyn Pipe> {
        self.pipe.clone()
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// What was begun is finished, then the close frame follows.
    pub(super) fn end(&mut self, close: Close) {
        self.unsent.truncate(usize::from(self.sent > 0));
        self.unsent.push_back(Taken::Control(Outgoing::Close(close)));
    }
}

impl State {
    /// Whether a frame may be written before it is queued: nothing waits that must go first.
    pub(super) fn is_clear(&self) -> bool {
        self.wire.as_ref().is_some_and(|wire| wire.unsent.is_empty() && !wire.full && !wire.finished)
            && self.control.is_empty()
            && self.turns.is_empty()
    }
}

impl Outbox {
    /// Remembers what became of a shot. Answers how many frames are out of the caller's hands, and whether the rest must wait.
    pub(super) fn note(&self, state: &mut State, serial: u64, shot: &[Frame], outcome: io::Result<usize>) -> (usize, bool) {
        let (Some(at), Some(wire)) = (state.find(serial), &mut state.wire) else { return (0, true) };
        let mut written = match outcome {
            Ok(written) => written,
            Err(error) => {
                let full = error.kind() == io::ErrorKind::WouldBlock;
                (wire.full, wire.finished) = (full, !full);
                return (0, true);
            }
        };
        for (nth, frame) in shot.iter().enumerate() {
            let length = frame.length(&state.lanes[at].id);
            let whole = written >= length;
            if !whole {
                wire.full = true;
                if written == 0 {
                    return (nth, true);
                }
                // Begun: it cannot be replaced any more.
                wire.unsent.push_back(Taken::Frame(state.lanes[at].id.clone(), frame.clone()));
                wire.sent = written;
                state.bytes += frame.weight();
            }
            if frame.says != Says::Next {
                state.lanes.remove(at);
                self.answered.notify_one();
            }
            if !whole || frame.says != Says::Next {
                return (nth + 1, !whole);
            }
            written -= length;
        }
        (shot.len(), false)
    }

    /// Writes what waits, as far as the connection takes it. Without one, the writer does.
    pub(super) fn pour_out(&self, state: &mut State) -> Poured {
        let Some(mut wire) = state.wire.take() else { return Poured::Stuck };
        let poured = SCRATCH.with_borrow_mut(|scratch| {
            for _ in 0..TURNS {
                if wire.finished {
                    return Poured::Finished;
                }
                if wire.full {
                    return Poured::Stuck;
                }
                scratch.clear();
                let mut skip = wire.sent;
                for taken in &wire.unsent {
                    if scratch.len() >= WINDOW {
                        break;
                    }
                    taken.encode((skip, WINDOW - scratch.len()), scratch);
                    skip = 0;
                }
                let half_written = !wire.unsent.is_empty();
                while !half_written
                    && scratch.len() < WINDOW
                    && state.ended.is_none()
                    && let Some(taken) = self.pick(state)
                {
                    taken.encode((0, WINDOW - scratch.len()), scratch);
                    wire.unsent.push_back(taken);
                }
                if scratch.is_empty() {
                    wire.unsent.shrink_to_fit();
                    return Poured::All;
                }
                match wire.pipe.try_write(scratch) {
                    Ok(written) => {
                        let whole = written == scratch.len();
                        wire.written(written, &mut state.bytes);
                        wire.full = !whole;
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => wire.full = true,
                    Err(_) => wire.finished = true,
                }
            }
            if wire.finished { Poured::Finished } else { Poured::Stuck }
        });
        state.wire = Some(wire);
        poured
    }

    /// For the socket's task: writes on, as far as the connection takes it.
    pub fn pour(&self) -> Poured {
        let mut state = self.state();
        if let Some(wire) = &mut state.wire {
            wire.full = false;
        }
        self.pour_out(&mut state)
    }
}

impl Wire {
    fn written(&mut self, bytes: usize, waiting: &mut usize) {
        self.sent += bytes;
        while let Some(first) = self.unsent.front() {
            let length = first.length();
            if self.sent < length {
                return;
            }
            self.sent -= length;
            *waiting = waiting.saturating_sub(first.weight());
            self.finished |= matches!(first, Taken::Control(Outgoing::Close(_)));
            self.unsent.pop_front();
        }
    }
}

/// A large payload must not keep its memory for good.
fn give_back(scratch: &mut Vec<u8>) {
    if scratch.capacity() > 8 * WINDOW {
        *scratch = Vec::new();
    }
}

/// Appends what of `parts`, one after the other, lies behind the first `skip` bytes, `most` bytes of it.
fn append(parts: &[&[u8]], (mut skip, mut most): (usize, usize), into: &mut Vec<u8>) {
    for part in parts {
        let rest = part.get(skip..).unwrap_or_default();
        skip = skip.saturating_sub(part.len());
        let fits = rest.len().min(most);
        into.extend_from_slice(&rest[..fits]);
        most -= fits;
    }
}

impl Frame {
    /// Its bytes on the wire.
    fn length(&self, id: &WireId) -> usize {
        let length: usize = self.parts(id).iter().map(|part| part.len()).sum();
        head_length(length) + length
    }

    /// Appends a window of its bytes on the wire.
    fn encode(&self, id: &WireId, window: (usize, usize), into: &mut Vec<u8>) {
        let [a, b, c, d, e] = self.parts(id);
        let length = a.len() + b.len() + c.len() + d.len() + e.len();
        if window == (0, usize::MAX) {
            into.reserve(HEADER + length);
            head(Kind::Text, length, into);
            [a, b, c, d, e].iter().for_each(|part| into.extend_from_slice(part));
            return;
        }
        let mut header = Vec::with_capacity(HEADER);
        head(Kind::Text, length, &mut header);
        append(&[&header, a, b, c, d, e], window, into);
    }
}

impl Taken {
    fn payload(&self) -> (Kind, Vec<u8>) {
        match self {
            Self::Frame(..) | Self::Control(Outgoing::Text(_)) => (Kind::Text, Vec::new()),
            Self::Control(Outgoing::Heartbeat) => (Kind::Ping, Vec::new()),
            Self::Control(Outgoing::Pong(payload)) => (Kind::Pong, payload.to_vec()),
            Self::Control(Outgoing::Close(close)) => {
                let frame = close.frame();
                let mut payload = u16::from(frame.code).to_be_bytes().to_vec();
                payload.extend_from_slice(frame.reason.as_bytes());
                payload.truncate(CONTROL_BYTES);
                (Kind::Close, payload)
            }
        }
    }

    fn length(&self) -> usize {
        match self {
            Self::Frame(id, frame) => frame.length(id),
            Self::Control(Outgoing::Text(text)) => head_length(text.len()) + text.len(),
            Self::Control(_) => 2 + self.payload().1.len(),
        }
    }

    fn encode(&self, window: (usize, usize), into: &mut Vec<u8>) {
        let mut header = Vec::with_capacity(HEADER);
        match self {
            Self::Frame(id, frame) => frame.encode(id, window, into),
            Self::Control(Outgoing::Text(text)) => {
                head(Kind::Text, text.len(), &mut header);
                append(&[&header, text.as_bytes()], window, into);
            }
            Self::Control(_) => {
                let (kind, payload) = self.payload();
                head(kind, payload.len(), &mut header);
                append(&[&header, &payload], window, into);
            }
        }
    }
}
