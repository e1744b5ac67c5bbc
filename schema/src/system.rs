//! The system as it sees itself: its time, its languages, its background work.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use kernel::{Failure, Fault, JobId, Locale, Permission, Timestamp};
use platform::{
    graphql::{Access, ContextExt, Long, answer, payload},
    live::LiveRefused,
    worker,
};
use trade::payment::gateway::{Gateway, Gateways};

/// The shop's face.
#[derive(Default)]
pub struct ShopQuery;

#[Object(name = "SystemShopQuery")]
impl ShopQuery {
    /// The server's time, to run countdowns by.
    async fn server_time(&self, ctx: &Context<'_>) -> Result<Timestamp> {
        Ok(ctx.op()?.now())
    }

    /// The languages texts come in, the default first. Ask for one by the `Accept-Language` header.
    async fn locales(&self) -> Vec<Locale> {
        Locale::ALL.to_vec()
    }
}

/// How the background work stands.
#[derive(SimpleObject)]
pub struct SystemHealth {
    /// Facts written and not handed on yet; near zero when all is well.
    events_waiting: Long,
    /// Jobs that are due or running.
    jobs_due: Long,
    /// Jobs that wait for their time, most of them after a failure.
    jobs_later: Long,
    /// Jobs that failed too often: a person must look.
    jobs_parked: Long,
    /// Those jobs, the latest first, 50 at most.
    parked: Vec<ParkedJob>,
    /// The payment providers, by code.
    gateways: Vec<GatewayHealth>,
    /// The server's time.
    server_time: Timestamp,
    /// Whether all is well.
    verdict: Verdict,
}

/// Whether all is well.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum Verdict {
    /// All is well.
    Well,
    /// Something waits for a person.
    Attention,
}

/// How a payment provider's calls went lately.
#[derive(SimpleObject)]
pub struct GatewayHealth {
    /// The provider.
    code: String,
    /// Calls that failed one after the other, up to now.
    failures: Long,
    /// It is not asked before this, because it failed too often; nothing while it is.
    broken_until: Option<Timestamp>,
}

impl GatewayHealth {
    fn of(gateway: &Arc<dyn Gateway>) -> Self {
        let standing = gateway.standing();
        Self { code: gateway.code().to_owned(), failures: Long(i64::from(standing.failures)), broken_until: standing.broken_until }
    }
}

/// A job that failed too often.
#[derive(SimpleObject)]
pub struct ParkedJob {
    /// Its id, for `jobRetry`.
    id: JobId,
    /// What it does.
    kind: String,
    /// How often it was tried.
    attempts: Long,
    /// What went wrong the last time.
    last_error: Option<String>,
    /// When it was first wanted.
    created_at: Timestamp,
}

/// The operator's view.
#[derive(Default)]
pub struct AdminQuery;

#[Object(name = "SystemAdminQuery")]
impl AdminQuery {
    /// The server's time, to run countdowns by.
    async fn server_time(&self, ctx: &Context<'_>) -> Result<Timestamp> {
        Ok(ctx.op()?.now())
    }

    /// How the background work stands.
    #[graphql(guard = "Access::Staff(Permission::SystemRead)")]
    async fn system_health(&self, ctx: &Context<'_>) -> Result<SystemHealth> {
        let op = ctx.op()?;
        let backlog = answer(ctx, worker::backlog(&op.platform).await)?;
        let parked = answer(ctx, worker::dead(op, 50).await)?;
        let gateways = op.port::<Gateways>().map(|gateways| gateways.all().map(GatewayHealth::of).collect());
        Ok(SystemHealth { gateways: gateways.unwrap_or_default(), ..SystemHealth::of(op.now(), &backlog, parked) })
    }
}

impl SystemHealth {
    fn of(server_time: Timestamp, backlog: &worker::Backlog, parked: Vec<entity::platform::job::Model>) -> Self {
        let long = |n: u64| Long(i64::try_from(n).unwrap_or(i64::MAX));
        Self {
            events_waiting: long(backlog.events),
            jobs_due: long(backlog.due),
            jobs_later: long(backlog.later),
            jobs_parked: long(backlog.dead),
            parked: parked
                .into_iter()
                .map(|job| ParkedJob {
                    id: job.id,
                    kind: job.kind,
                    attempts: Long(job.attempts),
                    last_error: job.last_error,
                    created_at: job.created_at,
                })
                .collect(),
            gateways: Vec::new(),
            server_time,
            verdict: if backlog.dead == 0 { Verdict::Well } else { Verdict::Attention },
        }
    }
}

platform::payload! {
    /// What became of `jobRetry`.
    pub struct JobRetryPayload {
        /// The job that gets another try.
        id: JobId,
    }
}

/// What the operator can do about it.
#[derive(Default)]
pub struct AdminMutation;

#[Object(name = "SystemAdminMutation")]
impl AdminMutation {
    /// Gives a parked job another round of tries.
    #[graphql(guard = "Access::Staff(Permission::SystemWrite)")]
    async fn job_retry(&self, ctx: &Context<'_>, #[graphql(desc = "The parked job.")] id: JobId) -> Result<JobRetryPayload> {
        let revived = worker::revive(ctx.op()?, id).await;
        payload(ctx, found(revived), |()| JobRetryPayload { id: Some(id), ..Default::default() })
    }
}

fn found(revived: Result<bool, Fault>) -> Result<(), Failure<LiveRefused>> {
    if revived? { Ok(()) } else { Err(LiveRefused::NotFound.into()) }
}
