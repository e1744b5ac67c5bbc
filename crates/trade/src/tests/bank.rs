//! A bank that keeps books, loses answers, hangs and breaks when it is told to.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use kernel::{Money, Timestamp};
use tokio::sync::Notify;

use crate::payment::gateway::{
    ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, NewTransfer, Notification, NotificationKind,
    NotificationRefused, PayAction, RefundRef, RefundState, TransferState,
};

/// How the bank behaves at its next calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mood {
    /// It works.
    #[default]
    Well,
    /// It does the work and never answers: the caller dies waiting.
    Hangs,
    /// It does the work and its answer is lost.
    Mumbles,
    /// It does nothing.
    Down,
    /// It says no.
    Declines,
    /// It accepts refunds and pays them out later.
    Slow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charge {
    Pending,
    Paid,
    Closed,
}

#[derive(Default)]
struct Books {
    charges: BTreeMap<String, (Money, Charge)>,
    refunds: BTreeMap<String, (Money, bool)>,
    transfers: BTreeMap<String, (Money, TransferState)>,
    mood: Mood,
}

/// The bank.
pub(super) struct Bank {
    code: &'static str,
    books: Mutex<Books>,
    calls: AtomicU64,
    events: AtomicU64,
    /// Told when work was done although no answer comes.
    pub(super) worked: Notify,
}

impl Bank {
    pub(super) fn new(code: &'static str) -> Self {
        Self { code, books: Mutex::default(), calls: AtomicU64::new(0), events: AtomicU64::new(0), worked: Notify::new() }
    }

    pub(super) fn is(&self, mood: Mood) {
        self.books.lock().expect("no panic").mood = mood;
    }

    /// The shopper pays, whatever the charge's state: providers do take money late.
    pub(super) fn takes(&self, charge_no: &str) {
        let mut books = self.books.lock().expect("no panic");
        let charge = books.charges.get_mut(charge_no).expect("the mall asked for it");
        charge.1 = Charge::Paid;
    }

    /// The shopper pays if the charge still waits; whether it did.
    pub(super) fn takes_if_open(&self, charge_no: &str) -> bool {
        let mut books = self.books.lock().expect("no panic");
        match books.charges.get_mut(charge_no) {
            Some(charge) if charge.1 == Charge::Pending => {
                charge.1 = Charge::Paid;
                true
            }
            _ => false,
        }
    }

    /// What it reports of a paid charge, each time under another number.
    pub(super) fn report(&self, charge_no: &str) -> Notification {
        let amount = self.books.lock().expect("no panic").charges[charge_no].0;
        Notification {
            event_id: format!("{}-{}", self.code, self.events.fetch_add(1, Ordering::SeqCst)),
            kind: NotificationKind::ChargeSucceeded,
            charge_no: charge_no.to_owned(),
            refund_no: None,
            provider_id: format!("bank-{charge_no}"),
            amount,
            merchant: "mall".to_owned(),
            happened_at: Timestamp(1),
            reason: None,
            raw: "{}".to_owned(),
        }
    }

    /// What it reports of a refund.
    pub(super) fn report_refund(&self, refund_no: &str, kind: NotificationKind) -> Notification {
        let amount = self.books.lock().expect("no panic").refunds[refund_no].0;
        let event_id = format!("{}-{}", self.code, self.events.fetch_add(1, Ordering::SeqCst));
        Notification {
            event_id,
            kind,
            charge_no: "-".to_owned(),
            refund_no: Some(refund_no.to_owned()),
            provider_id: format!("bank-{refund_no}"),
            amount,
            merchant: "mall".to_owned(),
            happened_at: Timestamp(2),
            reason: None,
            raw: "{}".to_owned(),
        }
    }

    /// Pays accepted refunds out.
    pub(super) fn pays_out(&self) {
        self.books.lock().expect("no panic").refunds.values_mut().for_each(|refund| refund.1 = true);
    }

    /// The numbers it was asked to charge.
    pub(super) fn charges(&self) -> Vec<String> {
        self.books.lock().expect("no panic").charges.keys().cloned().collect()
    }

    /// Whether a charge can no longer be paid.
    pub(super) fn is_closed(&self, charge_no: &str) -> bool {
        self.books.lock().expect("no panic").charges.get(charge_no).is_some_and(|charge| charge.1 == Charge::Closed)
    }

    /// The numbers it was asked to give back.
    pub(super) fn asked_refunds(&self) -> Vec<String> {
        self.books.lock().expect("no panic").refunds.keys().cloned().collect()
    }

    /// What went back, by number.
    pub(super) fn refunds(&self) -> BTreeMap<String, i64> {
        let books = self.books.lock().expect("no panic");
        books.refunds.iter().filter(|(_, refund)| refund.1).map(|(no, refund)| (no.clone(), refund.0.minor)).collect()
    }

    /// What it holds for the mall: paid minus given back.
    pub(super) fn balance(&self) -> i64 {
        let books = self.books.lock().expect("no panic");
        let paid: i64 = books.charges.values().filter(|charge| charge.1 == Charge::Paid).map(|charge| charge.0.minor).sum();
        let out = books.transfers.values().filter(|transfer| matches!(transfer.1, TransferState::Succeeded { .. }));
        let paid = paid - out.map(|transfer| transfer.0.minor).sum::<i64>();
        paid - books.refunds.values().filter(|refund| refund.1).map(|refund| refund.0.minor).sum::<i64>()
    }

    /// How often it was called.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Answers as its mood is; the work was done before.
    async fn answer<T>(&self, answer: T) -> Result<T, GatewayError> {
        let mood = self.books.lock().expect("no panic").mood;
        match mood {
            Mood::Well | Mood::Slow => Ok(answer),
            Mood::Mumbles => Err(GatewayError::Unknown("half an answer".to_owned())),
            Mood::Hangs => {
                self.worked.notify_one();
                std::future::pending().await
            }
            Mood::Down | Mood::Declines => unreachable!("it did no work"),
        }
    }

    fn begins(&self) -> Result<(), GatewayError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.books.lock().expect("no panic").mood {
            Mood::Down => Err(GatewayError::Unavailable("closed today".to_owned())),
            Mood::Declines => Err(GatewayError::Refused { code: "NO".to_owned(), message: "not with us".to_owned() }),
            _ => Ok(()),
        }
    }

    fn state(&self, charge_no: &str) -> ChargeState {
        let provider_charge_id = format!("bank-{charge_no}");
        match self.books.lock().expect("no panic").charges.get(charge_no) {
            None => ChargeState::Absent,
            Some((_, Charge::Pending)) => ChargeState::Pending { provider_charge_id },
            Some((amount, Charge::Paid)) => ChargeState::Succeeded { provider_charge_id, amount: *amount, paid_at: Timestamp(1) },
            Some((_, Charge::Closed)) => ChargeState::Closed,
        }
    }

    fn refund_state(&self, refund_no: &str) -> RefundState {
        let provider_refund_id = format!("bank-{refund_no}");
        match self.books.lock().expect("no panic").refunds.get(refund_no) {
            None => RefundState::Absent,
            Some((amount, true)) => RefundState::Succeeded { provider_refund_id, amount: *amount, refunded_at: Timestamp(2) },
            Some((_, false)) => RefundState::Processing { provider_refund_id },
        }
    }
}

#[async_trait]
impl Gateway for Bank {
    fn code(&self) -> &'static str {
        self.code
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        self.begins()?;
        let number = charge.charge_no.clone();
        let known = self.books.lock().expect("no panic").charges.entry(number).or_insert((charge.amount, Charge::Pending)).0;
        assert_eq!(known, charge.amount, "one number, one content");
        let action = PayAction::Redirect(format!("https://bank.example/{}", charge.charge_no));
        self.answer(ChargeCreated { provider_charge_id: format!("bank-{}", charge.charge_no), action }).await
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        self.begins()?;
        self.answer(self.state(&charge.charge_no)).await
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let charge_no = charge.charge_no.as_str();
        self.begins()?;
        if let Some(charge) = self.books.lock().expect("no panic").charges.get_mut(charge_no)
            && charge.1 == Charge::Pending
        {
            charge.1 = Charge::Closed;
        }
        self.answer(self.state(charge_no)).await
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        self.begins()?;
        {
            let mut books = self.books.lock().expect("no panic");
            let at_once = books.mood != Mood::Slow;
            let (paid, state) = *books.charges.get(&refund.charge_no).expect("a refund is of a charge");
            assert_eq!(state, Charge::Paid, "only what was paid goes back");
            let known = *books.refunds.entry(refund.refund_no.clone()).or_insert((refund.amount, at_once));
            assert_eq!(known.0, refund.amount, "one number, one content");
            let prefix = refund.charge_no.rsplit_once('-').expect("order and attempt").0;
            let back: i64 = books.refunds.iter().filter(|(no, _)| no.starts_with(prefix)).map(|(_, refund)| refund.0.minor).sum();
            let charged: i64 =
                books.charges.iter().filter(|(no, c)| no.starts_with(prefix) && c.1 == Charge::Paid).map(|(_, c)| c.0.minor).sum();
            assert!(back <= charged && refund.amount.minor <= paid.minor, "no more goes back than came");
        }
        self.answer(self.refund_state(&refund.refund_no)).await
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        self.begins()?;
        self.answer(self.refund_state(&refund.refund_no)).await
    }

    fn payee_scope(&self) -> Option<(&'static str, String)> {
        (self.code == "sandbox").then(|| ("wechat", "app".to_owned()))
    }

    async fn transfer(&self, transfer: NewTransfer) -> Result<TransferState, GatewayError> {
        self.begins()?;
        let awaiting = TransferState::AwaitingPayee { package: Some(format!("package-{}", transfer.payee)) };
        let known =
            self.books.lock().expect("no panic").transfers.entry(transfer.transfer_no).or_insert((transfer.amount, awaiting)).clone();
        assert_eq!(known.0, transfer.amount, "one number, one content");
        self.answer(known.1).await
    }

    async fn query_transfer(&self, transfer_no: &str) -> Result<TransferState, GatewayError> {
        if self.books.lock().expect("no panic").mood != Mood::Declines {
            self.begins()?;
        }
        let known = self.transfer_state(transfer_no);
        if self.books.lock().expect("no panic").mood == Mood::Declines { Ok(known) } else { self.answer(known).await }
    }

    async fn verify_notification(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        match headers {
            [(name, value)] if name == "signature" && value == self.code => {}
            _ => return Err(NotificationRefused::BadSignature),
        }
        serde_json::from_slice(body).map_err(|error| NotificationRefused::Malformed(error.to_string()))
    }
}

impl Bank {
    fn transfer_state(&self, transfer_no: &str) -> TransferState {
        let books = self.books.lock().expect("no panic");
        books.transfers.get(transfer_no).map_or(TransferState::Absent, |transfer| transfer.1.clone())
    }

    /// The numbers it was asked to pay out.
    pub(super) fn transfers(&self) -> Vec<String> {
        self.books.lock().expect("no panic").transfers.keys().cloned().collect()
    }

    /// A transfer ends, and what it reports of it, each time under another number.
    pub(super) fn ends_transfer(&self, transfer_no: &str, state: TransferState) -> Notification {
        let amount = {
            let mut books = self.books.lock().expect("no panic");
            let transfer = books.transfers.get_mut(transfer_no).expect("the mall asked for it");
            transfer.1 = state;
            transfer.0
        };
        Notification { kind: NotificationKind::ChargeMoved, ..self.report_of_nothing(transfer_no, amount) }
    }

    /// A report of a charge this bank never saw.
    pub(super) fn report_of_nothing(&self, charge_no: &str, amount: Money) -> Notification {
        Notification {
            event_id: format!("{}-{}", self.code, self.events.fetch_add(1, Ordering::SeqCst)),
            kind: NotificationKind::ChargeSucceeded,
            charge_no: charge_no.to_owned(),
            refund_no: None,
            provider_id: "bank-0".to_owned(),
            amount,
            merchant: "mall".to_owned(),
            happened_at: Timestamp(1),
            reason: None,
            raw: "{}".to_owned(),
        }
    }
}
