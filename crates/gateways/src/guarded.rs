//! What every provider is called through: a limit to every call, a second try with the same number, and a breaker that
//! stops asking a provider who does not answer.
//!
//! ```text
//! CLOSED ── so many failures in a row ─▶ OPEN ── after a pause, one probe ─▶ CLOSED (it answered) | OPEN (it did not)
//! ```
//!
//! Trying again is harmless because the number is the provider's idempotency key. A refusal is an answer: it is neither
//! tried again nor counted. While the breaker is open nothing is sent, which is an honest `Unavailable`: it did not happen.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use kernel::{Clock, Currency};
use trade::payment::gateway::{
    ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, NewTransfer, Notification, NotificationRefused,
    PayProduct, RefundRef, RefundState, Reply, ShippedGoods, Standing, TransferState,
};

/// How patient the mall is with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long one call may take, whatever the client thinks.
    pub call: Duration,
    /// How often a call is tried, the first time included.
    pub tries: u32,
    /// The pause before the second try; it doubles.
    pub pause: Duration,
    /// So many failures in a row open the breaker …
    pub failures: u32,
    /// … for this long.
    pub rest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { call: kernel::seconds(12), tries: 2, pause: Duration::from_millis(200), failures: 5, rest: kernel::seconds(30) }
    }
}

/// A provider behind its guard.
pub struct Guarded {
    inner: Arc<dyn Gateway>,
    patience: Patience,
    clock: Arc<dyn Clock>,
    standing: Mutex<Standing>,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, GatewayError>> + Send + 'a>>;

impl Guarded {
    /// Guards a provider.
    pub fn new(inner: Arc<dyn Gateway>, patience: Patience, clock: Arc<dyn Clock>) -> Self {
        Self { inner, patience, clock, standing: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a call may go out now. When the rest is over one call is let through, and the rest begins anew until it
    /// has come back.
    fn admit(&self) -> Result<(), GatewayError> {
        let now = self.clock.now();
        let mut standing = self.state();
        match standing.broken_until {
            Some(until) if until > now => {
                Err(GatewayError::Unavailable(format!("it failed {} times in a row and is left alone for a while", standing.failures)))
            }
            Some(_) => {
                standing.broken_until = Some(now + self.patience.rest);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn learn(&self, well: bool) {
        let mut standing = self.state();
        if well {
            if standing.broken_until.is_some() {
                tracing::info!(gateway = self.inner.code(), "the provider answers again");
            }
            *standing = Standing::default();
        } else {
            standing.failures = standing.failures.saturating_add(1);
            if standing.failures >= self.patience.failures {
                if standing.broken_until.is_none() {
                    tracing::error!(
                        gateway = self.inner.code(),
                        failures = standing.failures,
                        "the provider does not answer; it is left alone"
                    );
                }
                standing.broken_until = Some(self.clock.now() + self.patience.rest);
            }
        }
        let broken = standing.broken_until.is_some();
        metrics::gauge!("gateway_broken", "gateway" => self.inner.code()).set(f64::from(u8::from(broken)));
    }

    async fn call<'a, T>(&'a self, operation: &'static str, ask: impl Fn() -> Answer<'a, T> + Send + Sync) -> Result<T, GatewayError> {
        let mut pause = self.patience.pause;
        let mut tried = 0;
        loop {
            self.admit()?;
            tried += 1;
            let began = Instant::now();
            let answer = tokio::time::timeout(self.patience.call, ask()).await;
            let answer = answer.unwrap_or_else(|_| Err(GatewayError::Unknown("no answer in time".to_owned())));
            let outcome = match &answer {
                Ok(_) => "ok",
                Err(GatewayError::Refused { .. }) => "refused",
                Err(GatewayError::Unknown(_)) => "unknown",
                Err(GatewayError::Unavailable(_)) => "unavailable",
            };
            let labels = [("gateway", self.inner.code()), ("operation", operation), ("outcome", outcome)];
            metrics::counter!("gateway_calls_total", &labels).increment(1);
            metrics::histogram!("gateway_call_seconds", "gateway" => self.inner.code(), "operation" => operation)
                .record(began.elapsed().as_secs_f64());
            let failed = matches!(answer, Err(GatewayError::Unknown(_) | GatewayError::Unavailable(_)));
            self.learn(!failed);
            if !failed || tried >= self.patience.tries {
                return answer;
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
}

#[async_trait]
impl Gateway for Guarded {
    fn code(&self) -> &'static str {
        self.inner.code()
    }

    fn products(&self) -> &'static [PayProduct] {
        self.inner.products()
    }

    fn takes(&self, currency: Currency) -> bool {
        self.inner.takes(currency)
    }

    fn payer_scope(&self, product: PayProduct) -> Option<(&'static str, String)> {
        self.inner.payer_scope(product)
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        self.call("create", || self.inner.create(charge.clone())).await
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let charge = charge.clone();
        self.call("query", || {
            let (inner, charge) = (Arc::clone(&self.inner), charge.clone());
            Box::pin(async move { inner.query(&charge).await })
        })
        .await
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let charge = charge.clone();
        self.call("close", || {
            let (inner, charge) = (Arc::clone(&self.inner), charge.clone());
            Box::pin(async move { inner.close(&charge).await })
        })
        .await
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        self.call("refund", || self.inner.refund(refund.clone())).await
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        let refund = refund.clone();
        self.call("query_refund", || {
            let (inner, refund) = (Arc::clone(&self.inner), refund.clone());
            Box::pin(async move { inner.query_refund(&refund).await })
        })
        .await
    }

    async fn verify_notification(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        let read = tokio::time::timeout(self.patience.call, self.inner.verify_notification(headers, body)).await;
        let read = read.unwrap_or_else(|_| Err(NotificationRefused::Uncheckable("no answer in time".to_owned())));
        let outcome = if read.is_ok() { "believed" } else { "refused" };
        metrics::counter!("gateway_notifications_total", "gateway" => self.inner.code(), "outcome" => outcome).increment(1);
        read
    }

    fn acknowledgement(&self) -> Reply {
        self.inner.acknowledgement()
    }

    fn rejection(&self) -> Option<Reply> {
        self.inner.rejection()
    }

    async fn shipped(&self, goods: ShippedGoods) -> Result<(), GatewayError> {
        self.call("shipped", || self.inner.shipped(goods.clone())).await
    }

    async fn bill(&self, day: &str) -> Result<Vec<u8>, GatewayError> {
        self.inner.bill(day).await
    }

    fn payee_scope(&self) -> Option<(&'static str, String)> {
        self.inner.payee_scope()
    }

    async fn transfer(&self, transfer: NewTransfer) -> Result<TransferState, GatewayError> {
        self.call("transfer", || self.inner.transfer(transfer.clone())).await
    }

    async fn query_transfer(&self, transfer_no: &str) -> Result<TransferState, GatewayError> {
        let number = transfer_no.to_owned();
        self.call("query_transfer", || {
            let (inner, number) = (Arc::clone(&self.inner), number.clone());
            Box::pin(async move { inner.query_transfer(&number).await })
        })
        .await
    }

    fn standing(&self) -> Standing {
        *self.state()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

    use kernel::Timestamp;

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::SeqCst))
        }
    }

    #[derive(Default)]
    struct Moody {
        calls: AtomicU32,
        down: AtomicBool,
        hangs: AtomicBool,
        refuses: AtomicBool,
    }

    #[async_trait]
    impl Gateway for Moody {
        fn code(&self) -> &'static str {
            "moody"
        }

        async fn create(&self, _: NewCharge) -> Result<ChargeCreated, GatewayError> {
            Err(GatewayError::Unavailable("unused".into()))
        }

        async fn query(&self, _: &ChargeRef) -> Result<ChargeState, GatewayError> {
            self.calls.fetch_add(1, Ordering::SeqCst);
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if self.refuses.load(Ordering::SeqCst) {
                return Err(GatewayError::Refused { code: "NO".into(), message: "no".into() });
            }
            if self.down.load(Ordering::SeqCst) { Err(GatewayError::Unknown("lost".into())) } else { Ok(ChargeState::Closed) }
        }

        async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
            self.query(charge).await
        }

        async fn refund(&self, _: NewRefund) -> Result<RefundState, GatewayError> {
            Ok(RefundState::Absent)
        }

        async fn query_refund(&self, _: &RefundRef) -> Result<RefundState, GatewayError> {
            Ok(RefundState::Absent)
        }

        async fn verify_notification(&self, _: &[(String, String)], _: &[u8]) -> Result<Notification, NotificationRefused> {
            Err(NotificationRefused::BadSignature)
        }
    }

    fn guarded() -> (Arc<Moody>, Arc<Hand>, Guarded) {
        let (moody, hand) = (Arc::new(Moody::default()), Arc::new(Hand::default()));
        let patience =
            Patience { call: Duration::from_millis(30), pause: Duration::from_millis(1), tries: 2, failures: 4, rest: kernel::seconds(30) };
        let guarded = Guarded::new(Arc::<Moody>::clone(&moody), patience, Arc::<Hand>::clone(&hand));
        (moody, hand, guarded)
    }

    #[tokio::test]
    async fn a_call_is_tried_again_and_a_dead_provider_left_alone_until_a_probe_comes_back() {
        let (moody, hand, guarded) = guarded();
        let charge = ChargeRef::by_number("c1");
        moody.down.store(true, Ordering::SeqCst);
        for _ in 0..2 {
            assert!(matches!(guarded.query(&charge).await, Err(GatewayError::Unknown(_))));
        }
        assert_eq!(moody.calls.load(Ordering::SeqCst), 4, "two tries each");
        assert_eq!(guarded.standing(), Standing { failures: 4, broken_until: Some(Timestamp(30_000)) });
        assert!(matches!(guarded.close(&charge).await, Err(GatewayError::Unavailable(_))), "nothing was sent, so it did not happen");
        assert_eq!(moody.calls.load(Ordering::SeqCst), 4);
        hand.0.store(30_000, Ordering::SeqCst);
        assert!(guarded.query(&charge).await.is_err());
        assert_eq!(moody.calls.load(Ordering::SeqCst), 5, "one probe, and it is left alone again");
        hand.0.store(60_000, Ordering::SeqCst);
        moody.down.store(false, Ordering::SeqCst);
        assert_eq!(guarded.query(&charge).await, Ok(ChargeState::Closed));
        assert_eq!(guarded.standing(), Standing::default());
    }

    #[tokio::test]
    async fn a_provider_that_hangs_is_not_waited_for() {
        let (moody, _, guarded) = guarded();
        moody.hangs.store(true, Ordering::SeqCst);
        assert!(matches!(guarded.query(&ChargeRef::by_number("c1")).await, Err(GatewayError::Unknown(_))));
        assert_eq!(guarded.standing().failures, 2);
    }

    #[tokio::test]
    async fn a_refusal_is_an_answer() {
        let (moody, _, guarded) = guarded();
        moody.refuses.store(true, Ordering::SeqCst);
        for _ in 0..10 {
            assert!(matches!(guarded.query(&ChargeRef::by_number("c1")).await, Err(GatewayError::Refused { .. })));
        }
        assert_eq!((moody.calls.load(Ordering::SeqCst), guarded.standing()), (10, Standing::default()));
    }
}
