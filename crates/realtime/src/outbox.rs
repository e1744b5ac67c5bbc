//! What waits to be sent on one socket: a lane per operation, served in turn.
//!
//! ```text
//! operation a ─▶ [next next next] ┐
//! operation b ─▶ [next]           ├─ one frame of each in turn ─▶ writer ─▶ socket
//! operation c ─▶ []               ┘
//! control     ─▶ [pong]   ─────────── first
//! ```
//!
//! Over a plain TCP connection nobody waits for a writer: whoever has a frame writes it into the connection itself, under
//! the lock of the outbox. Only what the connection does not take at once waits here, and wakes the socket's task, which
//! pours it out as the peer reads.
//!
//! Invariants:
//! - a lane holds at most so many frames; its operation is not polled while it is full, so a hot stream waits instead of
//!   starving the others, and a stream that reads the current state when polled conflates by itself;
//! - all lanes together hold at most so many bytes; one more ends the socket with a resumable code;
//! - an id is taken until its last frame goes out or the client completes it; nothing of an ended lane is sent after that;
//! - a lane that belongs to a shared execution is written by its driver, which never waits: a state replaces the one that
//!   still waits, a fact that finds too much waiting ends the socket;
//! - frames go out whole and one after the other: what was begun is finished before anything else, a close included.

mod pour;

use std::{
    collections::VecDeque,
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

pub use self::pour::{Pipe, Poured};
use self::pour::{Shot, Wire, shoot};
use crate::{
    close::Close,
    hub::Membership,
    protocol::{Frame, Says, WireId},
};

/// Why an operation was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// The id is taken.
    Duplicate,
    /// The socket runs as many operations as it may.
    TooMany,
}

/// The operation is over: completed by the client, or the socket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// What the writer does next.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// Send this text.
    Text(Utf8Bytes),
    /// Send a WebSocket ping.
    Heartbeat,
    /// Answer a WebSocket ping.
    Pong(Bytes),
    /// Send this and stop.
    Close(Close),
}

/// The queue of one socket.
pub struct Outbox {
    hot: Mutex<Hot>,
    /// The writer has something to do.
    ready: Notify,
    /// An operation sent its last frame.
    pub answered: Notify,
    frames_per_lane: usize,
    most_bytes: usize,
    most_lanes: usize,
}

/// Lanes that may be written without a look at the whole state.
const SWIFT: usize = 4;

/// All that a frame written at once looks at, in one line of the processor's cache: with ten thousand sockets every
/// further line is fetched from afar.
struct Hot {
    /// The serials of the first lanes while nothing waits that must go first; nought where there is none.
    swift: [u64; SWIFT],
    state: Box<State>,
}

/// The state, locked.
struct Guard<'a> {
    hot: MutexGuard<'a, Hot>,
    changed: bool,
}

impl Guard<'_> {
    /// Whether a frame of that lane may be written before it is queued.
    fn may_write(&self, serial: u64) -> bool {
        self.hot.swift.contains(&serial) || (self.is_clear() && self.find(serial).is_some())
    }
}

impl Deref for Guard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.hot.state
    }
}

impl DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.changed = true;
        &mut self.hot.state
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if self.changed {
            self.hot.swift = self.hot.state.swift();
        }
    }
}

#[derive(Default)]
struct State {
    control: VecDeque<Outgoing>,
    /// In the order they were opened: serials grow.
    lanes: Vec<Lane>,
    /// Lanes with frames, in turn.
    turns: VecDeque<u64>,
    /// Bytes that wait or are being written.
    bytes: usize,
    /// Bytes handed to the writer since it last flushed.
    in_flight: usize,
    /// Mutations that run on although nobody waits for them.
    orphans: usize,
    ended: Option<Close>,
    /// The writer is done.
    finished: bool,
    serial: u64,
    /// The connection, if it is written directly.
    wire: Option<Wire>,
}

struct Lane {
    id: WireId,
    serial: u64,
    frames: VecDeque<Frame>,
    /// How many its operation has pushed.
    pushed: usize,
    gate: Arc<Gate>,
    /// It writes, so it runs to its end.
    runs_on: bool,
    /// It is a subscription, which has no end to wait for.
    streams: bool,
    /// Its place among the subscribers of a shared execution; given up with the lane.
    membership: Option<Membership>,
    /// Whether the last frame is a state that a later one may replace; the answer to a resume is not: it tells of gaps.
    shown: bool,
}

/// What an operation waits for: room in its lane, or that nobody wants it any more.
#[derive(Default)]
struct Gate {
    room: Notify,
    gone: Notify,
    over: AtomicBool,
}

/// An operation's end of its lane.
#[derive(Clone)]
pub struct LaneHandle {
    outbox: Arc<Outbox>,
    serial: u64,
    gate: Arc<Gate>,
    id: WireId,
    /// The connection, if it is written directly.
    pipe: Option<Arc<dyn Pipe>>,
}

impl Outbox {
    /// An empty queue with those bounds, emptied by a writer.
    pub fn new(frames_per_lane: usize, most_bytes: usize, most_lanes: usize) -> Arc<Self> {
        Self::with(None, (frames_per_lane, most_bytes, most_lanes))
    }

    /// An empty queue with those bounds in front of a connection that is written directly.
    pub fn over(pipe: Arc<dyn Pipe>, bounds: (usize, usize, usize)) -> Arc<Self> {
        Self::with(Some(Wire::new(pipe)), bounds)
    }

    fn with(wire: Option<Wire>, (frames_per_lane, most_bytes, most_lanes): (usize, usize, usize)) -> Arc<Self> {
        Arc::new(Self {
            hot: Mutex::new(Hot { swift: [0; SWIFT], state: Box::new(State { wire, ..State::default() }) }),
            ready: Notify::new(),
            answered: Notify::new(),
            frames_per_lane: frames_per_lane.max(1),
            most_bytes,
            most_lanes,
        })
    }

    fn state(&self) -> Guard<'_> {
        Guard { hot: self.hot.lock().unwrap_or_else(PoisonError::into_inner), changed: false }
    }

    /// Opens a lane for an operation.
    pub fn open(self: &Arc<Self>, id: &str) -> Result<LaneHandle, NotOpened> {
        let id = WireId::new(id);
        let mut state = self.state();
        if state.lanes.iter().any(|lane| lane.id == id) {
            return Err(NotOpened::Duplicate);
        }
        if state.lanes.len() + state.orphans >= self.most_lanes {
            return Err(NotOpened::TooMany);
        }
        state.serial += 1;
        let (serial, gate) = (state.serial, Arc::<Gate>::default());
        let pipe = state.wire.as_ref().map(Wire::pipe);
        let lane = Lane {
            id: id.clone(),
            serial,
            frames: VecDeque::new(),
            pushed: 0,
            gate: gate.clone(),
            runs_on: false,
            streams: false,
            membership: None,
            shown: false,
        };
        if state.lanes.is_empty() {
            // Most sockets watch one thing.
            state.lanes.reserve_exact(1);
        }
        state.lanes.push(lane);
        Ok(LaneHandle { outbox: self.clone(), serial, gate, id, pipe })
    }

    /// The client completed an operation: nothing more of it is sent. Unknown ids are ignored.
    pub fn complete(&self, id: &str) {
        let id = WireId::new(id);
        let mut state = self.state();
        let Some(at) = state.lanes.iter().position(|lane| lane.id == id) else { return };
        let lane = state.lanes.remove(at);
        state.turns.retain(|turn| *turn != lane.serial);
        state.bytes = state.bytes.saturating_sub(lane.frames.iter().map(Frame::weight).sum::<usize>());
        state.orphans += usize::from(lane.runs_on);
        lane.end();
    }

    /// Queues a message that belongs to no lane.
    pub fn control(&self, text: Utf8Bytes) {
        let mut state = self.state();
        if state.ended.is_none() {
            state.bytes += text.len();
            if state.bytes > self.most_bytes {
                state.end(Close::slow_reader());
            } else {
                state.control.push_back(Outgoing::Text(text));
            }
        }
        self.go_on(state);
    }

    /// Queues a WebSocket ping, unless one still waits.
    pub fn heartbeat(&self) {
        self.signal(Outgoing::Heartbeat);
    }

    /// Answers a WebSocket ping; an answer that still waits is forgotten, as the specification allows.
    pub fn pong(&self, payload: Bytes) {
        self.signal(Outgoing::Pong(payload));
    }

    fn signal(&self, signal: Outgoing) {
        let mut state = self.state();
        if state.ended.is_none() {
            let kind = std::mem::discriminant(&signal);
            match state.control.iter_mut().find(|out| std::mem::discriminant(*out) == kind) {
                Some(waiting) => *waiting = signal,
                None => state.control.push_back(signal),
            }
        }
        self.go_on(state);
    }

    /// Ends the socket: what waits is dropped, every operation cancelled. The first reason given stays.
    pub fn end(&self, close: Close) {
        let mut state = self.state();
        state.end(close);
        self.go_on(state);
    }

    /// Something was queued: it is written at once, or the writer is woken.
    fn go_on(&self, mut state: Guard<'_>) {
        let calls = self.pour_out(&mut state) != Poured::All;
        drop(state);
        if calls {
            self.ready.notify_one();
        }
    }

    /// Waits until the writer is called.
    pub async fn called(&self) {
        self.ready.notified().await;
    }

    /// The next thing to send.
    pub async fn next(&self) -> Outgoing {
        loop {
            if let Some(out) = self.try_next() {
                return out;
            }
            self.ready.notified().await;
        }
    }

    /// The next frame as it is, for a protocol without ids; what belongs to no lane is left out. `None`: it ended.
    pub async fn next_frame(&self) -> Option<Frame> {
        loop {
            match self.take() {
                Some(Taken::Frame(_, frame)) => return Some(frame),
                Some(Taken::Control(Outgoing::Close(_))) => return None,
                Some(Taken::Control(_)) => {}
                None => self.ready.notified().await,
            }
        }
    }

    /// The next thing to send, if one waits.
    pub fn try_next(&self) -> Option<Outgoing> {
        Some(match self.take()? {
            Taken::Control(out) => out,
            Taken::Frame(id, frame) => Outgoing::Text(frame.splice(&id)),
        })
    }

    fn take(&self) -> Option<Taken> {
        let mut state = self.state();
        if let Some(close) = &state.ended {
            return Some(Taken::Control(Outgoing::Close(close.clone())));
        }
        let taken = self.pick(&mut state)?;
        state.in_flight += taken.weight();
        Some(taken)
    }

    /// What goes out next: control first, then a frame of each lane in turn.
    fn pick(&self, state: &mut State) -> Option<Taken> {
        if let Some(control) = state.control.pop_front() {
            if state.control.is_empty() {
                state.control = VecDeque::new();
            }
            return Some(Taken::Control(control));
        }
        let serial = state.turns.pop_front()?;
        let at = state.find(serial)?;
        let lane = &mut state.lanes[at];
        let frame = lane.frames.pop_front()?;
        let id = lane.id.clone();
        lane.gate.room.notify_one();
        if frame.says != Says::Next {
            // The id is free before the client reads that it is.
            state.lanes.remove(at);
            self.answered.notify_one();
        } else if lane.frames.is_empty() {
            // A lane at rest holds no memory.
            lane.frames = VecDeque::new();
        } else {
            state.turns.push_back(serial);
        }
        Some(Taken::Frame(id, frame))
    }

    /// Whether a query or a mutation still owes its answer.
    pub fn is_answering(&self) -> bool {
        self.state().lanes.iter().any(|lane| !lane.streams)
    }

    /// The writer flushed: what it took no longer counts.
    pub fn flushed(&self) {
        let mut state = self.state();
        state.bytes = state.bytes.saturating_sub(std::mem::take(&mut state.in_flight));
    }

    /// How it ended, if it did.
    pub fn ended(&self) -> Option<Close> {
        self.state().ended.clone()
    }

    /// Nothing is written any more.
    pub fn finish(&self) {
        self.state().finished = true;
    }

    /// Whether the last thing is written.
    pub fn is_finished(&self) -> bool {
        let state = self.state();
        state.finished || state.wire.as_ref().is_some_and(Wire::is_finished)
    }

    /// Bytes that wait or are being written.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.state().bytes
    }
}

/// What the writer took.
enum Taken {
    Control(Outgoing),
    Frame(WireId, Frame),
}

impl Taken {
    /// The bytes it counts for.
    fn weight(&self) -> usize {
        match self {
            Self::Frame(_, frame) => frame.weight(),
            Self::Control(Outgoing::Text(text)) => text.len(),
            Self::Control(_) => 0,
        }
    }
}

impl State {
    /// The lanes a frame may be written for at once.
    fn swift(&self) -> [u64; SWIFT] {
        let mut serials = [0; SWIFT];
        if self.is_clear() {
            serials.iter_mut().zip(&self.lanes).for_each(|(serial, lane)| *serial = lane.serial);
        }
        serials
    }

    /// Where that lane is, if it is still open.
    fn find(&self, serial: u64) -> Option<usize> {
        self.lanes.binary_search_by_key(&serial, |lane| lane.serial).ok()
    }

    fn end(&mut self, close: Close) {
        if self.ended.is_some() {
            return;
        }
        if let Some(wire) = &mut self.wire {
            wire.end(close.clone());
        }
        self.ended = Some(close);
        self.control.clear();
        self.turns.clear();
        self.bytes = 0;
        self.in_flight = 0;
        for lane in self.lanes.drain(..) {
            lane.end();
        }
    }
}

impl Lane {
    fn end(&self) {
        self.gate.over.store(true, Ordering::SeqCst);
        self.gate.gone.notify_waiters();
        self.gate.room.notify_one();
    }
}

impl LaneHandle {
    /// The operation writes: it runs to its end even when nobody waits for it, and counts until then.
    pub fn runs_on(&self) {
        self.mark(|lane| lane.runs_on = true);
    }

    /// The operation is a subscription.
    pub fn streams(&self) {
        self.mark(|lane| lane.streams = true);
    }

    fn mark(&self, change: impl FnOnce(&mut Lane)) {
        let mut state = self.outbox.state();
        if let Some(at) = state.find(self.serial) {
            change(&mut state.lanes[at]);
        }
    }

    /// Whether nobody waits for the operation any more.
    pub fn is_over(&self) -> bool {
        self.gate.over.load(Ordering::SeqCst)
    }

    /// Waits until nobody waits for the operation any more.
    pub async fn over(&self) {
        let mut gone = std::pin::pin!(self.gate.gone.notified());
        gone.as_mut().enable();
        if !self.is_over() {
            gone.await;
        }
    }

    /// The operation is told by a shared execution from now on; its place there is given up with the lane.
    pub fn belongs(&self, membership: Membership) {
        self.mark(|lane| lane.membership = Some(membership));
    }

    /// The operation goes on alone.
    pub fn leaves(&self) {
        self.mark(|lane| lane.membership = None);
    }

    /// Shows a state: it takes the place of a shown one that still waits. Never waits itself.
    pub fn show(&self, frame: &Frame) -> Result<(), Gone> {
        self.put(std::slice::from_ref(frame), |lane, frame| {
            let state = frame.says == Says::Next;
            let replaced = if lane.shown && state { lane.frames.pop_back() } else { None };
            lane.shown = state;
            replaced
        })
    }

    /// Tells facts: they queue behind what waits; too much ends the socket. Never waits itself.
    pub fn tell(&self, frames: &[Frame]) -> Result<(), Gone> {
        self.put(frames, |_, _| None)
    }

    /// Ends the socket because more happened than its reader was ready for.
    pub fn overrun(&self) {
        self.outbox.end(Close::slow_reader());
    }

    fn put(&self, frames: &[Frame], replaced: impl Fn(&mut Lane, &Frame) -> Option<Frame>) -> Result<(), Gone> {
        let mut guard = self.outbox.state();
        let mut calls = false;
        let mut written = 0;
        if let Some(pipe) = &self.pipe {
            while let Some(frame) = frames.get(written)
                && frame.weight() <= self.outbox.most_bytes
                && guard.may_write(self.serial)
            {
                match shoot(&**pipe, &self.id, &frames[written..]) {
                    Shot::Plain(plain) => written += plain,
                    Shot::Notable(shot, outcome) => {
                        let (taken, stuck) = self.outbox.note(&mut guard, self.serial, shot, outcome);
                        written += taken;
                        calls = stuck;
                        break;
                    }
                }
            }
        }
        if written == frames.len() && !calls {
            return Ok(());
        }
        let state = &mut *guard;
        for frame in &frames[written..] {
            // The socket may have ended with what was written.
            let at = state.find(self.serial).ok_or(Gone)?;
            let lane = &mut state.lanes[at];
            let waited = !lane.frames.is_empty();
            let freed = replaced(lane, frame).map_or(0, |frame| frame.weight());
            state.bytes = (state.bytes + frame.weight()).saturating_sub(freed);
            if state.bytes > self.outbox.most_bytes {
                state.end(Close::slow_reader());
                drop(guard);
                self.outbox.ready.notify_one();
                return Err(Gone);
            }
            lane.frames.push_back(frame.clone());
            if !waited {
                state.turns.push_back(self.serial);
                calls = true;
            }
        }
        drop(guard);
        if calls {
            self.outbox.ready.notify_one();
        }
        Ok(())
    }

    /// An operation that ran on is done.
    pub fn ran_on(&self) {
        let mut state = self.outbox.state();
        match state.find(self.serial) {
            Some(at) => state.lanes[at].runs_on = false,
            None => state.orphans = state.orphans.saturating_sub(1),
        }
    }

    /// Queues a frame; waits while the lane is full.
    pub async fn push(&self, frame: Frame) -> Result<(), Gone> {
        let turn = loop {
            match self.try_push(&frame) {
                Ok(Some(turn)) => break turn,
                Ok(None) => self.gate.room.notified().await,
                Err(gone) => return Err(gone),
            }
        };
        // A connection that takes everything must not keep the others from their turn.
        if turn.is_multiple_of(self.outbox.frames_per_lane) {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Queues a frame if the lane has room; the last frame always has. Answers how many the lane has taken.
    fn try_push(&self, frame: &Frame) -> Result<Option<usize>, Gone> {
        let mut guard = self.outbox.state();
        let state = &mut *guard;
        let at = state.find(self.serial).ok_or(Gone)?;
        let lane = &mut state.lanes[at];
        if lane.frames.len() >= self.outbox.frames_per_lane && frame.says == Says::Next {
            return Ok(None);
        }
        if state.bytes + frame.weight() > self.outbox.most_bytes {
            state.end(Close::slow_reader());
            drop(guard);
            self.outbox.ready.notify_one();
            return Err(Gone);
        }
        if lane.frames.is_empty() {
            state.turns.push_back(self.serial);
        }
        state.bytes += frame.weight();
        lane.shown = false;
        lane.pushed += 1;
        let pushed = lane.pushed;
        lane.frames.push_back(frame.clone());
        self.outbox.go_on(guard);
        Ok(Some(pushed))
    }
}

#[cfg(test)]
mod tests;
