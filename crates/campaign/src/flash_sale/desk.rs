//! The desk: one line per sale and node, served in batches.
//!
//! ```text
//!  buy ─▶ admission ─▶ line ─▶ the server takes all that stand there (at most a batch) ─▶ one transaction ─▶ answers
//!                                    ▲                                                          │
//!                                    └────────── while it commits, the next ones arrive ◀───────┘
//! ```
//!
//! The server is a task that exists while somebody stands in line. It knows no timer: the batch is what arrived while the last
//! commit ran.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use dashmap::DashMap;
use entity::campaign::{flash_sale as table, flash_sale_purchase as purchases};
use kernel::{CustomerId, Failure, Fault, FlashSaleId, FlashSalePassId, SkuId, Timestamp, minutes};
use platform::{Op, Platform};
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait};
use tokio::sync::{oneshot, watch};
use trade::order::placing::{self, Goods, Placing};

use super::{
    admission::Limits,
    error::BuyRefused,
    events::{Bought, restock_topic},
    passes::{self, Pass},
    rules::{
        counter::{Answer, Ask},
        sale::{self, Phase, Window},
    },
    store,
};

/// The most of one batch: more make a commit slower than they save.
const BATCH_POSTGRES: usize = 64;

/// The most of one batch where a commit waits for no network.
const BATCH_SQLITE: usize = 256;

/// Passes kept at hand on this node.
const PASSES: u64 = 20_000;

/// Passes that were told "no" and need not be looked up again.
const TOLD: usize = 100_000;

/// A failure that took so long is the database's: there is no use in trying the halves.
const DOWN_AFTER: Duration = Duration::from_secs(5);

/// So many failures in a row are not one bad request.
const DOWN_AFTER_FAILURES: u32 = 10;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was served.
    Answered(Answer),
    /// It stands in line, so many before it. The answer will be told there ([`super::query::watch_line`]).
    Queued(u64),
}

/// Where a pass stands in the line of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// So many are before it.
    Waiting(u64),
    /// It was answered.
    Answered(Answer),
    /// It is not known here: show it (again), it is safe.
    Unknown,
}

/// The lines of this node.
pub struct Desk {
    limits: Limits,
    lines: DashMap<FlashSaleId, Arc<Line>>,
    passes: moka::future::Cache<FlashSalePassId, Arc<Pass>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Desk {
    /// A desk that lets in so much.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            lines: DashMap::new(),
            passes: moka::future::Cache::builder().max_capacity(PASSES).time_to_idle(minutes(30)).build(),
        }
    }

    /// Shows a pass: its goods are taken, or why not. Answered when it is durable. Whoever does not wait for the answer has
    /// bought all the same.
    pub async fn buy(&self, op: &Op, id: FlashSalePassId) -> Result<(Arc<Pass>, Outcome), Failure<BuyRefused>> {
        let pass = self.pass(op, id).await?.filter(|pass| op.actor.customer() == Some(pass.customer)).ok_or(BuyRefused::NotFound)?;
        self.limits.often((&op.platform.limiter, op), &pass).await?;
        let outcome = self.serve(op, &pass).await?;
        Ok((pass, outcome))
    }

    /// The same without the rate of one customer.
    pub async fn serve(&self, op: &Op, pass: &Arc<Pass>) -> Result<Outcome, Failure<BuyRefused>> {
        let line = self.line(&op.platform, pass.flash_sale);
        if let Some(answer) = line.answer_at_once(op, pass).await? {
            return Ok(Outcome::Answered(answer));
        }
        let (answer, before) = Line::join(&line, op, (pass, self.limits))?;
        if before >= self.limits.told_from as u64 {
            return Ok(Outcome::Queued(before));
        }
        let told = answer.await.map_err(|_| Fault::internal("the line was left without an answer"))?;
        Ok(Outcome::Answered(told?))
    }

    /// A pass, from memory if it is there.
    pub async fn pass(&self, op: &Op, id: FlashSalePassId) -> Result<Option<Arc<Pass>>, Fault> {
        if let Some(known) = self.passes.get(&id).await {
            return Ok(Some(known));
        }
        let Some(found) = passes::find(op, id).await?.map(Arc::new) else { return Ok(None) };
        self.keep(Arc::clone(&found)).await;
        Ok(Some(found))
    }

    /// Keeps a pass at hand.
    pub async fn keep(&self, pass: Arc<Pass>) {
        self.passes.insert(pass.id, pass).await;
    }

    /// Where a pass stands in the line of this node.
    pub fn place(&self, pass: &Pass) -> Place {
        self.lines.get(&pass.flash_sale).map_or(Place::Unknown, |line| line.place(pass.id))
    }

    /// Wakes whenever the line of a sale moved on.
    pub(super) fn moves(&self, op: &Op, sale: FlashSaleId) -> watch::Receiver<u64> {
        self.line(&op.platform, sale).moved.subscribe()
    }

    fn line(&self, platform: &Platform, sale: FlashSaleId) -> Arc<Line> {
        let line = self.lines.entry(sale).or_insert_with(|| Arc::new(Line::new(sale, platform.bus.watch(&restock_topic(sale)))));
        Arc::clone(&line)
    }
}

type Told = Result<Answer, Fault>;

/// One request in line.
struct Waiting {
    pass: Arc<Pass>,
    by: String,
    answer: oneshot::Sender<Told>,
}

/// The line of one sale on this node.
struct Line {
    sale: FlashSaleId,
    queue: Mutex<Queue>,
    moved: watch::Sender<u64>,
    /// Grows when "sold out", "paused" or "not begun" may be true no longer.
    news: watch::Receiver<i64>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    serving: bool,
    joined: u64,
    served: u64,
    of_customer: HashMap<CustomerId, usize>,
    places: HashMap<FlashSalePassId, u64>,
    /// The latest answers, for who did not wait: the older half is forgotten when they are many.
    answered: HashMap<FlashSalePassId, Answer>,
}

/// What the last batch learnt, as long as there is no news.
#[derive(Default)]
struct Known {
    heard: i64,
    session: Option<(sale::State, Window)>,
    left: HashMap<SkuId, i64>,
    told_no: HashMap<FlashSalePassId, ()>,
}

impl Line {
    fn new(sale: FlashSaleId, news: watch::Receiver<i64>) -> Self {
        Self { sale, queue: Mutex::default(), moved: watch::Sender::new(0), news, known: Mutex::default() }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, if nothing was heard since.
    fn known(&self) -> MutexGuard<'_, Known> {
        let heard = *self.news.borrow();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.heard != heard {
            *known = Known { heard, ..Known::default() };
        }
        known
    }

    /// The flood before the start and after the end, without the line: nothing of it could buy.
    async fn answer_at_once(&self, op: &Op, pass: &Pass) -> Result<Option<Answer>, Fault> {
        let (answer, told) = {
            let known = self.known();
            let Some((state, window)) = known.session else { return Ok(None) };
            let answer = match sale::phase(state, window, op.now()) {
                Phase::Upcoming => return Ok(Some(Answer::NotStarted)),
                Phase::Paused => return Ok(None),
                Phase::Ended => Answer::Ended,
                Phase::Running => match known.left.get(&pass.sku) {
                    Some(0) => Answer::SoldOut { left: 0 },
                    _ => return Ok(None),
                },
            };
            (answer, known.told_no.contains_key(&pass.id))
        };
        if told {
            return Ok(Some(answer));
        }
        // A pass that got its goods is told so for ever, wherever it was served.
        if purchases::Entity::find_by_id(pass.id).one(op.reader()).await?.is_some() {
            return Ok(Some(Answer::Accepted));
        }
        if self.queue().places.contains_key(&pass.id) {
            return Ok(None);
        }
        let mut known = self.known();
        if known.session.is_none() {
            return Ok(None);
        }
        if known.told_no.len() >= TOLD {
            known.told_no.clear();
        }
        known.told_no.insert(pass.id, ());
        Ok(Some(answer))
    }

    /// Stands in line; tells how many are before.
    fn join(line: &Arc<Self>, op: &Op, (pass, limits): (&Arc<Pass>, Limits)) -> Result<(oneshot::Receiver<Told>, u64), BuyRefused> {
        let (answer, told) = oneshot::channel();
        let mut queue = line.queue();
        if queue.waiting.len() >= limits.line {
            return Err(Limits::full(op.now()));
        }
        let mine = queue.of_customer.entry(pass.customer).or_default();
        if *mine >= limits.of_customer {
            return Err(BuyRefused::InLine(i64::try_from(limits.of_customer).unwrap_or(i64::MAX)));
        }
        *mine += 1;
        let before = queue.waiting.len() as u64;
        queue.joined += 1;
        let place = queue.joined;
        queue.places.entry(pass.id).or_insert(place);
        queue.waiting.push_back(Waiting { pass: Arc::clone(pass), by: op.actor.to_string(), answer });
        if !queue.serving {
            queue.serving = true;
            let usual = if op.platform.db.backend() == DbBackend::Sqlite { BATCH_SQLITE } else { BATCH_POSTGRES };
            let server = Server { line: Arc::clone(line), op: op.platform.system("flash_sale"), most: limits.batch.unwrap_or(usual) };
            tokio::spawn(async move { server.serve_all().await });
        }
        Ok((told, before))
    }

    fn place(&self, pass: FlashSalePassId) -> Place {
        let queue = self.queue();
        match (queue.places.get(&pass), queue.answered.get(&pass)) {
            (Some(place), _) => Place::Waiting(place.saturating_sub(queue.served + 1)),
            (None, Some(answer)) => Place::Answered(*answer),
            (None, None) => Place::Unknown,
        }
    }
}

/// What a batch left behind.
struct Settled {
    answers: Vec<Answer>,
    session: (sale::State, Window),
    left: Vec<(SkuId, i64)>,
}

/// Serves a line until nobody stands there. Whatever happens to it, the next one who comes begins anew.
struct Server {
    line: Arc<Line>,
    op: Op,
    /// Of one batch.
    most: usize,
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut queue = self.line.queue();
        queue.serving = false;
        if std::thread::panicking() {
            // Who waits is told nothing came of it; showing the pass again is safe.
            queue.waiting.clear();
            queue.places.clear();
            queue.of_customer.clear();
        }
    }
}

impl Server {
    async fn serve_all(self) {
        loop {
            let batch: Vec<Waiting> = {
                let mut queue = self.line.queue();
                let size = Ord::min(queue.waiting.len(), self.most);
                if size == 0 {
                    queue.serving = false;
                    return;
                }
                queue.waiting.drain(..size).collect()
            };
            metrics::histogram!("flash_sale_batch").record(batch.len() as f64);
            self.serve_batch(batch).await;
        }
    }

    /// Serves a batch; when that fails, its halves.
    async fn serve_batch(&self, batch: Vec<Waiting>) {
        let (mut left, mut failures) = (vec![batch], 0);
        while let Some(mut batch) = left.pop() {
            let began = Instant::now();
            let heard = *self.line.news.borrow();
            match settle(&self.op, self.line.sale, &batch).await {
                Ok(settled) => {
                    failures = 0;
                    self.learn(heard, &settled);
                    self.tell(batch.into_iter().zip(settled.answers.into_iter().map(Ok)));
                }
                Err(fault) => {
                    failures += 1;
                    tracing::warn!(%fault, sale = %self.line.sale, size = batch.len(), "a batch of a flash sale failed");
                    let hopeless = began.elapsed() >= DOWN_AFTER || failures >= DOWN_AFTER_FAILURES;
                    if hopeless || batch.len() == 1 {
                        let mut all: Vec<Waiting> = batch;
                        if hopeless {
                            all.extend(left.drain(..).flatten());
                        }
                        self.tell(all.into_iter().map(|waiting| (waiting, Err(Fault::internal(format!("not served: {fault}"))))));
                    } else {
                        let second = batch.split_off(batch.len() / 2);
                        left.extend([second, batch]);
                    }
                }
            }
        }
    }

    fn learn(&self, heard: i64, settled: &Settled) {
        let mut known = self.line.known();
        // News that came while the batch ran may be newer than what it read.
        if known.heard == heard {
            known.session = Some(settled.session);
            known.left.extend(settled.left.iter().copied());
        }
    }

    fn tell(&self, told: impl Iterator<Item = (Waiting, Told)>) {
        let mut answers = Vec::new();
        {
            let mut queue = self.line.queue();
            for (waiting, told) in told {
                let pass = waiting.pass.id;
                queue.served += 1;
                queue.places.remove(&pass);
                let customer = waiting.pass.customer;
                let in_line = queue.of_customer.get(&customer).copied().unwrap_or_default();
                if in_line <= 1 {
                    queue.of_customer.remove(&customer);
                } else {
                    queue.of_customer.insert(customer, in_line - 1);
                }
                if let Ok(answer) = &told {
                    if queue.answered.len() >= TOLD {
                        queue.answered.clear();
                    }
                    queue.answered.insert(pass, *answer);
                }
                answers.push((waiting.answer, told));
            }
        }
        for (to, told) in answers {
            // Who does not wait any more has bought all the same.
            let _ = to.send(told);
        }
        self.line.moved.send_modify(|moves| *moves += 1);
    }
}

/// One batch, one transaction: lock, decide, store, tell, commit.
async fn settle(op: &Op, id: FlashSaleId, batch: &[Waiting]) -> Result<Settled, Fault> {
    let asks: Vec<Ask> = batch.iter().map(|waiting| waiting.pass.ask()).collect();
    let mut tx = op.begin().await?;
    let row = store::lock(&tx, id).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?;
    let now = op.now();
    let counter = store::counter(&tx, (&row, &asks), now).await?;
    let before = counter.available.clone();
    let served = counter.serve(&asks);
    let left = before.into_iter().map(|(sku, left)| (sku, left - served.taken.get(&sku).copied().unwrap_or_default())).collect();
    let session = (row.state.into(), Window { starts_at: row.starts_at, ends_at: row.ends_at });
    if served.fresh.is_empty() {
        return Ok(Settled { answers: served.answers, session, left });
    }
    let pay_by = now + minutes(u64::try_from(row.pay_minutes).unwrap_or(1));
    let fresh = || served.fresh.iter().filter_map(|place| batch.get(*place));
    store::take(&tx, (&row, &served), fresh().map(|waiting| purchase(&row, &waiting.pass, now)).collect()).await?;
    let wanted = fresh().map(|waiting| Placing { prepared: waiting.pass.prepared.clone(), by: waiting.by.clone(), pay_by }).collect();
    match placing::place_all(&mut tx, op, (wanted, Goods::Allotment(store::allotment(id)))).await {
        Ok(_) => {}
        Err(Failure::Refused(refused)) => return Err(Fault::internal(format!("a prepared order was refused: {refused}"))),
        Err(Failure::Fault(fault)) => return Err(fault),
    }
    let orders = i64::try_from(served.fresh.len()).unwrap_or(i64::MAX);
    tx.emit(&Bought { flash_sale: id, orders, taken: served.taken.iter().map(|(sku, taken)| (*sku, *taken)).collect() });
    tx.commit().await?;
    Ok(Settled { answers: served.answers, session, left })
}

fn purchase(row: &table::Model, pass: &Pass, now: Timestamp) -> purchases::ActiveModel {
    purchases::ActiveModel {
        pass: Set(pass.id),
        flash_sale: Set(row.id),
        sku: Set(pass.sku),
        customer: Set(pass.customer),
        order_id: Set(pass.order),
        quantity: Set(pass.quantity),
        state: Set(purchases::FlashSalePurchaseState::Reserved),
        created_at: Set(now),
        settled_at: Set(None),
    }
}
