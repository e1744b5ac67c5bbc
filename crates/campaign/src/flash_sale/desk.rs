//! The desk: one line per sale and node, served in batches.
//!
//! ```text
//!  buy ─▶ admission ─▶ line ─▶ the server takes all that stand there (at most a batch) ─▶ one transaction ─▶ answers
//!                                    ▲                                                          │
//!                                    └────────── while it commits, the next ones arrive ◀───────┘
//! ```
//!
//! The server is a task that exists while somebody stands in line. It knows no timer: the batch is what arrived while the last
//! commit ran. Where other transactions can run meanwhile, a second one helps when a whole batch waits and there is plenty:
//! each writes the orders of its batch before it locks the sale, and hardly anything behind the lock. Should somebody of the
//! batch get nothing after all, nothing of it happened, and the batch is served again, decided before it is written.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use dashmap::DashMap;
use entity::campaign::{flash_sale as table, flash_sale_purchase as purchases};
use kernel::{CustomerId, Failure, Fault, FlashSaleId, FlashSalePassId, SkuId, Timestamp, minutes};
use platform::{Op, Platform, Tx, rows};
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait};
use tokio::sync::{oneshot, watch};
use trade::order::placing::{self, Goods, Placing, Written};

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

/// Batches on their way at once, where transactions can be.
const HANDS: usize = 2;

/// The least of a batch that is written before it is decided.
const HOPEFUL: usize = 16;

/// So many batches are decided first after one that was not served whole.
const DOUBT: u32 = 8;

/// There is plenty when so many such batches could be served.
const PLENTY: i64 = 8;

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

/// How many batches of a sale this node has served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Decided before they were written.
    pub decided: u64,
    /// Written first, and served whole.
    pub hoped: u64,
    /// Written first, and undone.
    pub undone: u64,
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

    /// What became of the batches of a sale here.
    pub fn tally(&self, sale: FlashSaleId) -> Tally {
        self.lines.get(&sale).map_or_else(Tally::default, |line| line.known().tally)
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
    /// How many serve.
    hands: usize,
    /// The passes they are serving.
    in_hand: HashSet<FlashSalePassId>,
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
    session: Option<Session>,
    left: HashMap<SkuId, i64>,
    /// So many batches are decided before they are written: hope was disappointed.
    doubt: u32,
    tally: Tally,
    told_no: HashMap<FlashSalePassId, ()>,
}

/// What of a sale does not change while it sells.
#[derive(Clone, Copy)]
struct Session {
    state: sale::State,
    window: Window,
    pay_minutes: i64,
}

impl Session {
    fn of(row: &table::Model) -> Self {
        let window = Window { starts_at: row.starts_at, ends_at: row.ends_at };
        Self { state: row.state.into(), window, pay_minutes: row.pay_minutes }
    }

    fn phase(&self, now: Timestamp) -> Phase {
        sale::phase(self.state, self.window, now)
    }
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
            *known = Known { heard, tally: known.tally, ..Known::default() };
        }
        known
    }

    /// The flood before the start and after the end, without the line: nothing of it could buy.
    async fn answer_at_once(&self, op: &Op, pass: &Pass) -> Result<Option<Answer>, Fault> {
        let (answer, told) = {
            let known = self.known();
            let Some(session) = known.session else { return Ok(None) };
            let answer = match session.phase(op.now()) {
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
        let alone = op.platform.db.backend() == DbBackend::Sqlite;
        let most = limits.batch.unwrap_or(if alone { BATCH_SQLITE } else { BATCH_POSTGRES });
        let second = !alone && most >= HOPEFUL && queue.hands < HANDS && queue.waiting.len().is_multiple_of(most);
        if queue.hands == 0 || second {
            let server = Server { line: Arc::clone(line), op: op.platform.system("flash_sale"), most, alone, left: false };
            queue.hands += 1;
            tokio::spawn(async move { server.serve_all().await });
        }
        Ok((told, before))
    }

    /// The session, if a batch will very likely be served whole.
    fn hope(&self, now: Timestamp, batch: &[Waiting]) -> Option<Session> {
        let known = self.known();
        let session = known.session.filter(|session| session.phase(now) == Phase::Running && known.doubt == 0)?;
        let mut wanted: HashMap<SkuId, i64> = HashMap::new();
        for waiting in batch {
            *wanted.entry(waiting.pass.sku).or_default() += waiting.pass.quantity;
        }
        let plenty = wanted.iter().all(|(sku, wanted)| known.left.get(sku).is_some_and(|left| *left >= wanted * PLENTY));
        (batch.len() >= HOPEFUL && plenty).then_some(session)
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

impl Queue {
    /// The next who can be served, each pass once: what is shown again waits until the first answer is known.
    fn next(&mut self, most: usize) -> Vec<Waiting> {
        let (mut batch, mut again) = (Vec::with_capacity(most), VecDeque::new());
        while batch.len() < most
            && let Some(waiting) = self.waiting.pop_front()
        {
            if self.in_hand.insert(waiting.pass.id) {
                batch.push(waiting);
            } else {
                again.push_back(waiting);
            }
        }
        while let Some(waiting) = again.pop_back() {
            self.waiting.push_front(waiting);
        }
        batch
    }
}

/// What a batch left behind.
struct Settled {
    answers: Vec<Answer>,
    session: Session,
    left: Vec<(SkuId, i64)>,
}

/// Serves a line until nobody stands there. Whatever happens to it, the next one who comes begins anew.
struct Server {
    line: Arc<Line>,
    op: Op,
    /// Of one batch.
    most: usize,
    /// Nothing can be written while somebody else writes.
    alone: bool,
    /// It has told the line that it leaves.
    left: bool,
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.left {
            return;
        }
        let mut queue = self.line.queue();
        queue.hands -= 1;
        if std::thread::panicking() {
            // Who waits is told nothing came of it; showing the pass again is safe.
            queue.waiting.clear();
            queue.places.clear();
            queue.of_customer.clear();
            queue.in_hand.clear();
        }
    }
}

impl Server {
    async fn serve_all(mut self) {
        while let Some(batch) = self.next() {
            metrics::histogram!("flash_sale_batch").record(batch.len() as f64);
            self.serve_batch(batch).await;
        }
    }

    /// The next batch. Nobody left, or no use for a second hand: it leaves, in the same moment.
    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut queue = self.line.queue();
        let helps = queue.hands > 1;
        let mut batch = if helps && queue.waiting.len() < self.most { Vec::new() } else { queue.next(self.most) };
        if helps && !batch.is_empty() && self.line.hope(self.op.now(), &batch).is_none() {
            for waiting in batch.drain(..).rev() {
                queue.in_hand.remove(&waiting.pass.id);
                queue.waiting.push_front(waiting);
            }
        }
        if batch.is_empty() {
            queue.hands -= 1;
            drop(queue);
            self.left = true;
            return None;
        }
        Some(batch)
    }

    /// Serves a batch; when that fails, its halves.
    async fn serve_batch(&self, batch: Vec<Waiting>) {
        let (mut left, mut failures) = (vec![batch], 0);
        while let Some(mut batch) = left.pop() {
            let began = Instant::now();
            let heard = *self.line.news.borrow();
            match self.settle(&batch).await {
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

    async fn settle(&self, batch: &[Waiting]) -> Result<Settled, Fault> {
        let began = Instant::now();
        let hope = self.line.hope(self.op.now(), batch).filter(|_| !self.alone);
        if let Some(session) = hope {
            match hoped(&self.op, self.line.sale, (batch, session)).await {
                Ok(Some(settled)) => {
                    self.line.known().tally.hoped += 1;
                    return Ok(settled);
                }
                Err(fault) if began.elapsed() >= DOWN_AFTER => return Err(fault),
                other => tracing::debug!(sale = %self.line.sale, fault = ?other.err(), "a batch is not served whole"),
            }
            metrics::counter!("flash_sale_batches_undone_total").increment(1);
            self.line.known().tally.undone += 1;
        }
        let settled = decided(&self.op, self.line.sale, batch).await?;
        let mut known = self.line.known();
        known.tally.decided += 1;
        known.doubt = if hope.is_some() { DOUBT } else { known.doubt.saturating_sub(1) };
        Ok(settled)
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
                queue.in_hand.remove(&pass);
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
async fn decided(op: &Op, id: FlashSaleId, batch: &[Waiting]) -> Result<Settled, Fault> {
    let asks: Vec<Ask> = batch.iter().map(|waiting| waiting.pass.ask()).collect();
    let mut tx = op.begin().await?;
    let row = store::lock(&tx, id).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?;
    let counter = store::counter(&tx, (&row, &asks), op.now()).await?;
    let before = counter.available.clone();
    let served = counter.serve(&asks);
    let left = before.into_iter().map(|(sku, left)| (sku, left - served.taken.get(&sku).copied().unwrap_or_default())).collect();
    let session = Session::of(&row);
    let settled = Settled { answers: served.answers, session, left };
    if served.fresh.is_empty() {
        return Ok(settled);
    }
    let fresh: Vec<&Waiting> = served.fresh.iter().filter_map(|place| batch.get(*place)).collect();
    store::take(&tx, id, &served.taken).await?;
    store::count(&tx, &row, &served.given).await?;
    let written = write(&mut tx, op, (fresh, session)).await?;
    sell(tx, op, (id, written, served.taken)).await?;
    Ok(settled)
}

/// One batch, one transaction: store, lock, take, tell, commit. Somebody gets nothing, or a pass was shown before: a
/// constraint says so, or it answers `None`, and nothing happened.
async fn hoped(op: &Op, id: FlashSaleId, (batch, session): (&[Waiting], Session)) -> Result<Option<Settled>, Fault> {
    let (mut taken, mut given) = (BTreeMap::new(), BTreeMap::new());
    for Ask { sku, customer, quantity, .. } in batch.iter().map(|waiting| waiting.pass.ask()) {
        *taken.entry(sku).or_default() += quantity;
        *given.entry(customer).or_default() += quantity;
    }
    let mut tx = op.begin().await?;
    let written = write(&mut tx, op, (batch.iter().collect(), session)).await?;
    tx.write_events().await?;
    let row = store::lock(&tx, id).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?;
    let session = Session::of(&row);
    if session.phase(op.now()) != Phase::Running {
        return Ok(None);
    }
    let left = store::take(&tx, id, &taken).await?;
    if left.len() < taken.len() {
        return Ok(None);
    }
    store::count(&tx, &row, &given).await?;
    sell(tx, op, (id, written, taken)).await?;
    Ok(Some(Settled { answers: vec![Answer::Accepted; batch.len()], session, left }))
}

/// Writes the purchases and orders of a batch, always in the same order: no two batches wait for each other in a circle.
async fn write(tx: &mut Tx, op: &Op, (mut batch, session): (Vec<&Waiting>, Session)) -> Result<Written, Fault> {
    batch.sort_by_key(|waiting| waiting.pass.order);
    rows::insert(&**tx, batch.iter().map(|waiting| purchase(&waiting.pass, op.now()))).await?;
    let Some(sale) = batch.first().map(|waiting| waiting.pass.flash_sale) else { return Err(Fault::internal("nobody is served")) };
    let pay_by = op.now() + minutes(u64::try_from(session.pay_minutes).unwrap_or(1));
    let wanted =
        batch.into_iter().map(|waiting| Placing { prepared: waiting.pass.prepared.clone(), by: waiting.by.clone(), pay_by }).collect();
    placing::write(tx, op, (wanted, Goods::Allotment(store::allotment(sale)))).await.map_err(unprepared)
}

/// The goods change hands, and everybody may know.
async fn sell(mut tx: Tx, op: &Op, (id, written, taken): (FlashSaleId, Written, BTreeMap<SkuId, i64>)) -> Result<(), Fault> {
    let orders = placing::take_goods(&mut tx, op, written).await.map_err(unprepared)?;
    let orders = i64::try_from(orders.len()).unwrap_or(i64::MAX);
    tx.emit(&Bought { flash_sale: id, orders, taken: taken.into_iter().collect() });
    tx.commit().await
}

fn unprepared(failure: Failure<trade::order::Refused>) -> Fault {
    match failure {
        Failure::Refused(refused) => Fault::internal(format!("a prepared order was refused: {refused}")),
        Failure::Fault(fault) => fault,
    }
}

fn purchase(pass: &Pass, now: Timestamp) -> purchases::ActiveModel {
    purchases::ActiveModel {
        pass: Set(pass.id),
        flash_sale: Set(pass.flash_sale),
        sku: Set(pass.sku),
        customer: Set(pass.customer),
        order_id: Set(pass.order),
        quantity: Set(pass.quantity),
        state: Set(purchases::FlashSalePurchaseState::Reserved),
        created_at: Set(now),
        settled_at: Set(None),
    }
}
