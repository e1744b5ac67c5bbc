//! What goes wrong with real providers, on demand. For tests: no route leads here.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use kernel::Currency;

/// A call of the bank's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// `POST /v1/charges`
    CreateCharge,
    /// `GET /v1/charges/{no}`
    QueryCharge,
    /// `POST /v1/charges/{no}/close`
    CloseCharge,
    /// `POST /v1/refunds`
    CreateRefund,
    /// `GET /v1/refunds/{no}`
    QueryRefund,
    /// What the shopper approved is collected; a call of its own at PayPal only.
    CaptureCharge,
    /// Money goes to a person; at WeChat Pay only.
    CreateTransfer,
}

/// How an API call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiFault {
    /// An unsigned 500; nothing was done.
    ServerError,
    /// An unsigned 500; the work was done all the same.
    ServerErrorAfterWork,
    /// A signed 503: busy, nothing was done.
    Busy,
    /// No answer for a minute; nothing was done.
    Hang,
    /// The work is done, the answer never ends.
    HangAfterWork,
    /// The work is done, the connection breaks in the middle of the answer.
    HalfBody,
    /// The work is done, the connection breaks before the answer's body.
    DropAnswer,
    /// The work is done, the answer's signature does not fit.
    ForgedSignature,
}

impl ApiFault {
    /// True when the bank does what it was asked before it misbehaves.
    pub(crate) fn works(self) -> bool {
        !matches!(self, Self::ServerError | Self::Busy | Self::Hang)
    }
}

/// How a callback is not what it should be. A tampered delivery is one attempt: the genuine callback follows as a retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tamper {
    /// The signature does not fit.
    Signature,
    /// Signed, but with a key nobody published.
    UnknownKey,
    /// Signed an hour ago.
    Stale,
    /// Another amount, in minor units, properly signed.
    Amount(i64),
    /// Another currency, properly signed.
    Currency(Currency),
    /// Another merchant, properly signed.
    Merchant(String),
    /// Another charge number, properly signed.
    ChargeNo(String),
    /// Only the first half of the body, under the signature of the whole.
    HalfBody,
}

#[derive(Debug, Default)]
struct State {
    api: BTreeMap<Operation, VecDeque<ApiFault>>,
    tampers: VecDeque<Tamper>,
    copies: usize,
    reversed: bool,
    refunds_wait: bool,
    refunds_fail: Option<String>,
}

/// The switches. All off at first.
#[derive(Debug, Default)]
pub struct Faults(Mutex<State>);

impl Faults {
    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next authenticated call of `operation` goes wrong so; calls queue up.
    pub fn next(&self, operation: Operation, fault: ApiFault) {
        self.with(|s| s.api.entry(operation).or_default().push_back(fault));
    }

    /// The next callback attempt is tampered with so; calls queue up.
    pub fn tamper_next(&self, tamper: Tamper) {
        self.with(|s| s.tampers.push_back(tamper));
    }

    /// Every callback is sent `copies` times at once.
    pub fn duplicate_callbacks(&self, copies: usize) {
        self.with(|s| s.copies = copies);
    }

    /// Held callbacks are released latest first, one after the other.
    pub fn reverse_callbacks(&self, on: bool) {
        self.with(|s| s.reversed = on);
    }

    /// Refunds stay in progress until [`crate::Bank::settle_refund`].
    pub fn delay_refunds(&self, on: bool) {
        self.with(|s| s.refunds_wait = on);
    }

    /// Refunds accepted from now on fail for this reason; they succeed again with `None`.
    pub fn fail_refunds(&self, reason: Option<&str>) {
        self.with(|s| s.refunds_fail = reason.map(str::to_owned));
    }

    /// All switches off, all queues empty.
    pub fn clear(&self) {
        self.with(|s| *s = State::default());
    }

    pub(crate) fn take_api(&self, operation: Operation) -> Option<ApiFault> {
        self.with(|s| s.api.get_mut(&operation).and_then(VecDeque::pop_front))
    }

    pub(crate) fn take_tamper(&self) -> Option<Tamper> {
        self.with(|s| s.tampers.pop_front())
    }

    pub(crate) fn copies(&self) -> usize {
        self.with(|s| s.copies.max(1))
    }

    pub(crate) fn reversed(&self) -> bool {
        self.with(|s| s.reversed)
    }

    pub(crate) fn refunds_wait(&self) -> bool {
        self.with(|s| s.refunds_wait)
    }

    pub(crate) fn refunds_fail(&self) -> Option<String> {
        self.with(|s| s.refunds_fail.clone())
    }
}
