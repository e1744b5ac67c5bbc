//! What every simulated provider has behind its counter: books, faults, and a postman for callbacks.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::{future::join_all, stream};
use kernel::{Clock, Currency, Money, Timestamp};
use tokio::{runtime::Handle, sync::watch};

use crate::{
    callbacks::CallbackPolicy,
    faults::{ApiFault, Faults, Operation, Tamper},
    protocol::random_hex,
};

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeStatus {
    /// Waiting for the shopper.
    Pending,
    /// The shopper agreed; the merchant has not collected (PayPal).
    Approved,
    /// The money is here.
    Paid,
    /// It can no longer be paid.
    Closed,
}

/// A charge in a provider's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskCharge {
    /// The merchant's number.
    pub no: String,
    /// The provider's number of the request.
    pub id: String,
    /// The provider's number of the money: a transaction, a capture.
    pub paid_by: String,
    /// How much.
    pub amount: Money,
    /// What was asked, to tell the same request from another one with the same number.
    pub asked: String,
    /// Where to report.
    pub notify_url: String,
    /// Where it stands.
    pub status: ChargeStatus,
    /// No money after this.
    pub expires_at: Option<Timestamp>,
    /// When the money came.
    pub paid_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// Where a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// Accepted.
    Processing,
    /// The money is back.
    Back,
    /// It stayed, for this reason.
    Failed(String),
}

/// A refund in a provider's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskRefund {
    /// The merchant's number.
    pub no: String,
    /// The merchant's number of the charge.
    pub charge_no: String,
    /// The provider's number.
    pub id: String,
    /// How much.
    pub amount: Money,
    /// Where to report.
    pub notify_url: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Something to report.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: EventKind,
    pub(crate) charge: DeskCharge,
    pub(crate) refund: Option<DeskRefund>,
    pub(crate) at: Timestamp,
}

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventKind {
    Paid,
    Approved,
    Closed,
    RefundEnded,
}

/// A report on its way.
pub(crate) struct Letter {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// How one provider writes its reports, and what it takes for "heard".
pub(crate) trait Voice: Send + Sync + 'static {
    /// The report, or nothing when this provider does not report such a thing.
    fn write(&self, event: &Event, tamper: Option<&Tamper>, now: Timestamp) -> Option<Letter>;
    fn is_heard(&self, status: u16, body: &str) -> bool;
}

/// Why the books do not take something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum No {
    Unknown,
    OtherContent,
    NotPaid,
    Paid,
    Closed,
    TooMuch,
}

#[derive(Default)]
struct Books {
    charges: BTreeMap<String, DeskCharge>,
    refunds: BTreeMap<String, DeskRefund>,
    events: u64,
}

#[derive(Default)]
struct Mail {
    holding: bool,
    held: Vec<Event>,
    answers: Vec<(String, Option<u16>)>,
    sent: Vec<Event>,
}

/// The desk. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    voice: Box<dyn Voice>,
    faults: Faults,
    policy: CallbackPolicy,
    client: reqwest::Client,
    runtime: Handle,
    books: Mutex<Books>,
    mail: Mutex<Mail>,
    pending: watch::Sender<usize>,
}

struct Pending(Desk);

impl Pending {
    fn new(desk: &Desk) -> Self {
        desk.0.pending.send_modify(|n| *n += 1);
        Self(desk.clone())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.0.pending.send_modify(|n| *n -= 1);
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// Opens a desk; must be called inside a runtime.
    pub(crate) fn new(clock: Arc<dyn Clock>, policy: CallbackPolicy, voice: impl Voice) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        Self(Arc::new(Inner {
            clock,
            voice: Box::new(voice),
            faults: Faults::default(),
            policy,
            client: client.expect("a client can be built"),
            runtime: Handle::current(),
            books: Mutex::default(),
            mail: Mutex::default(),
            pending: watch::channel(0).0,
        }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.0.faults
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        held(&self.0.books)
    }

    pub(crate) fn charges(&self) -> Vec<DeskCharge> {
        self.books().charges.values().cloned().collect()
    }

    pub(crate) fn refunds(&self) -> Vec<DeskRefund> {
        self.books().refunds.values().cloned().collect()
    }

    pub(crate) fn charge(&self, no: &str) -> Option<DeskCharge> {
        let mut books = self.books();
        let now = self.now();
        let charge = books.charges.get_mut(no)?;
        if charge.status == ChargeStatus::Pending && charge.expires_at.is_some_and(|at| at <= now) {
            charge.status = ChargeStatus::Closed;
        }
        Some(charge.clone())
    }

    pub(crate) fn charge_by(&self, fits: impl Fn(&DeskCharge) -> bool) -> Option<DeskCharge> {
        self.books().charges.values().find(|charge| fits(charge)).cloned()
    }

    pub(crate) fn refund(&self, no: &str) -> Option<DeskRefund> {
        self.books().refunds.get(no).cloned()
    }

    pub(crate) fn refunds_of(&self, charge_no: &str) -> Vec<DeskRefund> {
        self.books().refunds.values().filter(|refund| refund.charge_no == charge_no).cloned().collect()
    }

    /// What is held for the merchant: paid minus given back.
    pub(crate) fn balance(&self, currency: Currency) -> Money {
        let books = self.books();
        let paid = books.charges.values().filter(|c| c.status == ChargeStatus::Paid && c.amount.currency == currency);
        let back = books.refunds.values().filter(|r| r.status == RefundStatus::Back && r.amount.currency == currency);
        Money::new(paid.map(|c| c.amount.minor).sum::<i64>() - back.map(|r| r.amount.minor).sum::<i64>(), currency)
    }

    /// The same number with the same content is the same charge.
    pub(crate) fn open_charge(&self, new: DeskCharge) -> Result<DeskCharge, No> {
        let mut books = self.books();
        match books.charges.get(&new.no) {
            Some(known) if known.asked != new.asked => Err(No::OtherContent),
            Some(known) => match known.status {
                ChargeStatus::Paid => Err(No::Paid),
                ChargeStatus::Closed => Err(No::Closed),
                _ => Ok(known.clone()),
            },
            None => {
                books.charges.insert(new.no.clone(), new.clone());
                Ok(new)
            }
        }
    }

    /// The shopper agrees to pay; the merchant must collect.
    pub(crate) fn approve(&self, no: &str) -> Result<(), No> {
        let charge = self.charge(no).ok_or(No::Unknown)?;
        match charge.status {
            ChargeStatus::Pending => {}
            ChargeStatus::Approved => return Ok(()),
            ChargeStatus::Paid => return Err(No::Paid),
            ChargeStatus::Closed => return Err(No::Closed),
        }
        let charge = self.change(no, |charge| charge.status = ChargeStatus::Approved)?;
        self.tell(EventKind::Approved, charge, None);
        Ok(())
    }

    /// The shopper pays, if the charge still takes money.
    pub(crate) fn pay(&self, no: &str) -> Result<(), No> {
        match self.charge(no).ok_or(No::Unknown)?.status {
            ChargeStatus::Pending | ChargeStatus::Approved => self.pay_anyway(no),
            ChargeStatus::Paid => Err(No::Paid),
            ChargeStatus::Closed => Err(No::Closed),
        }
    }

    /// The shopper pays, whatever the books say: providers do take money late.
    pub(crate) fn pay_anyway(&self, no: &str) -> Result<(), No> {
        let now = self.now();
        let charge = self.change(no, |charge| {
            charge.status = ChargeStatus::Paid;
            charge.paid_at = Some(now);
        })?;
        self.tell(EventKind::Paid, charge, None);
        Ok(())
    }

    fn change(&self, no: &str, change: impl FnOnce(&mut DeskCharge)) -> Result<DeskCharge, No> {
        let mut books = self.books();
        let charge = books.charges.get_mut(no).ok_or(No::Unknown)?;
        change(charge);
        Ok(charge.clone())
    }

    pub(crate) fn close(&self, no: &str) -> Result<DeskCharge, No> {
        match self.charge(no).ok_or(No::Unknown)?.status {
            ChargeStatus::Paid => Err(No::Paid),
            ChargeStatus::Closed => Err(No::Closed),
            ChargeStatus::Pending | ChargeStatus::Approved => {
                let charge = self.change(no, |charge| charge.status = ChargeStatus::Closed)?;
                self.tell(EventKind::Closed, charge.clone(), None);
                Ok(charge)
            }
        }
    }

    /// The same number with the same content is the same refund; no more goes back than came.
    pub(crate) fn open_refund(&self, new: DeskRefund) -> Result<DeskRefund, No> {
        let (refund, ended) = {
            let mut books = self.books();
            let charge = books.charges.get(&new.charge_no).ok_or(No::Unknown)?.clone();
            if let Some(known) = books.refunds.get(&new.no) {
                let same = known.charge_no == new.charge_no && known.amount == new.amount;
                return if same { Ok(known.clone()) } else { Err(No::OtherContent) };
            }
            if charge.status != ChargeStatus::Paid {
                return Err(No::NotPaid);
            }
            let promised = books.refunds.values().filter(|r| r.charge_no == new.charge_no && !matches!(r.status, RefundStatus::Failed(_)));
            let promised: i64 = promised.map(|refund| refund.amount.minor).sum();
            if new.amount.currency != charge.amount.currency || promised + new.amount.minor > charge.amount.minor {
                return Err(No::TooMuch);
            }
            let mut refund = new;
            if let Some(reason) = self.0.faults.refunds_fail() {
                refund.status = RefundStatus::Failed(reason);
            } else if !self.0.faults.refunds_wait() {
                refund.status = RefundStatus::Back;
            }
            let ended = refund.status != RefundStatus::Processing;
            refund.ended_at = ended.then(|| self.now());
            books.refunds.insert(refund.no.clone(), refund.clone());
            (refund, ended.then_some(charge))
        };
        if let Some(charge) = ended {
            self.tell(EventKind::RefundEnded, charge, Some(refund.clone()));
        }
        Ok(refund)
    }

    /// A refund in progress ends.
    pub(crate) fn settle_refund(&self, no: &str, failure: Option<&str>) -> Result<(), No> {
        let (refund, charge) = {
            let mut books = self.books();
            let refund = books.refunds.get_mut(no).ok_or(No::Unknown)?;
            refund.status = failure.map_or(RefundStatus::Back, |reason| RefundStatus::Failed(reason.to_owned()));
            refund.ended_at = Some(self.0.clock.now());
            let refund = refund.clone();
            let charge = books.charges.get(&refund.charge_no).ok_or(No::Unknown)?.clone();
            (refund, charge)
        };
        self.tell(EventKind::RefundEnded, charge, Some(refund));
        Ok(())
    }

    fn tell(&self, kind: EventKind, charge: DeskCharge, refund: Option<DeskRefund>) {
        let id = {
            let mut books = self.books();
            books.events += 1;
            format!("{}{:08}", random_hex::<12>(), books.events)
        };
        let event = Event { id, kind, charge, refund, at: self.now() };
        held(&self.0.mail).sent.push(event.clone());
        self.dispatch(event);
    }

    /// Every report so far once more, the latest first.
    pub(crate) fn repeat_backwards(&self) {
        let sent = held(&self.0.mail).sent.clone();
        let desk = Pending::new(self);
        self.0.runtime.spawn(async move {
            for event in sent.into_iter().rev() {
                desk.0.deliver(event).await;
            }
        });
    }

    pub(crate) fn hold(&self) {
        held(&self.0.mail).holding = true;
    }

    pub(crate) fn release(&self) {
        let held_back = {
            let mut mail = held(&self.0.mail);
            mail.holding = false;
            std::mem::take(&mut mail.held)
        };
        if self.0.faults.reversed() {
            let desk = Pending::new(self);
            self.0.runtime.spawn(async move {
                for event in held_back.into_iter().rev() {
                    desk.0.deliver(event).await;
                }
            });
        } else {
            held_back.into_iter().for_each(|event| self.dispatch(event));
        }
    }

    /// The answers to all reports: the event and the HTTP status, or nothing when there was no answer.
    pub(crate) fn answers(&self) -> Vec<(String, Option<u16>)> {
        held(&self.0.mail).answers.clone()
    }

    /// Waits until no report is on its way.
    pub(crate) async fn settled(&self) {
        let mut pending = self.0.pending.subscribe();
        let _ = pending.wait_for(|n| *n == 0).await;
    }

    fn dispatch(&self, event: Event) {
        let mut mail = held(&self.0.mail);
        if mail.holding {
            mail.held.push(event);
            return;
        }
        drop(mail);
        let desk = Pending::new(self);
        self.0.runtime.spawn(async move { desk.0.deliver(event).await });
    }

    async fn deliver(&self, event: Event) {
        let policy = self.0.policy;
        let mut pause = policy.first_pause;
        for attempt in 1..=policy.attempts {
            if attempt > 1 {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(policy.longest_pause);
            }
            {
                let mut mail = held(&self.0.mail);
                if mail.holding {
                    mail.held.push(event);
                    return;
                }
            }
            let tamper = self.0.faults.take_tamper();
            let copies = (0..self.0.faults.copies()).map(|_| self.post(&event, tamper.as_ref()));
            let mut taken = false;
            for answer in join_all(copies).await {
                let Some(answer) = answer else { return };
                taken |= answer.as_ref().is_some_and(|(status, body)| self.0.voice.is_heard(*status, body));
                held(&self.0.mail).answers.push((event.id.clone(), answer.map(|(status, _)| status)));
            }
            if taken && tamper.is_none() {
                return;
            }
        }
    }

    /// One copy on its way: nothing when there is nothing to report, else what was answered.
    async fn post(&self, event: &Event, tamper: Option<&Tamper>) -> Option<Option<(u16, String)>> {
        let letter = self.0.voice.write(event, tamper, self.now())?;
        let mut body = letter.body;
        if tamper == Some(&Tamper::HalfBody) {
            body.truncate(body.len() / 2);
        }
        let mut request = self.0.client.post(&letter.url).timeout(self.0.policy.timeout).body(body);
        for (name, value) in letter.headers {
            request = request.header(name, value);
        }
        let Ok(answer) = request.send().await else { return Some(None) };
        let status = answer.status().as_u16();
        Some(Some((status, answer.text().await.unwrap_or_default())))
    }
}

/// What goes back, before it is signed.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Said {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, body: body.to_string().into_bytes() }
    }
}

/// Does the work and answers, and misbehaves where a fault says so. `finish(said, forged)` signs.
pub(crate) async fn serve(
    desk: &Desk,
    operation: Operation,
    (busy, finish): (Said, impl Fn(Said, bool) -> Response),
    work: impl Future<Output = Said>,
) -> Response {
    let fault = desk.faults().take_api(operation);
    match fault {
        Some(ApiFault::ServerError) => return broken_gateway(),
        Some(ApiFault::Busy) => return finish(busy, false),
        Some(ApiFault::Hang) => return crate::http::hang().await,
        _ => {}
    }
    let said = work.await;
    let body = said.body.clone();
    match fault {
        Some(ApiFault::HangAfterWork) => crate::http::hang().await,
        Some(ApiFault::ServerErrorAfterWork) => broken_gateway(),
        Some(ApiFault::DropAnswer) => cut(finish(said, false), &body, 0),
        Some(ApiFault::HalfBody) => cut(finish(said, false), &body, body.len() / 2),
        Some(ApiFault::ForgedSignature) => finish(said, true),
        _ => finish(said, false),
    }
}

fn broken_gateway() -> Response {
    let mut response = Response::new(Body::from("<html><body>502 Bad Gateway</body></html>"));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

fn cut(response: Response, body: &[u8], keep: usize) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len().max(1)));
    let head = Bytes::copy_from_slice(&body[..keep]);
    let pieces = [Ok(head), Err(io::Error::other("the sandbox drops the connection here"))];
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces)))
}

/// A plain JSON answer.
pub(crate) fn plain(said: Said) -> Response {
    let status = StatusCode::from_u16(said.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(said.body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The tests' and the shopper's side of every simulated provider.
macro_rules! front {
    ($provider:ident) => {
        impl $provider {
            /// The switches of its faults.
            pub fn faults(&self) -> &crate::Faults {
                self.desk().faults()
            }

            /// All charges, by number.
            pub fn charges(&self) -> Vec<super::DeskCharge> {
                self.desk().charges()
            }

            /// All refunds, by number.
            pub fn refunds(&self) -> Vec<super::DeskRefund> {
                self.desk().refunds()
            }

            /// What is held for the merchant: paid minus given back.
            pub fn balance(&self, currency: kernel::Currency) -> kernel::Money {
                self.desk().balance(currency)
            }

            /// The shopper pays whatever the books say: providers do take money late. False when there is no such charge.
            pub fn pay_anyway(&self, charge_no: &str) -> bool {
                self.desk().pay_anyway(charge_no).is_ok()
            }

            /// A refund in progress ends. False when there is no such refund.
            pub fn settle_refund(&self, refund_no: &str, failure: Option<&str>) -> bool {
                self.desk().settle_refund(refund_no, failure).is_ok()
            }

            /// From now on reports wait.
            pub fn hold_callbacks(&self) {
                self.desk().hold();
            }

            /// Lets them go.
            pub fn release_callbacks(&self) {
                self.desk().release();
            }

            /// Every report so far once more, the latest first.
            pub fn repeat_backwards(&self) {
                self.desk().repeat_backwards();
            }

            /// The answers to all reports: the event, and the HTTP status or nothing.
            pub fn answers(&self) -> Vec<(String, Option<u16>)> {
                self.desk().answers()
            }

            /// Waits until no report is on its way.
            pub async fn settled(&self) {
                self.desk().settled().await;
            }
        }
    };
}
pub(crate) use front;
