//! What waits to be sent on one socket: a lane per operation, served in turn.
//!
//! ```text
//! operation a ─▶ [next next next] ┐
//! operation b ─▶ [next]           ├─ one frame of each in turn ─▶ writer ─▶ socket
//! operation c ─▶ []               ┘
//! control     ─▶ [pong]   ─────────── first
//! ```
//!
//! Invariants:
//! - a lane holds at most so many frames; its operation is not polled while it is full, so a hot stream waits instead of
//!   starving the others, and a stream that reads the current state when polled conflates by itself;
//! - all lanes together hold at most so many bytes; one more ends the socket with a resumable code;
//! - an id is taken until its last frame goes out or the client completes it; nothing of an ended lane is sent after that;
//! - a lane that belongs to a shared execution is written by its driver, which never waits: a state replaces the one that
//!   still waits, a fact that finds too much waiting ends the socket.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

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
    /// Send this and stop.
    Close(Close),
}

/// The queue of one socket.
pub struct Outbox {
    state: Mutex<State>,
    /// The writer has something to do.
    ready: Notify,
    /// An operation sent its last frame.
    pub answered: Notify,
    frames_per_lane: usize,
    most_bytes: usize,
    most_lanes: usize,
}

#[derive(Default)]
struct State {
    control: VecDeque<Outgoing>,
    lanes: HashMap<WireId, Lane>,
    /// Lanes with frames, in turn.
    turns: VecDeque<WireId>,
    /// Bytes that wait or are being written.
    bytes: usize,
    /// Bytes handed to the writer since it last flushed.
    in_flight: usize,
    /// Mutations that run on although nobody waits for them.
    orphans: usize,
    ended: Option<Close>,
    serial: u64,
}

struct Lane {
    serial: u64,
    frames: VecDeque<Frame>,
    room: Arc<Notify>,
    cancel: CancellationToken,
    /// It writes, so it runs to its end.
    runs_on: bool,
    /// It is a subscription, which has no end to wait for.
    streams: bool,
    /// Its place among the subscribers of a shared execution; given up with the lane.
    membership: Option<Membership>,
    /// Whether the last frame is a state that a later one may replace; the answer to a resume is not: it tells of gaps.
    shown: bool,
}

/// An operation's end of its lane.
#[derive(Clone)]
pub struct LaneHandle {
    outbox: Arc<Outbox>,
    id: WireId,
    serial: u64,
    room: Arc<Notify>,
    /// Cancelled when nobody waits for the operation any more.
    pub cancelled: CancellationToken,
}

impl Outbox {
    /// An empty queue with those bounds.
    pub fn new(frames_per_lane: usize, most_bytes: usize, most_lanes: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            ready: Notify::new(),
            answered: Notify::new(),
            frames_per_lane: frames_per_lane.max(1),
            most_bytes,
            most_lanes,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a lane for an operation.
    pub fn open(self: &Arc<Self>, id: &str) -> Result<LaneHandle, NotOpened> {
        let id = WireId::new(id);
        let mut state = self.state();
        if state.lanes.contains_key(&id) {
            return Err(NotOpened::Duplicate);
        }
        if state.lanes.len() + state.orphans >= self.most_lanes {
            return Err(NotOpened::TooMany);
        }
        state.serial += 1;
        let (serial, room, cancel) = (state.serial, Arc::new(Notify::new()), CancellationToken::new());
        let lane = Lane {
            serial,
            frames: VecDeque::new(),
            room: room.clone(),
            cancel: cancel.clone(),
            runs_on: false,
            streams: false,
            membership: None,
            shown: false,
        };
        state.lanes.insert(id.clone(), lane);
        Ok(LaneHandle { outbox: self.clone(), id, serial, room, cancelled: cancel })
    }

    /// The client completed an operation: nothing more of it is sent. Unknown ids are ignored.
    pub fn complete(&self, id: &str) {
        let id = WireId::new(id);
        let mut state = self.state();
        let Some(lane) = state.lanes.remove(&id) else { return };
        state.turns.retain(|turn| *turn != id);
        state.bytes -= lane.frames.iter().map(Frame::weight).sum::<usize>();
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
        drop(state);
        self.ready.notify_one();
    }

    /// Queues a WebSocket ping, unless one still waits.
    pub fn heartbeat(&self) {
        let mut state = self.state();
        if state.ended.is_none() && !state.control.iter().any(|out| matches!(out, Outgoing::Heartbeat)) {
            state.control.push_back(Outgoing::Heartbeat);
        }
        drop(state);
        self.ready.notify_one();
    }

    /// Ends the socket: what waits is dropped, every operation cancelled. The first reason given stays.
    pub fn end(&self, close: Close) {
        self.state().end(close);
        self.ready.notify_one();
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
        if let Some(control) = state.control.pop_front() {
            if let Outgoing::Text(text) = &control {
                state.in_flight += text.len();
            }
            return Some(Taken::Control(control));
        }
        let id = state.turns.pop_front()?;
        let lane = state.lanes.get_mut(&id)?;
        let frame = lane.frames.pop_front()?;
        let (more, room) = (!lane.frames.is_empty(), lane.room.clone());
        state.in_flight += frame.weight();
        if frame.says != Says::Next {
            // The id is free before the client reads that it is.
            state.lanes.remove(&id);
            self.answered.notify_one();
        } else if more {
            state.turns.push_back(id.clone());
        }
        drop(state);
        room.notify_one();
        Some(Taken::Frame(id, frame))
    }

    /// Whether a query or a mutation still owes its answer.
    pub fn is_answering(&self) -> bool {
        self.state().lanes.values().any(|lane| !lane.streams)
    }

    /// The writer flushed: what it took no longer counts.
    pub fn flushed(&self) {
        let mut state = self.state();
        state.bytes = state.bytes.saturating_sub(std::mem::take(&mut state.in_flight));
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

impl State {
    fn end(&mut self, close: Close) {
        if self.ended.is_some() {
            return;
        }
        self.ended = Some(close);
        self.control.clear();
        self.turns.clear();
        self.bytes = 0;
        self.in_flight = 0;
        for (_, lane) in self.lanes.drain() {
            lane.end();
        }
    }
}

impl Lane {
    fn end(&self) {
        self.cancel.cancel();
        self.room.notify_one();
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
        if let Some(lane) = self.outbox.state().lanes.get_mut(&self.id).filter(|lane| lane.serial == self.serial) {
            change(lane);
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
        self.put(frame, |lane| {
            let state = frame.says == Says::Next;
            let replaced = if lane.shown && state { lane.frames.pop_back() } else { None };
            lane.shown = state;
            replaced
        })
    }

    /// Tells a fact: it queues behind what waits; too much ends the socket. Never waits itself.
    pub fn tell(&self, frame: &Frame) -> Result<(), Gone> {
        self.put(frame, |_| None)
    }

    /// Ends the socket because more happened than its reader was ready for.
    pub fn overrun(&self) {
        self.outbox.end(Close::slow_reader());
    }

    fn put(&self, frame: &Frame, replaced: impl FnOnce(&mut Lane) -> Option<Frame>) -> Result<(), Gone> {
        let mut guard = self.outbox.state();
        let state = &mut *guard;
        let Some(lane) = state.lanes.get_mut(&self.id).filter(|lane| lane.serial == self.serial) else { return Err(Gone) };
        let waited = !lane.frames.is_empty();
        let freed = replaced(lane).map_or(0, |frame| frame.weight());
        state.bytes = state.bytes - freed + frame.weight();
        if state.bytes > self.outbox.most_bytes {
            state.end(Close::slow_reader());
            drop(guard);
            self.outbox.ready.notify_one();
            return Err(Gone);
        }
        lane.frames.push_back(frame.clone());
        if !waited {
            state.turns.push_back(self.id.clone());
            drop(guard);
            self.outbox.ready.notify_one();
        }
        Ok(())
    }

    /// An operation that ran on is done.
    pub fn ran_on(&self) {
        let mut state = self.outbox.state();
        match state.lanes.get_mut(&self.id).filter(|lane| lane.serial == self.serial) {
            Some(lane) => lane.runs_on = false,
            None => state.orphans = state.orphans.saturating_sub(1),
        }
    }

    /// Queues a frame; waits while the lane is full.
    pub async fn push(&self, frame: Frame) -> Result<(), Gone> {
        loop {
            match self.try_push(&frame) {
                Ok(true) => break,
                Ok(false) => self.room.notified().await,
                Err(gone) => return Err(gone),
            }
        }
        self.outbox.ready.notify_one();
        Ok(())
    }

    /// Queues a frame if the lane has room; the last frame always has.
    fn try_push(&self, frame: &Frame) -> Result<bool, Gone> {
        let mut guard = self.outbox.state();
        let state = &mut *guard;
        let Some(lane) = state.lanes.get_mut(&self.id).filter(|lane| lane.serial == self.serial) else { return Err(Gone) };
        if lane.frames.len() >= self.outbox.frames_per_lane && frame.says == Says::Next {
            return Ok(false);
        }
        if state.bytes + frame.weight() > self.outbox.most_bytes {
            state.end(Close::slow_reader());
            drop(guard);
            self.outbox.ready.notify_one();
            return Err(Gone);
        }
        if lane.frames.is_empty() {
            state.turns.push_back(self.id.clone());
        }
        state.bytes += frame.weight();
        lane.shown = false;
        lane.frames.push_back(frame.clone());
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
