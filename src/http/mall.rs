//! The two APIs as the transport sees them: identity says who calls, the schema answers.

use std::{sync::Arc, time::Duration};

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType, futures_util::stream::BoxStream};
use axum::Router;
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use kernel::{Actor, Clock, Detail, Failure, Fault, Refusal};
use platform::{Op, Platform, RequestInfo, limiter::Rate, messages::message};
use realtime::{
    Allowance, Audience, Authenticated, Bucket, Call, Code, Denied, Endpoint, Hello, Level, Settings, Sharing, Transport, TrustedDocuments,
};
use schema::{AdminMutation, AdminQuery, AdminSubscription, ShopMutation, ShopQuery, ShopSubscription};
use tokio::sync::watch;

use super::{examples, graphiql, graphql};

/// One schema on one platform.
pub struct Mall<Q, M, S> {
    platform: Arc<Platform>,
    schema: Schema<Q, M, S>,
    sharing: Option<Sharing>,
}

/// The transports of both APIs.
#[derive(Clone)]
pub struct Apis {
    shop: Arc<Transport<Mall<ShopQuery, ShopMutation, ShopSubscription>>>,
    admin: Arc<Transport<Mall<AdminQuery, AdminMutation, AdminSubscription>>>,
}

impl Apis {
    /// Builds both schemas and what stands in front of them.
    pub fn new(platform: &Arc<Platform>, settings: &Settings, trusted: &TrustedDocuments) -> Self {
        let buckets = Arc::new(SharedBuckets { platform: Arc::clone(platform), allowance: realtime::Allowance::default() });
        let shop = Mall::new(platform, schema::shop());
        let admin = Mall::new(platform, schema::admin());
        Self {
            shop: Transport::new(shop, settings.clone(), buckets.clone(), trusted.clone()),
            admin: Transport::new(admin, settings.clone(), buckets, trusted.clone()),
        }
    }

    /// Their routes, with GraphiQL for browsers.
    pub fn routes(&self) -> Router {
        Router::new()
            .route("/shop/graphql", graphql::endpoint(Arc::clone(&self.shop), examples::SHOP))
            .route("/admin/graphql", graphql::endpoint(Arc::clone(&self.admin), examples::ADMIN))
            .merge(graphiql::assets())
    }

    /// Ends every connection at a moment of its own, and waits for the last.
    pub async fn drain(&self) {
        self.shop.drain();
        self.admin.drain();
        tokio::join!(self.shop.drained(), self.admin.drained());
    }

    /// Has open connections look at the clock again: it was moved by hand.
    pub fn look_at_the_clock(&self) {
        self.shop.look_at_the_clock();
        self.admin.look_at_the_clock();
    }
}

/// The allowances of callers, kept by the platform's limiter: one for all nodes where there is Redis.
struct SharedBuckets {
    platform: Arc<Platform>,
    allowance: Allowance,
}

impl Bucket for SharedBuckets {
    fn take<'a>(&'a self, key: &'a str, cost: u64) -> BoxFuture<'a, Result<Level, Fault>> {
        async move {
            let Allowance { capacity, restore_rate, .. } = self.allowance;
            let period = Duration::from_secs(u64::from(capacity)) / restore_rate.max(1);
            let units = u32::try_from(cost).unwrap_or(u32::MAX);
            let rate = Rate { burst: capacity, period };
            let taken = self.platform.limiter.take_and_tell(&format!("cost:{key}"), units, rate, self.platform.clock.now()).await;
            Ok(Level { granted: taken.refused_until.is_none(), available: taken.left, restore_rate })
        }
        .boxed()
    }
}

impl<Q, M, S> Mall<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn new(platform: &Arc<Platform>, schema: Schema<Q, M, S>) -> Self {
        // Without it every subscription runs alone: slower, never wrong.
        let sharing = Sharing::of(&schema.sdl()).inspect_err(|error| tracing::error!(%error, "live results are not shared")).ok();
        Self { platform: Arc::clone(platform), schema, sharing }
    }

    fn request(&self, call: Call<Actor>, request: Request) -> Request {
        let op = Op {
            platform: Arc::clone(&self.platform),
            actor: call.caller,
            locale: call.locale,
            request: RequestInfo { id: call.request_id.to_string(), ip: call.ip },
        };
        schema::request(op, request)
    }
}

impl<Q, M, S> Endpoint for Mall<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    type Caller = Actor;

    fn clock(&self) -> &dyn Clock {
        self.platform.clock.as_ref()
    }

    fn request_id(&self) -> String {
        self.platform.uuid().simple().to_string()
    }

    async fn authenticate(&self, hello: Hello) -> Result<Authenticated<Actor>, Denied> {
        let locale = hello.locale();
        match identity::session::service::authenticate(&self.platform, hello.bearer.as_deref()).await {
            Ok(known) => {
                let key = (known.actor != Actor::Anonymous).then(|| known.actor.to_string());
                Ok(Authenticated { caller: known.actor, key, expires_at: known.expires_at })
            }
            Err(Failure::Refused(refused)) => {
                Err(Denied { code: Code::Unauthenticated, message: message(locale, refused.code(), &Detail::None) })
            }
            Err(Failure::Fault(fault)) => {
                tracing::error!(request = %hello.request_id, %fault, "nobody could say who calls");
                Err(Denied { code: Code::Internal, message: message(locale, "INTERNAL", &Detail::None) })
            }
        }
    }

    fn revocation(&self, caller: &Actor) -> Option<watch::Receiver<i64>> {
        let (Actor::Customer { session, .. } | Actor::Staff { session, .. }) = caller else { return None };
        Some(self.platform.bus.watch(&identity::session::events::topic(*session)))
    }

    fn sharing(&self) -> Option<&Sharing> {
        self.sharing.as_ref()
    }

    /// Shoppers see what anybody sees, staff what their permissions show.
    fn audience(&self, call: &Call<Actor>) -> Option<Audience<Actor>> {
        let face = call.caller.faceless();
        let name = match &face {
            Actor::Anonymous => "shopper".to_owned(),
            Actor::Staff { permissions, .. } => format!("staff:{permissions:?}"),
            Actor::Customer { .. } | Actor::System(_) => return None,
        };
        Some(Audience { anonymous: face == call.caller, name, face })
    }

    async fn execute(&self, call: Call<Actor>, request: Request) -> Response {
        self.schema.execute(self.request(call, request)).await
    }

    fn execute_stream(&self, call: Call<Actor>, request: Request) -> BoxStream<'static, Response> {
        self.schema.execute_stream(self.request(call, request)).boxed()
    }
}
