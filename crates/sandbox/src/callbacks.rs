//! Telling the merchant: every event is posted until it is answered with 2xx, with growing pauses, a bounded number of
//! times. At least once, in no promised order. An event nobody took is tried again after a restart.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use kernel::hours;

use crate::{
    bank::Inner,
    books::{Entry, Undelivered},
    faults::Tamper,
    protocol::{self, CallbackEvent, EventKind, SigningKey},
};

/// How patient the bank is with a merchant that does not listen. Pauses are real time, not the injected clock's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackPolicy {
    /// How often a callback is tried.
    pub attempts: u32,
    /// The pause after the first failure; it doubles each time …
    pub first_pause: Duration,
    /// … up to this.
    pub longest_pause: Duration,
    /// How long one attempt may take.
    pub timeout: Duration,
}

impl Default for CallbackPolicy {
    /// Quick at first, then once a minute, for about a day.
    fn default() -> Self {
        Self {
            attempts: 1_500,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(60),
            timeout: Duration::from_secs(5),
        }
    }
}

/// What became of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackRecord {
    /// The event.
    pub event_id: String,
    /// What it reports.
    pub kind: EventKind,
    /// The merchant's number of the charge it is about.
    pub merchant_charge_no: String,
    /// How many rounds were sent, tampered ones included.
    pub attempts: u32,
    /// The answers of the last round: an HTTP status each, or nothing when there was no answer.
    pub answers: Vec<Option<u16>>,
    /// True once a genuine copy was answered with 2xx.
    pub delivered: bool,
    /// True once the bank stopped trying.
    pub abandoned: bool,
}

/// Who waits and what was sent.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    pub(crate) holding: bool,
    pub(crate) held: Vec<Undelivered>,
    pub(crate) records: BTreeMap<String, CallbackRecord>,
}

/// Counts a delivery as pending for as long as it lives.
struct Pending(Arc<Inner>);

impl Pending {
    fn new(bank: Arc<Inner>) -> Self {
        bank.pending.send_modify(|n| *n += 1);
        Self(bank)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.pending.send_modify(|n| *n -= 1);
    }
}

impl Inner {
    /// Starts to tell the merchant, or puts the callback aside while they are held.
    pub(crate) fn dispatch(self: &Arc<Self>, undelivered: Undelivered) {
        let mut deliveries = self.deliveries();
        deliveries.records.entry(undelivered.event.event_id.clone()).or_insert_with(|| CallbackRecord {
            event_id: undelivered.event.event_id.clone(),
            kind: undelivered.event.kind,
            merchant_charge_no: undelivered.event.data.merchant_charge_no.clone(),
            attempts: 0,
            answers: Vec::new(),
            delivered: false,
            abandoned: false,
        });
        if deliveries.holding {
            deliveries.held.push(undelivered);
            return;
        }
        drop(deliveries);
        let pending = Pending::new(self.clone());
        self.runtime.spawn(async move { pending.0.deliver(undelivered).await });
    }

    /// Lets the held callbacks go.
    pub(crate) fn release(self: &Arc<Self>) {
        let held = {
            let mut deliveries = self.deliveries();
            deliveries.holding = false;
            std::mem::take(&mut deliveries.held)
        };
        if self.faults.reversed() {
            let pending = Pending::new(self.clone());
            self.runtime.spawn(async move {
                for undelivered in held.into_iter().rev() {
                    pending.0.deliver(undelivered).await;
                }
            });
        } else {
            held.into_iter().for_each(|undelivered| self.dispatch(undelivered));
        }
    }

    async fn deliver(self: &Arc<Self>, undelivered: Undelivered) {
        let policy = self.config.callbacks;
        let event_id = &undelivered.event.event_id;
        let mut pause = policy.first_pause;
        for attempt in 1..=policy.attempts {
            if attempt > 1 {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(policy.longest_pause);
            }
            {
                let mut deliveries = self.deliveries();
                if deliveries.holding {
                    deliveries.held.push(undelivered);
                    return;
                }
            }
            let tamper = self.faults.take_tamper();
            let copies = (0..self.faults.copies()).map(|_| self.post(&undelivered, tamper.as_ref()));
            let answers = join_all(copies).await;
            let taken = tamper.is_none() && answers.iter().flatten().any(|status| (200..300).contains(status));
            if let Some(record) = self.deliveries().records.get_mut(event_id) {
                record.attempts += 1;
                record.answers = answers;
                record.delivered = taken;
                record.abandoned = !taken && attempt == policy.attempts;
            }
            if taken {
                if let Err(error) = self.commit(&[Entry::CallbackDelivered { event_id: event_id.clone() }]) {
                    tracing::error!(%error, event_id, "a delivered callback is not journalled and will be repeated after a restart");
                }
                return;
            }
        }
        tracing::warn!(event_id, "nobody took the callback; it is tried again after a restart");
    }

    /// One copy on its way: the status it was answered with.
    async fn post(&self, undelivered: &Undelivered, tamper: Option<&Tamper>) -> Option<u16> {
        let mut body = serde_json::to_vec(&tampered(&undelivered.event, tamper)).expect("an event is plain data");
        let mut now = self.clock.now();
        if tamper == Some(&Tamper::Stale) {
            now = now - hours(1);
        }
        let (timestamp, nonce) = (protocol::header_seconds(now), protocol::nonce());
        let message = protocol::answer_message(timestamp, &nonce, &body);
        let (mut serial, mut signature) = self.sign(&message);
        match tamper {
            Some(Tamper::Signature) => signature = STANDARD.encode([7_u8; 64]),
            Some(Tamper::UnknownKey) => {
                let stranger = SigningKey::generate();
                (serial, signature) = ("stranger".to_owned(), stranger.sign(&message));
            }
            Some(Tamper::HalfBody) => body.truncate(body.len() / 2),
            _ => {}
        }
        let sent = self
            .client
            .post(&undelivered.notify_url)
            .header("Content-Type", "application/json")
            .header(protocol::TIMESTAMP, timestamp)
            .header(protocol::NONCE, nonce)
            .header(protocol::SERIAL, serial)
            .header(protocol::SIGNATURE, signature)
            .timeout(self.config.callbacks.timeout)
            .body(body)
            .send()
            .await;
        match sent {
            Ok(answer) => Some(answer.status().as_u16()),
            Err(error) => {
                tracing::debug!(%error, "no answer to a callback");
                None
            }
        }
    }
}

fn tampered(event: &CallbackEvent, tamper: Option<&Tamper>) -> CallbackEvent {
    let mut event = event.clone();
    match tamper {
        Some(Tamper::Amount(minor)) => event.data.amount.minor = *minor,
        Some(Tamper::Currency(currency)) => event.data.amount.currency = *currency,
        Some(Tamper::Merchant(id)) => event.data.merchant_id.clone_from(id),
        Some(Tamper::ChargeNo(no)) => event.data.merchant_charge_no.clone_from(no),
        Some(Tamper::Signature | Tamper::UnknownKey | Tamper::Stale | Tamper::HalfBody) | None => {}
    }
    event
}
