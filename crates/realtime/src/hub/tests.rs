//! Shared executions without sockets: operations with lanes of their own.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, EmptyMutation, ErrorExtensions, Object, Request, Response, Schema, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt, stream::BoxStream};
use kernel::{Clock, Locale, Timestamp};
use platform::graphql::{feed, personal};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    outbox::{LaneHandle, Outbox},
    protocol::{Frame, Says},
    *,
};

struct World {
    seats: watch::Sender<i64>,
    /// How often a subscription was executed.
    runs: AtomicUsize,
    ids: AtomicI64,
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

#[derive(SimpleObject, Clone)]
#[graphql(complex)]
struct Team {
    cursor: String,
    seats: i64,
    resumed: Option<i64>,
}

#[async_graphql::ComplexObject]
impl Team {
    #[graphql(directive = personal::apply())]
    async fn me(&self, ctx: &Context<'_>) -> String {
        ctx.data::<Call<String>>().unwrap().caller.clone()
    }
    /// Somebody forgot to mark it.
    async fn forgotten(&self, ctx: &Context<'_>) -> String {
        ctx.data::<Call<String>>().unwrap().caller.clone()
    }
    async fn friend(&self) -> Team {
        self.clone()
    }
}

#[derive(SimpleObject)]
struct Facts {
    cursor: String,
    fact: Option<i64>,
}

struct Query;
#[Object]
impl Query {
    async fn hello(&self) -> i32 {
        1
    }
}

fn seq(after: Option<&str>) -> Option<i64> {
    after.and_then(|after| after.strip_prefix("e:")?.parse().ok())
}

struct Live;
#[Subscription]
impl Live {
    /// The state now, then the latest whenever it changed.
    async fn team(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 1)] id: i32,
        after: Option<String>,
        like: Option<async_graphql::Json<Value>>,
    ) -> impl Stream<Item = Team> + use<> {
        let _ = (id, like);
        states(ctx, after)
    }
    #[graphql(directive = personal::apply())]
    async fn mine(&self, ctx: &Context<'_>) -> impl Stream<Item = Team> + use<> {
        states(ctx, None)
    }
    async fn guarded(&self, ctx: &Context<'_>) -> async_graphql::Result<BoxStream<'static, Team>> {
        if ctx.data::<Call<String>>()?.caller == "nobody" {
            return Err(async_graphql::Error::new("who?").extend_with(|_, e| e.set("code", "UNAUTHENTICATED")));
        }
        Ok(states(ctx, None).boxed())
    }
    async fn refused(&self, ctx: &Context<'_>) -> async_graphql::Result<BoxStream<'static, Team>> {
        ctx.data::<Arc<World>>()?.runs.fetch_add(1, Ordering::SeqCst);
        Err(async_graphql::Error::new("no").extend_with(|_, e| e.set("code", "NOT_FOUND")))
    }
    async fn ends(&self, ctx: &Context<'_>) -> impl Stream<Item = Team> + use<> {
        states(ctx, None).take(2)
    }
    /// Where it stands, then every number up to the latest, one by one.
    #[graphql(directive = feed::apply())]
    async fn facts(&self, ctx: &Context<'_>, after: Option<String>) -> impl Stream<Item = Facts> + use<> {
        let world = ctx.data::<Arc<World>>().unwrap();
        world.runs.fetch_add(1, Ordering::SeqCst);
        let mut seats = world.seats.subscribe();
        async_stream::stream! {
            let mut told = match seq(after.as_deref()) {
                Some(told) => told,
                None => {
                    let now = *seats.borrow_and_update();
                    yield Facts { cursor: format!("e:{now}"), fact: None };
                    now
                }
            };
            loop {
                let now = *seats.borrow_and_update();
                for fact in told + 1..=now {
                    yield Facts { cursor: format!("e:{fact}"), fact: Some(fact) };
                }
                told = now;
                if seats.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}

fn states(ctx: &Context<'_>, after: Option<String>) -> impl Stream<Item = Team> + use<> {
    let world = ctx.data::<Arc<World>>().unwrap();
    world.runs.fetch_add(1, Ordering::SeqCst);
    let mut seats = world.seats.subscribe();
    async_stream::stream! {
        let resumed = seq(after.as_deref());
        loop {
            let now = *seats.borrow_and_update();
            yield Team { cursor: format!("e:{now}"), seats: now, resumed };
            if seats.changed().await.is_err() {
                return;
            }
        }
    }
}

struct Mall {
    schema: Schema<Query, EmptyMutation, Live>,
    sharing: Sharing,
    world: Arc<World>,
}

impl Endpoint for Mall {
    type Caller = String;

    fn clock(&self) -> &dyn Clock {
        &*self.world
    }
    fn request_id(&self) -> String {
        self.world.ids.fetch_add(1, Ordering::SeqCst).to_string()
    }
    async fn authenticate(&self, hello: Hello) -> Result<Authenticated<String>, Denied> {
        Ok(Authenticated { caller: hello.bearer.unwrap_or_default(), key: None, expires_at: None })
    }
    fn sharing(&self) -> Option<&Sharing> {
        Some(&self.sharing)
    }
    /// `name` or `name/audience`.
    fn audience(&self, call: &Call<String>) -> Option<Audience<String>> {
        let name = call.caller.split_once('/').map_or("all", |(_, audience)| audience).to_owned();
        Some(Audience { name, face: "nobody".into(), anonymous: call.caller == "nobody" })
    }
    async fn execute(&self, call: Call<String>, request: Request) -> Response {
        self.schema.execute(request.data(call).data(self.world.clone())).await
    }
    fn execute_stream(&self, call: Call<String>, request: Request) -> BoxStream<'static, Response> {
        self.schema.execute_stream(request.data(call).data(self.world.clone())).boxed()
    }
}

struct Stage(Arc<Transport<Mall>>);

/// One operation and what it is told.
struct Watcher {
    outbox: Arc<Outbox>,
    lane: LaneHandle,
}

impl Stage {
    fn open(streams: Streams) -> Self {
        Self::of(streams, |sdl| sdl)
    }

    fn of(streams: Streams, edit: impl FnOnce(String) -> String) -> Self {
        let world = Arc::new(World { seats: watch::Sender::new(0), runs: AtomicUsize::new(0), ids: AtomicI64::new(0) });
        let schema = Schema::new(Query, EmptyMutation, Live);
        let sharing = Sharing::of(&edit(schema.sdl())).unwrap();
        let settings = Settings { streams, ..Settings::default() };
        let bucket = MemoryBuckets::new(world.clone(), Allowance { capacity: u32::MAX, ..Allowance::default() });
        Self(Transport::new(Mall { schema, sharing, world }, settings, Arc::new(bucket), TrustedDocuments::default()))
    }

    fn world(&self) -> &World {
        &self.0.endpoint.world
    }

    fn runs(&self) -> usize {
        self.world().runs.load(Ordering::SeqCst)
    }

    fn set(&self, seats: i64) {
        self.world().seats.send_replace(seats);
    }

    fn ask(&self, caller: &str, locale: Locale, params: Value) -> Watcher {
        let outbox = Outbox::new(4, 1 << 20, 4);
        let lane = outbox.open("1").unwrap();
        let call = Call { caller: caller.to_owned(), request_id: "r".into(), locale, ip: None, via: Via::WebSocket };
        let (transport, running) = (self.0.clone(), lane.clone());
        self.0.spawn(async move {
            let params = Params::from_json(params).unwrap();
            crate::operation::run(&transport, call, "k", &running, params).await
        });
        Watcher { outbox, lane }
    }

    fn watch(&self, caller: &str, query: &str) -> Watcher {
        self.ask(caller, Locale::En, json!({ "query": query }))
    }

    /// Waits until nothing runs any more.
    async fn rests(&self) {
        self.0.settled().await;
        assert_eq!(self.0.executions(), 0);
    }
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("no answer in 20 s")
}

impl Watcher {
    async fn frame(&self) -> Frame {
        let frame = soon(self.outbox.next_frame()).await.expect("it goes on");
        self.outbox.flushed();
        frame
    }

    /// The payload's data.
    async fn next(&self) -> Value {
        let frame = self.frame().await;
        assert_eq!(frame.says, Says::Next, "{:?}", frame.body);
        let body: Value = serde_json::from_str(&frame.body).unwrap();
        assert!(body["errors"].is_null(), "{body}");
        body["data"].as_object().unwrap().values().next().unwrap().clone()
    }

    fn leave(self) {
        self.outbox.complete("1");
    }
}

fn quick() -> Streams {
    Streams { pace: Duration::ZERO, linger: Duration::ZERO, ..Streams::default() }
}

fn lasting() -> Streams {
    Streams { linger: Duration::from_secs(3_600), ..quick() }
}

const TEAM: &str = "subscription { team { cursor seats } }";

#[tokio::test]
async fn equal_subscriptions_share_one_execution_and_its_bytes() {
    let stage = Stage::open(quick());
    let watchers: Vec<Watcher> = (0..50).map(|n| stage.watch(&format!("c{n}"), TEAM)).collect();
    for watcher in &watchers {
        assert_eq!(watcher.next().await["seats"], 0);
    }
    let late = stage.watch("late", TEAM);
    assert_eq!(late.next().await["seats"], 0, "the latest payload comes at once");
    stage.set(1);
    let bytes = late.frame().await.body;
    for watcher in &watchers {
        assert_eq!(watcher.frame().await.body.as_ptr(), bytes.as_ptr());
    }
    assert_eq!((stage.runs(), stage.0.executions()), (1, 1));
    watchers.into_iter().chain([late]).for_each(Watcher::leave);
    stage.rests().await;
}

#[tokio::test]
async fn what_may_differ_runs_apart_and_what_is_only_spelt_differently_runs_together() {
    let stage = Stage::open(lasting());
    let query = "query Q { hello } subscription A($id: Int = 7, $like: JSON) { team(id: $id, like: $like) { seats cursor } } \
                 subscription B($id: Int = 7) { team(id: $id) { seats } }";
    let asked = [
        ("a", Locale::En, json!({ "operationName": "A" }), 1),
        ("b", Locale::En, json!({ "operationName": "A", "variables": { "id": 7, "unknown": 1 } }), 1),
        ("b", Locale::En, json!({ "operationName": "A", "variables": { "id": 8 } }), 2),
        ("b", Locale::ZhCn, json!({ "operationName": "A" }), 3),
        ("b", Locale::En, json!({ "operationName": "B" }), 4),
        ("b/staff", Locale::En, json!({ "operationName": "B" }), 5),
        ("a", Locale::En, json!({ "operationName": "A", "variables": { "like": { "x": [{ "b": 1, "a": 2 }], "y": null } } }), 6),
        ("a", Locale::En, json!({ "operationName": "A", "variables": { "like": { "y": null, "x": [{ "a": 2, "b": 1 }] } } }), 6),
        ("a", Locale::En, json!({ "operationName": "A", "variables": { "like": { "x": [{ "a": 2, "b": 1 }] } } }), 7),
        ("a", Locale::En, json!({ "operationName": "A", "variables": { "like": null } }), 8),
    ];
    let mut kept = Vec::new();
    for (caller, locale, mut params, executions) in asked {
        params["query"] = query.into();
        let watcher = stage.ask(caller, locale, params.clone());
        watcher.next().await;
        assert_eq!(stage.0.executions(), executions, "{params}");
        kept.push(watcher);
    }
}

#[tokio::test]
async fn a_refusal_is_answered_and_nothing_is_shared() {
    let stage = Stage::open(lasting());
    for n in 1..=2 {
        let refused = stage.watch("nobody", "subscription { refused { seats } }");
        let body: Value = serde_json::from_str(&refused.frame().await.body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "NOT_FOUND");
        assert_eq!(refused.frame().await.says, Says::Complete);
        assert_eq!((stage.runs(), stage.0.executions()), (n, 0));
    }
    let refused = stage.watch("ann", "subscription { refused { seats } }");
    refused.frame().await;
    assert_eq!(stage.runs(), 4, "asked once more, for who has a face");
    let invalid = stage.watch("ann", "subscription { team(id: \"x\") { seats } }");
    assert_eq!(invalid.frame().await.says, Says::Error);
    assert_eq!(stage.0.executions(), 0);
}

#[tokio::test]
async fn what_refuses_the_faceless_caller_is_run_for_the_caller_alone() {
    let stage = Stage::open(lasting());
    for name in ["ann", "bob"] {
        let watcher = stage.watch(name, "subscription { guarded { seats me forgotten } }");
        assert_eq!(watcher.next().await, json!({ "seats": 0, "me": name, "forgotten": name }));
        let watcher = stage.watch(name, "subscription { guarded { seats forgotten } }");
        assert_eq!(watcher.next().await, json!({ "seats": 0, "forgotten": name }));
        assert_eq!(stage.0.executions(), 0);
    }
}

#[tokio::test]
async fn the_last_to_leave_stops_the_execution_after_a_while() {
    let stage = Stage::open(lasting());
    let watcher = stage.watch("ann", TEAM);
    watcher.next().await;
    watcher.leave();
    stage.set(1);
    let again = stage.watch("bob", TEAM);
    while again.next().await["seats"] != 1 {}
    assert_eq!(stage.runs(), 1, "it lingered");
    stage.0.drain();
    again.leave();
    stage.rests().await;

    let stage = Stage::open(quick());
    for n in 1..=20 {
        let watcher = stage.watch("ann", TEAM);
        watcher.next().await;
        assert!(stage.0.executions() <= 1);
        watcher.outbox.end(Close::normal());
        stage.rests().await;
        assert_eq!(stage.runs(), n);
    }
}

#[tokio::test]
async fn an_execution_that_ends_completes_everybody() {
    let stage = Stage::open(lasting());
    let both = [stage.watch("ann", "subscription { ends { seats } }"), stage.watch("bob", "subscription { ends { seats } }")];
    for watcher in &both {
        watcher.next().await;
    }
    stage.set(1);
    for watcher in &both {
        assert_eq!(watcher.next().await["seats"], 1);
        assert_eq!(watcher.frame().await.says, Says::Complete);
    }
    stage.rests().await;
}

#[tokio::test]
async fn a_state_keeps_to_its_pace_and_ends_with_the_latest() {
    let stage = Stage::open(Streams { pace: Duration::from_millis(40), ..quick() });
    for query in [TEAM, "subscription { team { cursor seats me } }"] {
        stage.set(0);
        let watcher = stage.watch("ann", query);
        watcher.next().await;
        let (started, mut frames, mut n) = (tokio::time::Instant::now(), 0, 0);
        // It changes all the time, for five of its paces.
        while started.elapsed() < Duration::from_millis(200) {
            n += 1;
            stage.set(n);
            tokio::task::yield_now().await;
        }
        while watcher.next().await["seats"] != n {
            frames += 1;
        }
        assert!(frames <= started.elapsed().as_millis() / 40 + 1, "{frames} frames in {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_state_waits_once_for_who_does_not_read_and_a_feed_closes() {
    let stage = Stage::open(quick());
    let (state, facts) = (stage.watch("ann", TEAM), stage.watch("ann", "subscription { facts { cursor fact } }"));
    let reader = stage.watch("bob", TEAM);
    state.next().await;
    facts.next().await;
    for n in 1..=100 {
        stage.set(n);
        while reader.next().await["seats"] != n {}
    }
    assert_eq!(state.next().await["seats"], 100);
    assert_eq!(state.outbox.bytes(), 0);

    // The 1 MiB of the socket is full soon.
    let end = soon(async {
        let mut n = 100;
        while !facts.lane.is_over() {
            n += 1_000;
            stage.set(n);
            tokio::task::yield_now().await;
        }
        facts.outbox.next().await
    })
    .await;
    assert!(matches!(end, crate::outbox::Outgoing::Close(close) if close == Close::slow_reader()));
}

/// Callers come at any moment while things change; each sees a growing state that ends with the latest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_resumes_a_state_sees_no_change_twice_and_misses_none() {
    let stage = Stage::open(lasting());
    let query = "subscription($after: String) { team(after: $after) { cursor seats resumed } }";
    let _first = stage.ask("x", Locale::En, json!({ "query": query }));
    let watchers = (0..60_i64).map(|n| {
        stage.set(n);
        let watcher = stage.ask("x", Locale::En, json!({ "query": query, "variables": { "after": format!("e:{n}") } }));
        let last = tokio::spawn(async move {
            let first = watcher.next().await;
            assert_eq!(first["resumed"], n, "its own answer comes first");
            let mut seen = first["seats"].as_i64().unwrap();
            assert!(seen >= n);
            while seen < 60 {
                let next = watcher.next().await;
                assert_eq!(next["resumed"], Value::Null, "then the shared ones");
                let next = next["seats"].as_i64().unwrap();
                assert!(next > seen, "{next} after {seen}");
                seen = next;
            }
        });
        std::thread::yield_now();
        last
    });
    let watchers: Vec<_> = watchers.collect();
    stage.set(60);
    for watcher in watchers {
        soon(watcher).await.unwrap();
    }
    assert_eq!(stage.0.executions(), 1);
}

/// Callers come at any moment, new or with a cursor; each is told every fact from there on, once and in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_a_feed_is_told_every_fact_once() {
    let stage = Stage::open(lasting());
    let query = "subscription($after: String) { facts(after: $after) { cursor fact } }";
    let told = Arc::new(Mutex::new(0_usize));
    let watchers: Vec<_> = (0..80_i64)
        .map(|n| {
            stage.set(n * 3);
            let after = (n % 2 == 1).then(|| format!("e:{n}"));
            let watcher = stage.ask("x", Locale::En, json!({ "query": query, "variables": { "after": after } }));
            let told = told.clone();
            let watching = tokio::spawn(async move {
                let mut seen = n;
                if after.is_none() {
                    let first = watcher.next().await;
                    assert_eq!(first["fact"], Value::Null);
                    seen = seq(first["cursor"].as_str()).unwrap();
                }
                while seen < 240 {
                    seen += 1;
                    assert_eq!(watcher.next().await["fact"], seen);
                    *told.lock().unwrap() += 1;
                }
            });
            std::thread::yield_now();
            watching
        })
        .collect();
    stage.set(240);
    for watcher in watchers {
        soon(watcher).await.unwrap();
    }
    assert_eq!(stage.0.executions(), 1);
    assert!(*told.lock().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coming_and_going_leaves_nothing_behind() {
    let stage = Stage::open(lasting());
    let stays = stage.watch("ann", TEAM);
    stays.next().await;
    for _ in 0..200 {
        let watchers: Vec<Watcher> = (0..50).map(|_| stage.watch("bob", TEAM)).collect();
        watchers.into_iter().for_each(Watcher::leave);
    }
    stage.set(1);
    while stays.next().await["seats"] != 1 {}
    soon(async {
        while stage.0.alive() > 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!((stage.runs(), stage.0.executions()), (1, 1));
    stays.leave();
    stage.0.drain();
    stage.rests().await;
}

/// A selection of a team, spelt in one of many ways.
fn selections() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["cursor", "seats", "me", "forgotten", "__typename"]).prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 4, |inner| {
        let inner = prop::collection::vec((inner, 0..4_u8), 1..4).prop_map(|all| {
            all.into_iter().enumerate().fold(String::new(), |text, (n, (one, alias))| {
                let aliased = if alias == 0 && !one.starts_with("...") { format!("a{n}_{}: {one}", one.len()) } else { one };
                format!("{text} {aliased}")
            })
        });
        (inner, 0..4_u8).prop_map(|(inner, how)| match how {
            0 => format!("friend {{ {inner} }}"),
            1 => format!("... on Team {{ {inner} }}"),
            2 => format!("... {{ {inner} }}"),
            _ => format!("... @include(if: true) {{ {inner} }}"),
        })
    })
}

/// Every name shown anywhere in the data, by the field that shows it (aliases end in their field's length, so names tell).
fn names(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| names(value, into)),
        Value::String(text) if !text.starts_with("e:") && text != "Team" => into.push(text.clone()),
        _ => {}
    }
}

fn shown_to(viewers: &[&str], root: &str, selection: &str, edit: impl FnOnce(String) -> String) -> Vec<(String, Vec<String>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = Stage::of(quick(), edit);
        // The same once more through fragments that name each other, and behind a variable.
        let query = format!(
            "subscription($yes: Boolean = true) {{ {root} {{ seats ...F @include(if: $yes) }} }} \
             fragment F on Team {{ cursor ...G }} fragment G on Team {{ {selection} }}"
        );
        let watchers: Vec<_> = viewers.iter().map(|viewer| (viewer, stage.watch(viewer, &query))).collect();
        let mut shown = Vec::new();
        for round in 0..2 {
            for (viewer, watcher) in &watchers {
                let frame = watcher.frame().await;
                if frame.says == Says::Next {
                    let mut found = Vec::new();
                    names(&serde_json::from_str::<Value>(&frame.body).unwrap()["data"], &mut found);
                    shown.push(((**viewer).to_owned(), found));
                } else {
                    // Two fields under one key: the document is invalid.
                    return shown;
                }
            }
            stage.set(round + 1);
        }
        shown
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nobody_ever_sees_another(selection in selections(), root in prop::sample::select(vec!["team", "mine", "guarded", "ends"])) {
        let own = root == "mine" || selection.replace("__typename", "").contains("me");
        for (viewer, names) in shown_to(&["ann", "bob/staff", "cem", "dan/staff"], root, &selection, |sdl| sdl) {
            for name in names {
                if own || root == "guarded" {
                    prop_assert_eq!(&name, &viewer);
                } else {
                    prop_assert_eq!(&name, "nobody");
                }
            }
        }
    }

    #[test]
    fn a_field_nobody_marked_shows_nobody(selection in selections(), root in prop::sample::select(vec!["team", "mine", "ends"])) {
        for (_, names) in shown_to(&["ann", "bob"], root, &selection, |sdl| sdl.replace("@personal", "@unknown")) {
            prop_assert!(names.iter().all(|name| name == "nobody"), "{names:?}");
        }
    }
}
