//! The part all protocols share: who calls, may they, run it, and the end of it all.

use std::{
    future::Future,
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_graphql::{Request, Response, Value};
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use kernel::{Locale, Timestamp};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Admitted, Authenticated, Bucket, Call, Code, Denied, Endpoint, Hello, Params, Rejection, Settings, TrustedDocuments, Via,
    admission::{self, bucket::Level, documents::Documents},
    answer,
    hub::Hub,
    seats::{Seat, Seats},
};

/// Serves one [`Endpoint`] over every protocol. One per schema; shared by all its connections.
pub struct Transport<E: Endpoint> {
    pub(crate) endpoint: E,
    pub(crate) settings: Settings,
    bucket: Arc<dyn Bucket>,
    trusted: TrustedDocuments,
    documents: Documents,
    by_caller: Seats<String>,
    by_ip: Seats<IpAddr>,
    draining: CancellationToken,
    /// Raised when the injected clock was moved by hand.
    looks: watch::Sender<()>,
    tasks: TaskTracker,
    serial: AtomicU64,
    hub: Arc<Hub>,
}

/// A connection's place among those of its caller and its address.
#[derive(Debug, Default)]
pub(crate) struct Place {
    _ip: Option<Seat<IpAddr>>,
    _caller: Option<Seat<String>>,
}

impl<E: Endpoint> Transport<E> {
    /// A transport in front of `endpoint`.
    pub fn new(endpoint: E, settings: Settings, bucket: Arc<dyn Bucket>, trusted: TrustedDocuments) -> Arc<Self> {
        Arc::new(Self {
            by_caller: Seats::new(settings.connections.per_caller),
            by_ip: Seats::new(settings.connections.per_ip),
            endpoint,
            settings,
            bucket,
            trusted,
            documents: Documents::default(),
            draining: CancellationToken::new(),
            looks: watch::Sender::new(()),
            tasks: TaskTracker::new(),
            serial: AtomicU64::new(0),
            hub: Arc::default(),
        })
    }

    /// What it serves.
    pub fn endpoint(&self) -> &E {
        &self.endpoint
    }

    /// The limits and periods in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Stops: new connections are refused, open ones close with 4503 within the jitter. See [`Self::drained`].
    pub fn drain(&self) {
        self.draining.cancel();
        self.tasks.close();
    }

    /// Waits until the last connection is closed and the last mutation is done.
    pub async fn drained(&self) {
        self.tasks.wait().await;
    }

    /// Waits until no connection and no operation is alive, for now.
    #[cfg(test)]
    pub(crate) async fn settled(&self) {
        let was_open = self.tasks.close();
        self.tasks.wait().await;
        if was_open {
            self.tasks.reopen();
        }
    }

    /// Has every connection look at the clock again. Only needed where the clock is moved by hand.
    pub fn look_at_the_clock(&self) {
        self.looks.send_replace(());
    }

    /// How many connections and operations are alive.
    pub fn alive(&self) -> usize {
        self.tasks.len()
    }

    /// How many executions are shared right now.
    pub fn executions(&self) -> usize {
        self.hub.len()
    }

    /// Decides who calls.
    pub async fn authenticate(&self, hello: Hello) -> Result<Authenticated<E::Caller>, Rejection> {
        let decided = AssertUnwindSafe(self.endpoint.authenticate(hello)).catch_unwind();
        match tokio::time::timeout(self.settings.connections.authenticate_timeout, decided).await {
            Ok(Ok(Ok(authenticated))) if self.is_expired(authenticated.expires_at) => {
                Err(Rejection::because(Code::Unauthenticated, "the token ran out"))
            }
            Ok(Ok(Ok(authenticated))) => Ok(authenticated),
            Ok(Ok(Err(Denied { code, message }))) => Err(Rejection::because(code, message)),
            Ok(Err(_)) => Err(Rejection::new(Code::Internal)),
            Err(_) => Err(Rejection::new(Code::Unavailable)),
        }
    }

    /// Parses the request and applies the limits; charges nothing yet.
    pub fn admit(&self, params: Params) -> Result<Admitted, Rejection> {
        admission::admit(params, &self.trusted, &self.documents, &self.settings.limits)
    }

    /// Takes what the operation costs from the caller's allowance.
    pub async fn charge(&self, key: &str, cost: u64) -> Result<Option<Level>, Rejection> {
        match self.bucket.take(key, cost).await {
            Ok(level) if level.granted => Ok(Some(level)),
            Ok(level) => {
                Err(Rejection::new(Code::RateLimited).with("cost", level.report(cost)).with("retryAfter", level.seconds_until(cost)))
            }
            Err(fault) => {
                tracing::warn!(%fault, "the allowance could not be read; the request passes");
                Ok(None)
            }
        }
    }

    /// Runs a query or a mutation that was admitted and charged. A panic in a resolver is an internal error.
    pub async fn execute(&self, call: Call<E::Caller>, admitted: Admitted, level: Option<Level>) -> Result<Response, Rejection> {
        let (locale, request_id) = (call.locale, call.request_id.clone());
        let run = AssertUnwindSafe(self.endpoint.execute(call, admitted.request())).catch_unwind();
        let mut response = run.await.map_err(|_| Rejection::new(Code::Internal))?;
        answer::label(&mut response, locale, &request_id);
        if let Some(level) = level {
            let report = Value::from_json(level.report(admitted.cost)).unwrap_or_default();
            response.extensions.insert("cost".into(), report);
        }
        Ok(response)
    }

    /// Runs a subscription that was admitted and charged. A panic ends it with an internal error.
    pub fn execute_stream(&self, call: Call<E::Caller>, request: Request) -> BoxStream<'static, Response> {
        let (locale, request_id) = (call.locale, call.request_id.clone());
        let stream = AssertUnwindSafe(self.endpoint.execute_stream(call, request)).catch_unwind();
        stream
            .map(move |response| {
                let mut response = response.unwrap_or_else(|_| broken());
                answer::label(&mut response, locale, &request_id);
                response
            })
            .boxed()
    }

    /// Runs work to its end whatever becomes of the connection; [`Self::drained`] waits for it.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
        self.tasks.spawn(work)
    }

    /// The call of an accepted hello.
    pub fn call(&self, hello: &Hello, caller: &Authenticated<E::Caller>, via: Via) -> Call<E::Caller> {
        Call { caller: caller.caller.clone(), request_id: hello.request_id.as_str().into(), locale: hello.locale(), ip: hello.ip, via }
    }

    /// A place among the connections of that address; refused while draining.
    pub(crate) fn admit_connection(&self, ip: Option<IpAddr>) -> Result<Place, Rejection> {
        if self.draining.is_cancelled() {
            return Err(Rejection::new(Code::Unavailable));
        }
        match ip.map(|ip| self.by_ip.take(ip)) {
            Some(None) => Err(Rejection::because(Code::TooManyConnections, "from this address")),
            seat => Ok(Place { _ip: seat.flatten(), _caller: None }),
        }
    }

    /// A place among the connections of that caller.
    pub(crate) fn seat_caller(&self, place: &mut Place, key: Option<&str>) -> Result<(), Rejection> {
        if let Some(key) = key {
            let seat = self.by_caller.take(key.to_owned()).ok_or_else(|| Rejection::because(Code::TooManyConnections, "of this caller"))?;
            place._caller = Some(seat);
        }
        Ok(())
    }

    /// Whether that moment has come.
    pub(crate) fn is_expired(&self, at: Option<Timestamp>) -> bool {
        at.is_some_and(|at| at <= self.endpoint.clock().now())
    }

    /// How long from now until then, by the injected clock.
    pub(crate) fn until(&self, at: Timestamp) -> Duration {
        at.since(self.endpoint.clock().now())
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    pub(crate) fn draining(&self) -> &CancellationToken {
        &self.draining
    }

    pub(crate) fn looks(&self) -> watch::Receiver<()> {
        self.looks.subscribe()
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// This connection's own share of the drain jitter: the golden ratio spreads consecutive connections evenly, which
    /// random numbers do not.
    pub(crate) fn jitter(&self) -> Duration {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let turn = self.serial.fetch_add(1, Ordering::Relaxed).wrapping_mul(GOLDEN) >> 32;
        let span = self.settings.connections.drain_jitter.as_millis();
        Duration::from_millis(u64::try_from((span * u128::from(turn)) >> 32).unwrap_or(0))
    }
}

/// Whose allowance an operation uses: the caller's, or that of an anonymous caller's address.
pub fn allowance_key(key: Option<&str>, ip: Option<IpAddr>) -> String {
    match (key, ip) {
        (Some(key), _) => key.to_owned(),
        (None, Some(ip)) => format!("ip:{ip}"),
        (None, None) => "anonymous".into(),
    }
}

/// What a panic answers.
fn broken() -> Response {
    let mut error = async_graphql::ServerError::new(Code::Internal.sentence(Locale::default()), None);
    error.extensions.get_or_insert_default().set("code", Code::Internal.as_str());
    Response::from_errors(vec![error])
}
