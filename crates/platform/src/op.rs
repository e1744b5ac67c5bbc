//! The first argument of every service function: who asks, on which platform, in which language.

use std::{net::IpAddr, sync::Arc};

use kernel::{Actor, Clock, CustomerId, Fault, Locale, Timestamp};
use sea_orm::DatabaseConnection;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    Tx, aggregate::Aggregates, bus::Bus, crypto::Crypto, db::Db, deadlines::Deadlines, limiter::Limiter, ports::Ports, storage::Storage,
};

/// Everything one process shares.
pub struct Platform {
    /// The database.
    pub db: Db,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// The keys.
    pub crypto: Crypto,
    /// Who is told "look again".
    pub bus: Bus,
    /// Files.
    pub storage: Storage,
    /// Rates.
    pub limiter: Limiter,
    /// What contexts ask for.
    pub ports: Ports,
    /// The first part of every live cursor.
    pub epoch: String,
    /// What happens at a known moment.
    pub deadlines: Deadlines,
    /// The latest readings of live sums.
    pub aggregates: Aggregates,
    /// Wakes the relay: something was committed.
    pub relay_wanted: Notify,
    /// Wakes the workers: a job is due.
    pub jobs_wanted: Notify,
}

impl Platform {
    /// An operation without a person: a job, a sweep, a command.
    pub fn system(self: &Arc<Self>, name: &'static str) -> Op {
        Op {
            platform: Arc::clone(self),
            actor: Actor::System(name),
            locale: Locale::default(),
            request: RequestInfo { id: format!("{name}-{}", self.uuid().simple()), ip: None },
        }
    }

    /// A UUIDv7 of the injected clock.
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &crate::crypto::random_bytes::<10>()).into_uuid()
    }
}

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// Goes through logs, events and jobs.
    pub id: String,
    /// The caller's address, behind trusted proxies too.
    pub ip: Option<IpAddr>,
}

/// One operation: cheap to clone, passed first.
#[derive(Clone)]
pub struct Op {
    /// What the process shares.
    pub platform: Arc<Platform>,
    /// Who asks.
    pub actor: Actor,
    /// In which language they are answered.
    pub locale: Locale,
    /// Where the request came from.
    pub request: RequestInfo,
}

impl Op {
    /// The time.
    pub fn now(&self) -> Timestamp {
        self.platform.clock.now()
    }

    /// For reads outside a transaction.
    pub fn reader(&self) -> &DatabaseConnection {
        self.platform.db.reader()
    }

    /// Begins a transaction; dropped without commit it never happened.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        Tx::begin(self).await
    }

    /// A new id, sorted by birth.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        self.platform.uuid().into()
    }

    /// Random bytes.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        crate::crypto::random_bytes()
    }

    /// The keys.
    pub fn crypto(&self) -> &Crypto {
        &self.platform.crypto
    }

    /// Who answers to the port `T`.
    pub fn port<T: ?Sized + Send + Sync + 'static>(&self) -> Result<Arc<T>, Fault> {
        self.platform.ports.get::<T>()
    }

    /// The same request, acted on by the system.
    pub fn system(&self, name: &'static str) -> Self {
        Self { actor: Actor::System(name), ..self.clone() }
    }

    /// The shopper who asks. Resolvers guard with [`crate::graphql::Access::Customer`] first, so their absence is a bug.
    pub fn customer(&self) -> Result<CustomerId, Fault> {
        self.actor.customer().ok_or_else(|| Fault::internal("a customer's operation without a customer"))
    }
}
