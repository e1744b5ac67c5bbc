//! One shared execution: its subscribers and its latest payload.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use async_graphql::Response;
use tokio::sync::{Notify, watch};

use super::lock;
use crate::{
    outbox::LaneHandle,
    protocol::{Frame, Says},
    sharing::Flow,
};

/// Subscribers told between two pauses.
const HANDFUL: usize = 128;

/// Where in its topic a payload stands: a cursor `epoch:seq`, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    epoch: Arc<str>,
    seq: i64,
}

impl Position {
    /// The cursor a response shows under those keys.
    pub(crate) fn of(response: &Response, keys: Option<&[String; 2]>) -> Option<Self> {
        let [root, cursor] = keys?;
        let async_graphql::Value::Object(data) = &response.data else { return None };
        let async_graphql::Value::Object(payload) = data.get(root.as_str())? else { return None };
        let async_graphql::Value::String(text) = payload.get(cursor.as_str())? else { return None };
        let (epoch, seq) = text.rsplit_once(':')?;
        Some(Self { epoch: epoch.into(), seq: seq.parse().ok()? })
    }

    /// Whether this is an earlier place than `other`.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        self.epoch == other.epoch && self.seq < other.seq
    }

    /// Whether what stands here is told already to who has seen `other`. Positions of two epochs cannot be compared.
    pub(crate) fn is_behind_or_at(&self, other: &Self) -> bool {
        self.epoch == other.epoch && self.seq <= other.seq
    }
}

/// One payload, serialised once.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) frame: Frame,
    pub(crate) position: Option<Position>,
}

/// The execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Over;

/// How an execution began.
#[derive(Clone)]
pub(crate) enum Began {
    /// Not yet.
    NotYet,
    /// With a payload; those who were there got it.
    Running,
    /// With nothing but errors.
    Refused(Arc<Response>),
    /// It ended before it began.
    Ended,
}

/// A shared execution.
pub(crate) struct Topic {
    flow: Flow,
    held: usize,
    state: Mutex<State>,
    /// Who left and is still listed. Its lock is taken last, under any other.
    leaving: Mutex<Vec<u64>>,
    /// Somebody left.
    pub(crate) left: Notify,
    began: watch::Sender<Began>,
}

#[derive(Default)]
struct State {
    subscribers: BTreeMap<u64, Subscriber>,
    /// Ids given so far.
    ids: u64,
    /// Payloads told so far.
    round: u64,
    last: Option<Told>,
    over: bool,
}

struct Subscriber {
    lane: LaneHandle,
    /// The last round it took part in.
    round: u64,
    /// It resumed and has seen this.
    seen: Option<Position>,
    /// It is catching up; this waits for it.
    held: Option<VecDeque<Told>>,
}

/// One turn through all subscribers, a handful at a time.
pub(super) struct Round {
    number: u64,
    told: Vec<Told>,
    frames: Vec<Frame>,
    /// Where it began; what is before comes after the end.
    first: u64,
    next: u64,
    past_the_end: bool,
}

/// A place among the subscribers; dropping it leaves.
pub(crate) struct Membership {
    topic: Arc<Topic>,
    id: u64,
}

impl Drop for Membership {
    fn drop(&mut self) {
        lock(&self.topic.leaving).push(self.id);
        self.topic.left.notify_one();
    }
}

impl Topic {
    pub(super) fn new(flow: Flow, held: usize) -> Self {
        let began = watch::Sender::new(Began::NotYet);
        Self { flow, held, state: Mutex::default(), leaving: Mutex::default(), left: Notify::new(), began }
    }

    /// Joins. The latest payload is handed over under the same lock; whether there was one.
    pub(crate) fn join(self: &Arc<Self>, lane: &LaneHandle) -> Result<bool, Over> {
        let (_, last) = self.enter(lane, None)?;
        Ok(last)
    }

    /// Joins behind a barrier: what is told waits until [`Self::release`].
    pub(crate) fn join_held(self: &Arc<Self>, lane: &LaneHandle) -> Result<u64, Over> {
        let (id, _) = self.enter(lane, Some(VecDeque::new()))?;
        Ok(id)
    }

    fn enter(self: &Arc<Self>, lane: &LaneHandle, held: Option<VecDeque<Told>>) -> Result<(u64, bool), Over> {
        let mut state = lock(&self.state);
        if state.over {
            return Err(Over);
        }
        state.ids += 1;
        let (id, round) = (state.ids, state.round);
        let mut shown = false;
        if held.is_none()
            && let Some(last) = &state.last
        {
            shown = true;
            let _ = self.hand(lane, std::slice::from_ref(&last.frame));
        }
        state.subscribers.insert(id, Subscriber { lane: lane.clone(), round, seen: None, held });
        // Given to a lane that is gone, the membership is dropped at once, and with it the place.
        lane.belongs(Membership { topic: self.clone(), id });
        Ok((id, shown))
    }

    /// Where the execution stands.
    pub(crate) fn position(&self) -> Option<Position> {
        lock(&self.state).last.as_ref()?.position.clone()
    }

    /// Opens the barrier: what was told meanwhile and is newer than `seen` follows, then everything as it comes.
    pub(crate) fn release(&self, id: u64, seen: Option<Position>) {
        let mut state = lock(&self.state);
        let Some(subscriber) = state.subscribers.get_mut(&id) else { return };
        subscriber.seen = seen;
        for told in subscriber.held.take().unwrap_or_default() {
            if !subscriber.has_seen(&told) {
                let _ = self.hand(&subscriber.lane, std::slice::from_ref(&told.frame));
            }
        }
    }

    /// How it began; waits for it.
    pub(crate) async fn began(&self) -> Began {
        let mut began = self.began.subscribe();
        let known = began.wait_for(|began| !matches!(began, Began::NotYet)).await;
        known.map_or(Began::Ended, |known| known.clone())
    }

    /// Begins to tell everybody, one payload or several facts that follow each other.
    pub(super) fn begin(&self, told: Vec<Told>) -> Round {
        let frames = told.iter().map(|told| told.frame.clone()).collect();
        let mut state = lock(&self.state);
        state.round += 1;
        if told.iter().any(|told| told.frame.says == Says::Next) {
            state.last = told.last().cloned();
        }
        Round { number: state.round, told, frames, first: 0, next: 0, past_the_end: false }
    }

    /// What is told is no longer true: whoever comes next is told this instead, and who has been told comes once more, last.
    pub(super) fn renew(&self, round: &mut Round, told: Vec<Told>) {
        let first = round.next;
        *round = Round { first, next: first, ..self.begin(told) };
    }

    /// Tells the next few; whether everybody has been told. Who joins meanwhile has the payload already.
    pub(super) fn go_on(&self, round: &mut Round) -> bool {
        let mut state = lock(&self.state);
        self.forget_left(&mut state);
        let ids = if round.past_the_end { round.next..round.first } else { round.next..u64::MAX };
        let mut visited = 0;
        for (id, subscriber) in state.subscribers.range_mut(ids).take(HANDFUL) {
            (round.next, visited) = (id + 1, visited + 1);
            if subscriber.round < round.number {
                subscriber.round = round.number;
                self.deliver(subscriber, &round.told, &round.frames);
            }
        }
        if visited == HANDFUL {
            return false;
        }
        let over = round.past_the_end || round.first == 0;
        (round.past_the_end, round.next) = (true, 0);
        over
    }

    /// Tells everybody.
    pub(super) async fn tell(&self, told: Vec<Told>) {
        let mut round = self.begin(told);
        while !self.go_on(&mut round) {
            tokio::task::yield_now().await;
        }
    }

    /// Somebody was told something.
    pub(super) fn has_begun(&self) {
        self.began.send_if_modified(|began| {
            let first = matches!(began, Began::NotYet);
            if first {
                *began = Began::Running;
            }
            first
        });
    }

    /// It began with nothing but errors: nothing is shared, each subscriber answers for itself.
    pub(super) fn refuse(&self, response: Response) {
        lock(&self.state).over = true;
        self.began.send_replace(Began::Refused(Arc::new(response)));
    }

    /// It ended: everybody is told so.
    pub(super) async fn end(&self) {
        lock(&self.state).over = true;
        self.tell(vec![Told { frame: Frame::complete(), position: None }]).await;
        self.began.send_if_modified(|began| {
            let never = matches!(began, Began::NotYet);
            if never {
                *began = Began::Ended;
            }
            never
        });
    }

    /// Forgets who left; whether nobody is there.
    pub(super) fn is_empty(&self) -> bool {
        let mut state = lock(&self.state);
        self.forget_left(&mut state);
        state.subscribers.is_empty()
    }

    pub(super) fn close_if_empty(&self) -> bool {
        let mut state = lock(&self.state);
        self.forget_left(&mut state);
        let empty = state.subscribers.is_empty();
        state.over |= empty;
        empty
    }

    fn forget_left(&self, state: &mut State) {
        for id in lock(&self.leaving).drain(..) {
            state.subscribers.remove(&id);
        }
    }

    /// `frames` are those of `told`.
    fn deliver(&self, subscriber: &mut Subscriber, told: &[Told], frames: &[Frame]) {
        let seen = told.iter().take_while(|told| subscriber.has_seen(told)).count();
        match &mut subscriber.held {
            None => {
                let _ = self.hand(&subscriber.lane, &frames[seen..]);
            }
            Some(waiting) => {
                for told in told {
                    if self.flow.is_state() && told.frame.says == Says::Next {
                        waiting.clear();
                    }
                    if waiting.len() >= self.held {
                        return subscriber.lane.overrun();
                    }
                    waiting.push_back(told.clone());
                }
            }
        }
    }

    /// A lane that is gone gives up its place by itself.
    fn hand(&self, lane: &LaneHandle, frames: &[Frame]) -> Result<(), crate::outbox::Gone> {
        match self.flow {
            Flow::State | Flow::Brisk => frames.iter().try_for_each(|frame| lane.show(frame)),
            Flow::Feed => lane.tell(frames),
        }
    }
}

impl Subscriber {
    fn has_seen(&self, told: &Told) -> bool {
        matches!((&told.position, &self.seen), (Some(position), Some(seen)) if position.is_behind_or_at(seen))
    }
}
