//! A server to try clients against: a number that grows, as a state and as a feed. It prints its address.
//!
//! `mutation { grow(by: 3) }` · `subscription($after: String) { number(after: $after) { cursor gap value serverTime } }` ·
//! `subscription($after: String) { growth(after: $after) { cursor gap value } }`, which remembers the last fifty numbers.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use async_graphql::{Context, Object, Request, Response, Schema, SimpleObject, Subscription};
use axum::{Router, routing::any};
use futures_util::{Stream, StreamExt, stream::BoxStream};
use kernel::{Clock, Timestamp};
use platform::{clock::SystemClock, graphql::feed};
use realtime::{
    Allowance, Audience, Authenticated, Call, Denied, Endpoint, Handshake, Hello, MemoryBuckets, Settings, Sharing, Transport,
    TrustedDocuments,
};
use tokio::sync::watch;

/// How many numbers are remembered.
const KEPT: i64 = 50;

#[derive(SimpleObject)]
struct Number {
    cursor: String,
    gap: bool,
    value: i64,
    server_time: Timestamp,
}

fn number(value: i64, gap: bool) -> Number {
    Number { cursor: format!("one:{value}"), gap, value, server_time: SystemClock.now() }
}

fn seq(after: Option<String>) -> Option<Option<i64>> {
    after.map(|after| after.strip_prefix("one:")?.parse().ok())
}

struct Query;
#[Object]
impl Query {
    async fn hello(&self) -> i32 {
        1
    }
}

struct Mutation;
#[Object]
impl Mutation {
    async fn grow(&self, ctx: &Context<'_>, by: i64) -> async_graphql::Result<i64> {
        let value = ctx.data::<watch::Sender<i64>>()?;
        value.send_modify(|value| *value += by);
        Ok(*value.borrow())
    }
}

struct Live;
#[Subscription]
impl Live {
    async fn number(&self, ctx: &Context<'_>, after: Option<String>) -> async_graphql::Result<impl Stream<Item = Number> + use<>> {
        let mut value = ctx.data::<watch::Sender<i64>>()?.subscribe();
        let mut gap = seq(after).is_some_and(|seq| seq.is_none());
        Ok(async_stream::stream! {
            loop {
                let now = *value.borrow_and_update();
                yield number(now, std::mem::take(&mut gap));
                if value.changed().await.is_err() {
                    return;
                }
            }
        })
    }

    #[graphql(directive = feed::apply())]
    async fn growth(&self, ctx: &Context<'_>, after: Option<String>) -> async_graphql::Result<impl Stream<Item = Number> + use<>> {
        let mut value = ctx.data::<watch::Sender<i64>>()?.subscribe();
        let after = seq(after);
        Ok(async_stream::stream! {
            let now = *value.borrow_and_update();
            let (mut seen, gap) = match after {
                None => (now, false),
                Some(Some(after)) if after <= now && now - after <= KEPT => (after, false),
                Some(_) => (now, true),
            };
            yield number(seen, gap);
            loop {
                let now = *value.borrow_and_update();
                while seen < now {
                    seen += 1;
                    yield number(seen, false);
                }
                if value.changed().await.is_err() {
                    return;
                }
            }
        })
    }
}

struct App {
    schema: Schema<Query, Mutation, Live>,
    sharing: Sharing,
    ids: AtomicI64,
}

impl Endpoint for App {
    type Caller = ();

    fn clock(&self) -> &dyn Clock {
        &SystemClock
    }
    fn request_id(&self) -> String {
        self.ids.fetch_add(1, Ordering::Relaxed).to_string()
    }
    async fn authenticate(&self, hello: Hello) -> Result<Authenticated<()>, Denied> {
        Ok(Authenticated { caller: (), key: hello.bearer, expires_at: None })
    }
    fn sharing(&self) -> Option<&Sharing> {
        Some(&self.sharing)
    }
    fn audience(&self, _: &Call<()>) -> Option<Audience<()>> {
        Some(Audience { name: "all".to_owned(), face: (), anonymous: true })
    }
    async fn execute(&self, _: Call<()>, request: Request) -> Response {
        self.schema.execute(request).await
    }
    fn execute_stream(&self, _: Call<()>, request: Request) -> BoxStream<'static, Response> {
        self.schema.execute_stream(request).boxed()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schema = Schema::build(Query, Mutation, Live).data(watch::Sender::new(0_i64)).finish();
    let sharing = Sharing::of(&schema.sdl())?;
    let bucket = MemoryBuckets::new(Arc::new(SystemClock), Allowance { capacity: u32::MAX, ..Allowance::default() });
    let app = App { schema, sharing, ids: AtomicI64::new(0) };
    let transport = Transport::new(app, Settings::default(), Arc::new(bucket), TrustedDocuments::default());
    let socket = any(move |handshake: Handshake| std::future::ready(realtime::upgrade(&transport, handshake, Hello::default())));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    Ok(axum::serve(listener, Router::new().route("/", socket)).await?)
}
