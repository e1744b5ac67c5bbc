//! What may happen to a charge and to a refund. Decides and applies; asks no clock, draws no id, writes no file.
//!
//! ```text
//! charge   PENDING ──pay──▶ SUCCEEDED            refund   PROCESSING ──▶ SUCCEEDED
//!             └──cancel / close / expire──▶ CLOSED              └──────▶ FAILED (its amount may be refunded again)
//! ```
//!
//! A decision answers the [`Entry`]s to journal (none when there is nothing to do); [`Books::apply`] is the only way the
//! books move, so replaying the journal rebuilds them.
//!
//! Invariants: what is refunded or being refunded of a charge never exceeds what was paid; a number means one thing for
//! ever; a charge is paid at most once and never after it was closed.

use std::collections::BTreeMap;

use kernel::{Money, Timestamp, days};
use serde::{Deserialize, Serialize};

use crate::protocol::{
    Amount, CallbackData, CallbackEvent, ChargeStatus, ChargeView, EventKind, NewCharge, NewRefund, RefundStatus, RefundView, rfc3339,
};

/// Why the bank says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A field breaks its rule.
    #[error("{field}: {rule}")]
    Parameter {
        /// Which.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The number is taken by another charge.
    #[error("this merchant_charge_no was used with other content")]
    ChargeConflict,
    /// The number is taken by another refund.
    #[error("this merchant_refund_no was used with other content")]
    RefundConflict,
    /// No charge of that number.
    #[error("there is no such charge")]
    ChargeNotFound,
    /// No refund of that number.
    #[error("there is no such refund")]
    RefundNotFound,
    /// The money is here already.
    #[error("the charge was paid")]
    ChargePaid,
    /// Too late to pay.
    #[error("the charge is closed")]
    ChargeClosed,
    /// Nothing to give back.
    #[error("the charge was not paid")]
    ChargeNotPaid,
    /// More than is left.
    #[error("the refunds would exceed what was paid; left: {}", .left.minor)]
    RefundExceedsPaid {
        /// What may still be refunded.
        left: Amount,
    },
    /// Refunds go back in the currency of the charge.
    #[error("the charge is in another currency")]
    CurrencyMismatch,
    /// A refund that is over cannot be settled again.
    #[error("the refund is settled")]
    RefundSettled,
}

impl Refusal {
    /// The stable code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Parameter { .. } => "PARAM_ERROR",
            Self::ChargeConflict => "CHARGE_CONFLICT",
            Self::RefundConflict => "REFUND_CONFLICT",
            Self::ChargeNotFound => "CHARGE_NOT_FOUND",
            Self::RefundNotFound => "REFUND_NOT_FOUND",
            Self::ChargePaid => "CHARGE_PAID",
            Self::ChargeClosed => "CHARGE_CLOSED",
            Self::ChargeNotPaid => "CHARGE_NOT_PAID",
            Self::RefundExceedsPaid { .. } => "REFUND_EXCEEDS_PAID",
            Self::CurrencyMismatch => "CURRENCY_MISMATCH",
            Self::RefundSettled => "REFUND_SETTLED",
        }
    }

    /// The HTTP status that goes with it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Parameter { .. } | Self::CurrencyMismatch => 400,
            Self::ChargeNotFound | Self::RefundNotFound => 404,
            _ => 409,
        }
    }
}

/// Why a charge can no longer be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The shopper pressed Cancel.
    Cancelled,
    /// Its time ran out.
    Expired,
    /// The merchant closed it.
    Merchant,
}

impl CloseReason {
    fn text(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Merchant => "merchant",
        }
    }
}

/// A charge as booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Whose.
    pub merchant_id: String,
    /// The bank's number.
    pub charge_id: String,
    /// What was asked.
    pub request: NewCharge,
    /// Where it stands.
    pub status: ChargeStatus,
    /// Accepted when.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// Paid when.
    #[serde(with = "rfc3339::option", default)]
    pub paid_at: Option<Timestamp>,
    /// Closed when.
    #[serde(with = "rfc3339::option", default)]
    pub closed_at: Option<Timestamp>,
}

/// A refund as booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Whose.
    pub merchant_id: String,
    /// The bank's number.
    pub refund_id: String,
    /// What was asked.
    pub request: NewRefund,
    /// Where it stands.
    pub status: RefundStatus,
    /// Accepted when.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// Arrived or failed when.
    #[serde(with = "rfc3339::option", default)]
    pub settled_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default)]
    pub failure: Option<String>,
}

impl Refund {
    /// The answer about it.
    pub fn view(&self) -> RefundView {
        RefundView {
            refund_id: self.refund_id.clone(),
            merchant_id: self.merchant_id.clone(),
            merchant_refund_no: self.request.merchant_refund_no.clone(),
            merchant_charge_no: self.request.merchant_charge_no.clone(),
            amount: self.request.amount,
            status: self.status,
            created_at: self.created_at,
            settled_at: self.settled_at,
            failure: self.failure.clone(),
        }
    }
}

/// A merchant and one of its numbers.
pub type Key = (String, String);

/// One line of the journal: something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// A charge was accepted.
    ChargeOpened {
        /// As booked.
        charge: Charge,
    },
    /// The shopper paid.
    ChargePaid {
        /// Which charge.
        key: Key,
        /// When.
        #[serde(with = "rfc3339")]
        at: Timestamp,
        /// The callback's id.
        event_id: String,
    },
    /// It can no longer be paid.
    ChargeClosed {
        /// Which charge.
        key: Key,
        /// When.
        #[serde(with = "rfc3339")]
        at: Timestamp,
        /// Why.
        reason: CloseReason,
        /// The callback's id.
        event_id: String,
    },
    /// A refund was accepted.
    RefundOpened {
        /// As booked.
        refund: Refund,
    },
    /// A refund arrived, or failed.
    RefundSettled {
        /// Which refund.
        key: Key,
        /// When.
        #[serde(with = "rfc3339")]
        at: Timestamp,
        /// Why it failed; nothing when it arrived.
        failure: Option<String>,
        /// The callback's id.
        event_id: String,
    },
    /// The merchant took a callback.
    CallbackDelivered {
        /// Which.
        event_id: String,
    },
}

/// A callback the merchant has not taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Where it goes.
    pub notify_url: String,
    /// What it says.
    pub event: CallbackEvent,
}

/// The bank's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    charges: BTreeMap<Key, Charge>,
    charge_ids: BTreeMap<String, Key>,
    refunds: BTreeMap<Key, Refund>,
    undelivered: BTreeMap<String, Undelivered>,
}

impl Books {
    /// Every charge, by merchant and number.
    pub fn charges(&self) -> impl Iterator<Item = &Charge> {
        self.charges.values()
    }

    /// Every refund, by merchant and number.
    pub fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.values()
    }

    /// The callbacks nobody took yet.
    pub fn undelivered(&self) -> impl Iterator<Item = &Undelivered> {
        self.undelivered.values()
    }

    /// One charge.
    pub fn charge(&self, key: &Key) -> Result<&Charge, Refusal> {
        self.charges.get(key).ok_or(Refusal::ChargeNotFound)
    }

    /// One charge by the bank's own number.
    pub fn charge_by_id(&self, charge_id: &str) -> Option<&Charge> {
        self.charge_ids.get(charge_id).and_then(|key| self.charges.get(key))
    }

    /// One refund.
    pub fn refund(&self, key: &Key) -> Result<&Refund, Refusal> {
        self.refunds.get(key).ok_or(Refusal::RefundNotFound)
    }

    /// What has gone or is going back of a charge, in minor units.
    pub fn refunded(&self, merchant_id: &str, charge_no: &str) -> i64 {
        self.refunds
            .values()
            .filter(|r| r.merchant_id == merchant_id && r.request.merchant_charge_no == charge_no && r.status != RefundStatus::Failed)
            .map(|r| r.request.amount.minor)
            .sum()
    }

    /// What a merchant holds at the bank in one currency: paid, less what has gone or is going back.
    pub fn balance(&self, merchant_id: &str, currency: kernel::Currency) -> Money {
        let paid: i64 = self
            .charges
            .values()
            .filter(|c| c.merchant_id == merchant_id && c.status == ChargeStatus::Succeeded && c.request.amount.currency == currency)
            .map(|c| c.request.amount.minor - self.refunded(merchant_id, &c.request.merchant_charge_no))
            .sum();
        Money::new(paid, currency)
    }

    /// The answer about a charge; its cashier lives below `public_url`.
    pub fn charge_view(&self, charge: &Charge, public_url: &str) -> ChargeView {
        let no = &charge.request.merchant_charge_no;
        ChargeView {
            charge_id: charge.charge_id.clone(),
            merchant_id: charge.merchant_id.clone(),
            merchant_charge_no: no.clone(),
            amount: charge.request.amount,
            refunded: Amount { minor: self.refunded(&charge.merchant_id, no), currency: charge.request.amount.currency },
            status: charge.status,
            cashier_url: format!("{public_url}/cashier/{}", charge.charge_id),
            created_at: charge.created_at,
            expires_at: charge.request.expires_at,
            paid_at: charge.paid_at,
            closed_at: charge.closed_at,
        }
    }

    /// Accepts a charge; nothing to journal when the same one is asked again.
    pub fn open_charge(&self, merchant_id: &str, new: &NewCharge, charge_id: String, now: Timestamp) -> Result<Option<Entry>, Refusal> {
        let key = (merchant_id.to_owned(), new.merchant_charge_no.clone());
        if let Some(known) = self.charges.get(&key) {
            return if known.request == *new { Ok(None) } else { Err(Refusal::ChargeConflict) };
        }
        check_number("merchant_charge_no", &new.merchant_charge_no)?;
        check_amount(new.amount)?;
        check_text("description", &new.description, 127, "1 to 127 characters")?;
        check_url("notify_url", &new.notify_url)?;
        if let Some(url) = &new.return_url {
            check_url("return_url", url)?;
        }
        if new.expires_at <= now {
            return Err(Refusal::Parameter { field: "expires_at", rule: "must be in the future" });
        }
        if new.expires_at > now + days(30) {
            return Err(Refusal::Parameter { field: "expires_at", rule: "at most 30 days ahead" });
        }
        Ok(Some(Entry::ChargeOpened {
            charge: Charge {
                merchant_id: merchant_id.to_owned(),
                charge_id,
                request: new.clone(),
                status: ChargeStatus::Pending,
                created_at: now,
                paid_at: None,
                closed_at: None,
            },
        }))
    }

    /// Closes a pending charge whose time ran out; nothing otherwise.
    pub fn expire(&self, key: &Key, event_id: String, now: Timestamp) -> Option<Entry> {
        let charge = self.charges.get(key)?;
        let due = charge.status == ChargeStatus::Pending && charge.request.expires_at <= now;
        due.then(|| Entry::ChargeClosed { key: key.clone(), at: now, reason: CloseReason::Expired, event_id })
    }

    /// Takes the shopper's money; nothing to journal when it was taken before.
    pub fn pay(&self, key: &Key, event_id: String, now: Timestamp) -> Result<Option<Entry>, Refusal> {
        let charge = self.charge(key)?;
        match charge.status {
            ChargeStatus::Succeeded => Ok(None),
            ChargeStatus::Closed => Err(Refusal::ChargeClosed),
            ChargeStatus::Pending if charge.request.expires_at <= now => Err(Refusal::ChargeClosed),
            ChargeStatus::Pending => Ok(Some(Entry::ChargePaid { key: key.clone(), at: now, event_id })),
        }
    }

    /// Makes sure it can no longer be paid; nothing to journal when it already cannot.
    pub fn close(&self, key: &Key, reason: CloseReason, event_id: String, now: Timestamp) -> Result<Option<Entry>, Refusal> {
        match self.charge(key)?.status {
            ChargeStatus::Succeeded => Err(Refusal::ChargePaid),
            ChargeStatus::Closed => Ok(None),
            ChargeStatus::Pending => Ok(Some(Entry::ChargeClosed { key: key.clone(), at: now, reason, event_id })),
        }
    }

    /// Accepts a refund; nothing to journal when the same one is asked again.
    pub fn open_refund(&self, merchant_id: &str, new: &NewRefund, refund_id: String, now: Timestamp) -> Result<Option<Entry>, Refusal> {
        let key = (merchant_id.to_owned(), new.merchant_refund_no.clone());
        if let Some(known) = self.refunds.get(&key) {
            return if known.request == *new { Ok(None) } else { Err(Refusal::RefundConflict) };
        }
        check_number("merchant_refund_no", &new.merchant_refund_no)?;
        check_number("merchant_charge_no", &new.merchant_charge_no)?;
        check_amount(new.amount)?;
        check_text("reason", &new.reason, 80, "1 to 80 characters")?;
        let charge = self.charge(&(merchant_id.to_owned(), new.merchant_charge_no.clone()))?;
        if charge.status != ChargeStatus::Succeeded {
            return Err(Refusal::ChargeNotPaid);
        }
        let paid = charge.request.amount;
        if paid.currency != new.amount.currency {
            return Err(Refusal::CurrencyMismatch);
        }
        let left = paid.minor - self.refunded(merchant_id, &new.merchant_charge_no);
        if new.amount.minor > left {
            return Err(Refusal::RefundExceedsPaid { left: Amount { minor: left, ..paid } });
        }
        Ok(Some(Entry::RefundOpened {
            refund: Refund {
                merchant_id: merchant_id.to_owned(),
                refund_id,
                request: new.clone(),
                status: RefundStatus::Processing,
                created_at: now,
                settled_at: None,
                failure: None,
            },
        }))
    }

    /// Ends a refund: it arrived, or failed for a reason.
    pub fn settle_refund(&self, key: &Key, failure: Option<String>, event_id: String, now: Timestamp) -> Result<Entry, Refusal> {
        match self.refund(key)?.status {
            RefundStatus::Processing => Ok(Entry::RefundSettled { key: key.clone(), at: now, failure, event_id }),
            RefundStatus::Succeeded | RefundStatus::Failed => Err(Refusal::RefundSettled),
        }
    }

    /// Moves the books. Answers the callback the merchant is to get, when there is one.
    ///
    /// An entry about an unknown number is answered with it: such a journal is not ours.
    pub fn apply(&mut self, entry: &Entry) -> Result<Option<Undelivered>, Refusal> {
        let undelivered = match entry {
            Entry::ChargeOpened { charge } => {
                let key = (charge.merchant_id.clone(), charge.request.merchant_charge_no.clone());
                self.charge_ids.insert(charge.charge_id.clone(), key.clone());
                self.charges.insert(key, charge.clone());
                None
            }
            Entry::ChargePaid { key, at, event_id } => {
                let charge = self.charges.get_mut(key).ok_or(Refusal::ChargeNotFound)?;
                charge.status = ChargeStatus::Succeeded;
                charge.paid_at = Some(*at);
                Some(charge_event(charge, EventKind::ChargeSucceeded, None, event_id, *at))
            }
            Entry::ChargeClosed { key, at, reason, event_id } => {
                let charge = self.charges.get_mut(key).ok_or(Refusal::ChargeNotFound)?;
                charge.status = ChargeStatus::Closed;
                charge.closed_at = Some(*at);
                Some(charge_event(charge, EventKind::ChargeClosed, Some(reason.text().to_owned()), event_id, *at))
            }
            Entry::RefundOpened { refund } => {
                self.refunds.insert((refund.merchant_id.clone(), refund.request.merchant_refund_no.clone()), refund.clone());
                None
            }
            Entry::RefundSettled { key, at, failure, event_id } => {
                let refund = self.refunds.get_mut(key).ok_or(Refusal::RefundNotFound)?;
                refund.status = if failure.is_some() { RefundStatus::Failed } else { RefundStatus::Succeeded };
                refund.settled_at = Some(*at);
                refund.failure.clone_from(failure);
                let charge_key = (key.0.clone(), refund.request.merchant_charge_no.clone());
                let charge = self.charges.get(&charge_key).ok_or(Refusal::ChargeNotFound)?;
                Some(refund_event(charge, refund, event_id, *at))
            }
            Entry::CallbackDelivered { event_id } => {
                self.undelivered.remove(event_id);
                None
            }
        };
        if let Some(undelivered) = &undelivered {
            self.undelivered.insert(undelivered.event.event_id.clone(), undelivered.clone());
        }
        Ok(undelivered)
    }
}

fn charge_event(charge: &Charge, kind: EventKind, reason: Option<String>, event_id: &str, at: Timestamp) -> Undelivered {
    let data = CallbackData {
        merchant_id: charge.merchant_id.clone(),
        merchant_charge_no: charge.request.merchant_charge_no.clone(),
        charge_id: charge.charge_id.clone(),
        merchant_refund_no: None,
        refund_id: None,
        amount: charge.request.amount,
        reason,
    };
    Undelivered {
        notify_url: charge.request.notify_url.clone(),
        event: CallbackEvent { event_id: event_id.to_owned(), kind, created_at: at, data },
    }
}

fn refund_event(charge: &Charge, refund: &Refund, event_id: &str, at: Timestamp) -> Undelivered {
    let kind = if refund.failure.is_some() { EventKind::RefundFailed } else { EventKind::RefundSucceeded };
    let data = CallbackData {
        merchant_id: refund.merchant_id.clone(),
        merchant_charge_no: refund.request.merchant_charge_no.clone(),
        charge_id: charge.charge_id.clone(),
        merchant_refund_no: Some(refund.request.merchant_refund_no.clone()),
        refund_id: Some(refund.refund_id.clone()),
        amount: refund.request.amount,
        reason: refund.failure.clone(),
    };
    Undelivered {
        notify_url: charge.request.notify_url.clone(),
        event: CallbackEvent { event_id: event_id.to_owned(), kind, created_at: at, data },
    }
}

/// True for 1–64 of `A–Z a–z 0–9 _ -`.
pub fn is_number(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn check_number(field: &'static str, text: &str) -> Result<(), Refusal> {
    if is_number(text) { Ok(()) } else { Err(Refusal::Parameter { field, rule: "1 to 64 of A-Z a-z 0-9 _ -" }) }
}

fn check_amount(amount: Amount) -> Result<(), Refusal> {
    if amount.minor > 0 { Ok(()) } else { Err(Refusal::Parameter { field: "amount.minor", rule: "must be above zero" }) }
}

fn check_text(field: &'static str, text: &str, longest: usize, rule: &'static str) -> Result<(), Refusal> {
    let fits = (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Refusal::Parameter { field, rule }) }
}

fn check_url(field: &'static str, text: &str) -> Result<(), Refusal> {
    let absolute = text.len() <= 512
        && reqwest::Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && url.username().is_empty() && url.password().is_none()
        });
    if absolute { Ok(()) } else { Err(Refusal::Parameter { field, rule: "an absolute http or https address of at most 512 characters" }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Currency, minutes};
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_762_819_200_000);

    fn cny(minor: i64) -> Amount {
        Amount { minor, currency: Currency::Cny }
    }

    fn asked(no: &str, minor: i64) -> NewCharge {
        NewCharge {
            merchant_charge_no: no.into(),
            amount: cny(minor),
            description: "三罐茶".into(),
            notify_url: "http://shop.test/notify".into(),
            return_url: None,
            expires_at: NOW + minutes(30),
        }
    }

    fn back(no: &str, charge: &str, minor: i64) -> NewRefund {
        NewRefund { merchant_refund_no: no.into(), merchant_charge_no: charge.into(), amount: cny(minor), reason: "unfilled".into() }
    }

    fn key(no: &str) -> Key {
        ("m1".into(), no.into())
    }

    fn paid(minor: i64) -> Books {
        let mut books = Books::default();
        books.apply(&books.open_charge("m1", &asked("c1", minor), "chg_1".into(), NOW).unwrap().unwrap()).unwrap();
        books.apply(&books.pay(&key("c1"), "e1".into(), NOW).unwrap().unwrap()).unwrap();
        books
    }

    #[test]
    fn a_number_means_one_thing_for_ever() {
        let books = paid(100);
        assert_eq!(books.open_charge("m1", &asked("c1", 100), "chg_2".into(), NOW), Ok(None));
        assert_eq!(books.open_charge("m1", &asked("c1", 100), "chg_2".into(), NOW + days(1)), Ok(None), "also after its deadline");
        assert_eq!(books.open_charge("m1", &asked("c1", 101), "chg_2".into(), NOW), Err(Refusal::ChargeConflict));
        assert!(books.open_charge("m2", &asked("c1", 101), "chg_2".into(), NOW).unwrap().is_some(), "numbers are per merchant");
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_field() {
        let books = Books::default();
        let refused = |new: NewCharge| match books.open_charge("m1", &new, "chg".into(), NOW) {
            Err(Refusal::Parameter { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(asked("", 1)), "merchant_charge_no");
        assert_eq!(refused(asked("号", 1)), "merchant_charge_no");
        assert_eq!(refused(asked(&"n".repeat(65), 1)), "merchant_charge_no");
        assert_eq!(refused(asked("c", 0)), "amount.minor");
        assert_eq!(refused(asked("c", i64::MIN)), "amount.minor");
        assert_eq!(refused(NewCharge { description: String::new(), ..asked("c", 1) }), "description");
        assert_eq!(refused(NewCharge { description: "茶".repeat(128), ..asked("c", 1) }), "description");
        assert_eq!(refused(NewCharge { description: "a\nb".into(), ..asked("c", 1) }), "description");
        for url in ["", "/notify", "ftp://shop.test/", "javascript:alert(1)", "http://a:b@shop.test/", "http://"] {
            assert_eq!(refused(NewCharge { notify_url: url.into(), ..asked("c", 1) }), "notify_url", "{url}");
            assert_eq!(refused(NewCharge { return_url: Some(url.into()), ..asked("c", 1) }), "return_url", "{url}");
        }
        assert_eq!(refused(NewCharge { expires_at: NOW, ..asked("c", 1) }), "expires_at");
        assert_eq!(refused(NewCharge { expires_at: NOW + days(31), ..asked("c", 1) }), "expires_at");
    }

    #[test]
    fn a_closed_charge_takes_no_money_and_a_paid_one_does_not_close() {
        let mut books = Books::default();
        books.apply(&books.open_charge("m1", &asked("c1", 5), "chg_1".into(), NOW).unwrap().unwrap()).unwrap();
        assert_eq!(books.pay(&key("c1"), "e".into(), NOW + minutes(30)), Err(Refusal::ChargeClosed), "its time ran out");
        books.apply(&books.close(&key("c1"), CloseReason::Merchant, "e1".into(), NOW).unwrap().unwrap()).unwrap();
        assert_eq!(books.pay(&key("c1"), "e2".into(), NOW), Err(Refusal::ChargeClosed));
        assert_eq!(books.close(&key("c1"), CloseReason::Cancelled, "e2".into(), NOW), Ok(None));
        let books = paid(5);
        assert_eq!(books.close(&key("c1"), CloseReason::Merchant, "e2".into(), NOW), Err(Refusal::ChargePaid));
        assert_eq!(books.pay(&key("c1"), "e2".into(), NOW), Ok(None), "paying twice takes once");
        assert_eq!(books.pay(&key("c2"), "e2".into(), NOW), Err(Refusal::ChargeNotFound));
    }

    #[test]
    fn refunds_never_exceed_what_was_paid() {
        let mut books = paid(100);
        books.apply(&books.open_refund("m1", &back("r1", "c1", 60), "rfd_1".into(), NOW).unwrap().unwrap()).unwrap();
        assert_eq!(books.open_refund("m1", &back("r1", "c1", 60), "rfd_2".into(), NOW), Ok(None));
        assert_eq!(books.open_refund("m1", &back("r1", "c1", 40), "rfd_2".into(), NOW), Err(Refusal::RefundConflict));
        assert_eq!(
            books.open_refund("m1", &back("r2", "c1", 41), "rfd_2".into(), NOW),
            Err(Refusal::RefundExceedsPaid { left: cny(40) }),
            "one in progress counts"
        );
        let usd = NewRefund { amount: Amount { minor: 1, currency: Currency::Usd }, ..back("r2", "c1", 1) };
        assert_eq!(books.open_refund("m1", &usd, "rfd_2".into(), NOW), Err(Refusal::CurrencyMismatch));
        assert_eq!(books.open_refund("m2", &back("r2", "c1", 1), "rfd_2".into(), NOW), Err(Refusal::ChargeNotFound), "not theirs");
        books.apply(&books.settle_refund(&key("r1"), Some("account closed".into()), "e2".into(), NOW).unwrap()).unwrap();
        assert_eq!(books.settle_refund(&key("r1"), None, "e3".into(), NOW), Err(Refusal::RefundSettled));
        assert!(books.open_refund("m1", &back("r2", "c1", 100), "rfd_2".into(), NOW).unwrap().is_some(), "a failed one is free again");
    }

    #[derive(Clone, Debug)]
    enum Act {
        Open(u8, i64),
        Pay(u8),
        Close(u8),
        Expire(u8),
        Refund(u8, u8, i64),
        Settle(u8, bool),
        Later(u8),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            (0..3u8, 1..200i64).prop_map(|(c, m)| Act::Open(c, m)),
            (0..3u8).prop_map(Act::Pay),
            (0..3u8).prop_map(Act::Close),
            (0..3u8).prop_map(Act::Expire),
            (0..6u8, 0..3u8, -5..120i64).prop_map(|(r, c, m)| Act::Refund(r, c, m)),
            (0..6u8, any::<bool>()).prop_map(|(r, ok)| Act::Settle(r, ok)),
            (0..20u8).prop_map(Act::Later),
        ];
        prop::collection::vec(act, 0..80)
    }

    proptest! {
        #[test]
        fn the_books_never_go_below_zero_and_the_journal_is_the_books(acts in acts()) {
            let (mut books, mut journal, mut now) = (Books::default(), Vec::new(), NOW);
            for (n, act) in acts.into_iter().enumerate() {
                let id = format!("id{n}");
                let entry = match act {
                    Act::Open(c, m) => books.open_charge("m1", &asked(&format!("c{c}"), m), id, now).ok().flatten(),
                    Act::Pay(c) => books.pay(&key(&format!("c{c}")), id, now).ok().flatten(),
                    Act::Close(c) => books.close(&key(&format!("c{c}")), CloseReason::Merchant, id, now).ok().flatten(),
                    Act::Expire(c) => books.expire(&key(&format!("c{c}")), id, now),
                    Act::Refund(r, c, m) => books.open_refund("m1", &back(&format!("r{r}"), &format!("c{c}"), m), id, now).ok().flatten(),
                    Act::Settle(r, ok) => books.settle_refund(&key(&format!("r{r}")), (!ok).then(|| "no".to_owned()), id, now).ok(),
                    Act::Later(m) => { now = now + minutes(m.into()); None }
                };
                let Some(entry) = entry else { continue };
                books.apply(&entry).unwrap();
                journal.push(serde_json::to_string(&entry).unwrap());
                for charge in books.charges() {
                    let back = books.refunded("m1", &charge.request.merchant_charge_no);
                    prop_assert!((0..=charge.request.amount.minor).contains(&back));
                    prop_assert!(back == 0 || charge.status == ChargeStatus::Succeeded);
                    prop_assert!(charge.paid_at.is_none() || charge.closed_at.is_none());
                }
                prop_assert!(books.balance("m1", Currency::Cny).minor >= 0);
            }
            let mut again = Books::default();
            for line in &journal {
                again.apply(&serde_json::from_str(line).unwrap()).unwrap();
            }
            prop_assert_eq!(again, books);
        }
    }
}
