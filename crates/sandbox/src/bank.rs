//! The bank: books behind a lock, a journal before every acknowledgement, callbacks after it.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kernel::{Clock, Currency, Money, Timestamp};
use tokio::{runtime::Handle, sync::watch};

use crate::{
    books::{Books, Charge, CloseReason, Entry, Key, Refund, Refusal},
    callbacks::{CallbackPolicy, CallbackRecord, Deliveries},
    faults::Faults,
    journal::{Journal, JournalError},
    protocol::{ChargeView, InvalidKey, NewCharge, NewRefund, RefundView, SigningKey, VerifyingKey, WINDOW_SECONDS, random_hex},
};

/// A merchant that may call the API.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// Its id, sent with each request.
    pub id: String,
    /// The public half of the key it signs with: 32 bytes in base64.
    pub public_key: String,
}

/// A key the bank signs with.
#[derive(Clone)]
pub struct BankKey {
    /// Its name, sent with each signature.
    pub serial: String,
    /// Ed25519 PKCS#8 DER in base64.
    pub private_key: String,
}

impl std::fmt::Debug for BankKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BankKey").field("serial", &self.serial).finish_non_exhaustive()
    }
}

/// How a bank is set up.
#[derive(Clone, Debug)]
pub struct BankConfig {
    /// Where the router is reached from outside, without a slash at the end (`http://127.0.0.1:8080/sandbox`).
    pub public_url: String,
    /// Who may call.
    pub merchants: Vec<Merchant>,
    /// What it signs with; the last one signs, the others stay valid.
    pub keys: Vec<BankKey>,
    /// Where the books are kept; in memory when there is none.
    pub journal: Option<PathBuf>,
    /// How callbacks are repeated.
    pub callbacks: CallbackPolicy,
}

/// What a merchant needs to call the bank and to believe it.
#[derive(Clone)]
pub struct MerchantCredentials {
    /// Its id.
    pub merchant_id: String,
    /// Its private key: Ed25519 PKCS#8 DER in base64.
    pub merchant_key: String,
    /// The bank's public keys: serial and 32 bytes in base64.
    pub bank_public_keys: Vec<(String, String)>,
}

impl std::fmt::Debug for MerchantCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MerchantCredentials").field("merchant_id", &self.merchant_id).finish_non_exhaustive()
    }
}

impl BankConfig {
    /// A bank with one merchant and fresh keys on both sides, books in memory.
    pub fn fresh(public_url: impl Into<String>, merchant_id: impl Into<String>) -> (Self, MerchantCredentials) {
        let (bank, merchant, merchant_id) = (SigningKey::generate(), SigningKey::generate(), merchant_id.into());
        let serial = random_hex::<8>();
        let config = Self {
            public_url: public_url.into().trim_end_matches('/').to_owned(),
            merchants: vec![Merchant { id: merchant_id.clone(), public_key: merchant.public_base64() }],
            keys: vec![BankKey { serial: serial.clone(), private_key: bank.to_pkcs8_base64() }],
            journal: None,
            callbacks: CallbackPolicy::default(),
        };
        let credentials = MerchantCredentials {
            merchant_id,
            merchant_key: merchant.to_pkcs8_base64(),
            bank_public_keys: vec![(serial, bank.public_base64())],
        };
        (config, credentials)
    }
}

/// Why a bank does not open.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// A key in the configuration is none.
    #[error("{owner}: {error}")]
    Key {
        /// Whose.
        owner: String,
        /// What is wrong with it.
        error: InvalidKey,
    },
    /// There is nothing to sign with.
    #[error("the bank has no key")]
    NoKey,
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal contradicts itself.
    #[error("the journal contradicts itself: {0}")]
    Contradiction(#[from] Refusal),
    /// The HTTP client for callbacks cannot be built.
    #[error("http client: {0}")]
    Client(#[from] reqwest::Error),
    /// There is no Tokio runtime to send callbacks on.
    #[error("a bank is opened inside a Tokio runtime")]
    NoRuntime,
}

/// Why a call of the bank did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The journal could not be written; nothing happened.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The simulated bank. Cheap to clone; all clones are one bank.
#[derive(Clone)]
pub struct Bank(pub(crate) Arc<Inner>);

struct Ledger {
    books: Books,
    journal: Journal,
    nonces: HashMap<(String, String), i64>,
}

pub(crate) struct Inner {
    pub(crate) config: BankConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) merchants: BTreeMap<String, VerifyingKey>,
    pub(crate) faults: Faults,
    pub(crate) client: reqwest::Client,
    pub(crate) runtime: Handle,
    pub(crate) pending: watch::Sender<usize>,
    keys: Mutex<Vec<(String, SigningKey)>>,
    ledger: Mutex<Ledger>,
    deliveries: Mutex<Deliveries>,
}

impl Inner {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn deliveries(&self) -> MutexGuard<'_, Deliveries> {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs with the newest key: its serial and the signature.
    pub(crate) fn sign(&self, message: &[u8]) -> (String, String) {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let (serial, key) = keys.last().expect("a bank without a key does not open");
        (serial.clone(), key.sign(message))
    }

    /// True the first time a merchant uses a nonce.
    pub(crate) fn fresh_nonce(&self, merchant_id: &str, nonce: &str, timestamp: i64, now: i64) -> bool {
        let mut ledger = self.ledger();
        if ledger.nonces.len() >= 1024 && ledger.nonces.len().is_power_of_two() {
            ledger.nonces.retain(|_, at| *at >= now - WINDOW_SECONDS);
        }
        ledger.nonces.insert((merchant_id.to_owned(), nonce.to_owned()), timestamp).is_none()
    }

    /// Journals and books what happened, then lets the merchant know.
    pub(crate) fn commit(self: &Arc<Self>, entries: &[Entry]) -> Result<(), CallError> {
        let told = write(&mut self.ledger(), entries)?;
        told.into_iter().for_each(|undelivered| self.dispatch(undelivered));
        Ok(())
    }

    /// Decides and commits under one lock, closing the charge first when its time ran out.
    fn decide<T>(
        self: &Arc<Self>,
        charge: Option<&Key>,
        decide: impl FnOnce(&Books, Timestamp) -> Result<Vec<Entry>, Refusal>,
        answer: impl FnOnce(&Books) -> Result<T, Refusal>,
    ) -> Result<T, CallError> {
        let now = self.clock.now();
        let mut ledger = self.ledger();
        let expired = charge.and_then(|key| ledger.books.expire(key, event_id(), now));
        let mut told = write(&mut ledger, expired.as_slice())?;
        let decided = decide(&ledger.books, now).map_err(CallError::from).and_then(|entries| write(&mut ledger, &entries));
        let answered = match decided {
            Ok(more) => {
                told.extend(more);
                answer(&ledger.books).map_err(CallError::from)
            }
            Err(error) => Err(error),
        };
        drop(ledger);
        told.into_iter().for_each(|undelivered| self.dispatch(undelivered));
        answered
    }
}

/// Journal first, books second: what is booked is never forgotten.
fn write(ledger: &mut Ledger, entries: &[Entry]) -> Result<Vec<crate::books::Undelivered>, CallError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    ledger.journal.append(entries)?;
    let mut told = Vec::new();
    for entry in entries {
        told.extend(ledger.books.apply(entry)?);
    }
    Ok(told)
}

fn event_id() -> String {
    format!("evt_{}", random_hex::<16>())
}

impl Bank {
    /// Opens a bank: replays its journal and goes on telling merchants what they have not heard yet.
    pub fn open(config: BankConfig, clock: Arc<dyn Clock>) -> Result<Self, BankError> {
        let runtime = Handle::try_current().map_err(|_| BankError::NoRuntime)?;
        let mut merchants = BTreeMap::new();
        for merchant in &config.merchants {
            let key = VerifyingKey::from_base64(&merchant.public_key)
                .map_err(|error| BankError::Key { owner: format!("merchant {}", merchant.id), error })?;
            merchants.insert(merchant.id.clone(), key);
        }
        let mut keys = Vec::new();
        for key in &config.keys {
            let private = SigningKey::from_pkcs8_base64(&key.private_key)
                .map_err(|error| BankError::Key { owner: format!("bank key {}", key.serial), error })?;
            keys.push((key.serial.clone(), private));
        }
        if keys.is_empty() {
            return Err(BankError::NoKey);
        }
        let (journal, entries) = match &config.journal {
            Some(path) => Journal::open(path)?,
            None => (Journal::in_memory(), Vec::new()),
        };
        let mut books = Books::default();
        for entry in &entries {
            books.apply(entry)?;
        }
        let waiting: Vec<_> = books.undelivered().cloned().collect();
        let processing: Vec<_> = books
            .refunds()
            .filter(|r| r.status == crate::protocol::RefundStatus::Processing)
            .map(|r| (r.merchant_id.clone(), r.request.merchant_refund_no.clone()))
            .collect();
        let bank = Self(Arc::new(Inner {
            config,
            clock,
            merchants,
            faults: Faults::default(),
            // A merchant is called directly and never followed elsewhere.
            client: reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?,
            runtime,
            pending: watch::Sender::new(0),
            keys: Mutex::new(keys),
            ledger: Mutex::new(Ledger { books, journal, nonces: HashMap::new() }),
            deliveries: Mutex::new(Deliveries::default()),
        }));
        waiting.into_iter().for_each(|undelivered| bank.0.dispatch(undelivered));
        for key in processing {
            // A refund accepted just before a crash is not left hanging.
            match bank.settle(&key, None) {
                Ok(()) => {}
                Err(CallError::Journal(error)) => return Err(error.into()),
                Err(CallError::Refused(refusal)) => return Err(refusal.into()),
            }
        }
        Ok(bank)
    }

    /// The switches for what may go wrong.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// Every charge.
    pub fn charges(&self) -> Vec<Charge> {
        self.0.ledger().books.charges().cloned().collect()
    }

    /// Every refund.
    pub fn refunds(&self) -> Vec<Refund> {
        self.0.ledger().books.refunds().cloned().collect()
    }

    /// The charge of that number; of the first merchant that has one.
    pub fn charge(&self, charge_no: &str) -> Option<Charge> {
        self.0.ledger().books.charges().find(|c| c.request.merchant_charge_no == charge_no).cloned()
    }

    /// What a merchant holds: paid, less what has gone or is going back.
    pub fn balance(&self, merchant_id: &str, currency: Currency) -> Money {
        self.0.ledger().books.balance(merchant_id, currency)
    }

    /// The shopper pays, as by the button of the cashier.
    pub fn pay(&self, charge_no: &str) -> Result<(), CallError> {
        let key = self.key_of(charge_no)?;
        self.pay_key(&key)
    }

    /// The shopper cancels, as by the button of the cashier.
    pub fn cancel(&self, charge_no: &str) -> Result<(), CallError> {
        let key = self.key_of(charge_no)?;
        self.close_key(&key, CloseReason::Cancelled).map(|_| ())
    }

    /// A delayed refund arrives, or fails for a reason.
    pub fn settle_refund(&self, refund_no: &str, failure: Option<&str>) -> Result<(), CallError> {
        let key = self.0.ledger().books.refunds().find(|r| r.request.merchant_refund_no == refund_no).map(refund_key);
        self.settle(&key.ok_or(Refusal::RefundNotFound)?, failure.map(str::to_owned))
    }

    /// Closes every charge whose time ran out. Charges also close by themselves when somebody touches them.
    pub fn expire_due(&self) -> Result<(), CallError> {
        let keys: Vec<Key> = self.0.ledger().books.charges().map(charge_key).collect();
        keys.iter().try_for_each(|key| self.query_charge(key).map(|_| ()))
    }

    /// From now on callbacks wait for [`Bank::release_callbacks`].
    pub fn hold_callbacks(&self) {
        self.0.deliveries().holding = true;
    }

    /// Sends the callbacks that were held, and holds no more.
    pub fn release_callbacks(&self) {
        self.0.release();
    }

    /// What became of every callback since the bank opened.
    pub fn callbacks(&self) -> Vec<CallbackRecord> {
        self.0.deliveries().records.values().cloned().collect()
    }

    /// Waits until no callback is on its way or waiting for its retry. Held callbacks are not waited for.
    pub async fn settled(&self) {
        let mut pending = self.0.pending.subscribe();
        // The sender lives in `self`, so the channel cannot close.
        let _ = pending.wait_for(|n| *n == 0).await;
    }

    /// Signs with a new key from now on, as banks do once in a while. Answers its serial and public half, which merchants
    /// must know.
    pub fn rotate_key(&self) -> (String, String) {
        let (serial, key) = (random_hex::<8>(), SigningKey::generate());
        let public = key.public_base64();
        self.0.keys.lock().unwrap_or_else(PoisonError::into_inner).push((serial.clone(), key));
        (serial, public)
    }

    /// Accepts a charge of an authenticated merchant.
    pub(crate) fn create_charge(&self, merchant_id: &str, new: &NewCharge) -> Result<ChargeView, CallError> {
        let key = (merchant_id.to_owned(), new.merchant_charge_no.clone());
        let charge_id = format!("chg_{}", random_hex::<16>());
        self.0.decide(
            Some(&key),
            |books, now| books.open_charge(merchant_id, new, charge_id, now).map(Vec::from_iter),
            |books| self.view(books, &key),
        )
    }

    /// Answers a charge.
    pub(crate) fn query_charge(&self, key: &Key) -> Result<ChargeView, CallError> {
        self.0.decide(Some(key), |_, _| Ok(Vec::new()), |books| self.view(books, key))
    }

    /// Closes a charge.
    pub(crate) fn close_key(&self, key: &Key, reason: CloseReason) -> Result<ChargeView, CallError> {
        self.0.decide(Some(key), |books, now| books.close(key, reason, event_id(), now).map(Vec::from_iter), |books| self.view(books, key))
    }

    /// Takes the money.
    pub(crate) fn pay_key(&self, key: &Key) -> Result<(), CallError> {
        self.0.decide(Some(key), |books, now| books.pay(key, event_id(), now).map(Vec::from_iter), |_| Ok(()))
    }

    /// Accepts a refund, and settles it at once unless a fault says otherwise.
    pub(crate) fn create_refund(&self, merchant_id: &str, new: &NewRefund) -> Result<RefundView, CallError> {
        let key = (merchant_id.to_owned(), new.merchant_refund_no.clone());
        let (wait, failure) = (self.0.faults.refunds_wait(), self.0.faults.refunds_fail());
        self.0.decide(
            None,
            |books, now| {
                let mut entries = Vec::from_iter(books.open_refund(merchant_id, new, format!("rfd_{}", random_hex::<16>()), now)?);
                if !entries.is_empty() && !wait {
                    entries.push(Entry::RefundSettled { key: key.clone(), at: now, failure, event_id: event_id() });
                }
                Ok(entries)
            },
            |books| books.refund(&key).map(Refund::view),
        )
    }

    /// Answers a refund.
    pub(crate) fn query_refund(&self, key: &Key) -> Result<RefundView, CallError> {
        self.0.decide(None, |_, _| Ok(Vec::new()), |books| books.refund(key).map(Refund::view))
    }

    /// The charge behind a cashier address.
    pub(crate) fn charge_by_id(&self, charge_id: &str) -> Option<(Key, Charge)> {
        let key = self.0.ledger().books.charge_by_id(charge_id).map(charge_key)?;
        // Looking is touching: a charge whose time ran out is shown as closed.
        self.query_charge(&key).ok()?;
        let charge = self.0.ledger().books.charge(&key).ok()?.clone();
        Some((key, charge))
    }

    fn settle(&self, key: &Key, failure: Option<String>) -> Result<(), CallError> {
        self.0.decide(None, |books, now| books.settle_refund(key, failure, event_id(), now).map(|entry| vec![entry]), |_| Ok(()))
    }

    fn view(&self, books: &Books, key: &Key) -> Result<ChargeView, Refusal> {
        Ok(books.charge_view(books.charge(key)?, &self.0.config.public_url))
    }

    fn key_of(&self, charge_no: &str) -> Result<Key, Refusal> {
        self.charge(charge_no).as_ref().map(charge_key).ok_or(Refusal::ChargeNotFound)
    }
}

fn charge_key(charge: &Charge) -> Key {
    (charge.merchant_id.clone(), charge.request.merchant_charge_no.clone())
}

fn refund_key(refund: &Refund) -> Key {
    (refund.merchant_id.clone(), refund.request.merchant_refund_no.clone())
}
