//! The same purchases over HTTP: the mutation as the mall serves it, beside a handler that answers plain JSON.

use std::{sync::Arc, time::Instant};

use async_graphql::{EmptySubscription, Request, Schema, Variables};
use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use campaign::flash_sale::{
    desk::{Desk, Outcome},
    graphql::shop::{ShopMutation, ShopQuery},
    passes::Pass,
    rules::counter::Answer,
};
use futures_util::future::join_all;
use kernel::{Actor, CustomerId, FlashSalePassId, SessionId};
use platform::{Op, Platform};
use serde_json::{Value, json};

use crate::{mall::Mall, score::Score};

/// How many connections there are.
const CONNECTIONS: usize = 64;

const BUY: &str =
    "mutation($id: ID!) { flashSaleBuy(input: {passId: $id}) { answer order { id status total { amount } } userErrors { code } } }";

/// Over which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A handler that calls the service and answers JSON.
    Json,
    /// The mutation.
    GraphQl,
}

impl Way {
    /// As it is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "HTTP, plain JSON",
            Self::GraphQl => "HTTP, GraphQL",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Json => "/json",
            Self::GraphQl => "/graphql",
        }
    }
}

type Shop = Schema<ShopQuery, ShopMutation, EmptySubscription>;

#[derive(Clone)]
struct Served {
    platform: Arc<Platform>,
    schema: Shop,
}

impl Served {
    /// Signing in is not what is measured: the caller says who they are.
    fn op(&self, headers: &HeaderMap) -> Op {
        let customer = headers.get("customer").and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<CustomerId>().ok());
        let id = customer.expect("somebody asks");
        Op { actor: Actor::Customer { id, session: SessionId(self.platform.uuid()) }, ..self.platform.system("bench") }
    }
}

async fn graphql(State(served): State<Served>, headers: HeaderMap, Json(body): Json<Value>) -> Json<async_graphql::Response> {
    let op = served.op(&headers);
    let request = Request::new(body["query"].as_str().unwrap_or_default()).variables(Variables::from_json(body["variables"].clone()));
    let request = trade::loaders(&op, campaign::loaders(&op, request)).data(op);
    Json(served.schema.execute(request).await)
}

async fn plain(State(served): State<Served>, headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
    let op = served.op(&headers);
    let id: FlashSalePassId = body["variables"]["id"].as_str().and_then(|id| id.parse().ok()).expect("a pass");
    let (pass, outcome) = op.port::<Desk>().expect("is plugged").buy(&op, id).await.expect("is looked at");
    let order = trade::order::service::get(&op, pass.order).await.expect("reads").expect("is there");
    let answer = if outcome == Outcome::Answered(Answer::Accepted) { "ACCEPTED" } else { "NOT" };
    Json(json!({ "answer": answer, "order": { "id": order.id, "status": "PENDING_PAYMENT", "total": { "amount": order.total.minor } } }))
}

/// Shows passes over HTTP until there are none left.
pub async fn show(mall: &Mall, (way, passes): (Way, Vec<Arc<Pass>>)) -> Score {
    let desk = mall.platform.ports.get::<Desk>().expect("is plugged");
    for pass in &passes {
        desk.keep(Arc::clone(pass)).await;
    }
    let schema = Schema::build(ShopQuery, ShopMutation, EmptySubscription).finish();
    let served = Served { platform: Arc::clone(&mall.platform), schema };
    let router = Router::new().route("/graphql", post(graphql)).route("/json", post(plain)).with_state(served);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}{}", listener.local_addr().expect("it has an address"), way.path());
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let (client, waiting) = (reqwest::Client::new(), std::sync::Mutex::new(passes));
    let began = Instant::now();
    let callers = (0..CONNECTIONS).map(async |_| {
        let mut took = Vec::new();
        loop {
            let Some(pass) = waiting.lock().expect("nobody panicked").pop() else { return took };
            let one = Instant::now();
            let body = json!({ "query": BUY, "variables": { "id": pass.id } });
            let answer = client.post(&url).header("customer", pass.customer.to_string()).json(&body).send().await.expect("answers");
            let text = answer.text().await.expect("answers");
            assert!(text.contains("ACCEPTED"), "{text}");
            took.push(one.elapsed());
        }
    });
    let each = join_all(callers).await.into_iter().flatten().collect();
    let score = Score::of(began.elapsed(), each);
    server.abort();
    score
}
