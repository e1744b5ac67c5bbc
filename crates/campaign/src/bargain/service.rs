//! What happens to records: one function per command, each one transaction — lock, decide, store, tell, commit.
//!
//! Everything a decision needs from elsewhere (the campaign, whether somebody bought before, the seed) is asked before the
//! transaction begins, so that no transaction waits for anything but its own rows.

use entity::campaign::{bargain_cut as cut_table, bargain_record as record};
use kernel::{BargainId, BargainRecordId, CustomerId, Failure, Fault, Money, OrderId, QuoteId, SkuId};
use platform::{IdempotencyKey, Op};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, SqlErr, sea_query::ExprTrait};
use serde::Serialize;
use trade::{
    order::{
        rules::{Origin, ShippingAddress},
        service::{PlaceOrder, Prepared},
    },
    quote::PlayRef,
};

use super::{
    KIND,
    error::PlayRefused,
    fate::{Fate, Seed},
    query,
    rules::{
        campaign::Phase,
        fair::{Draw, is_salt},
        record::{self as rules, Change, Drawn, Record},
        terms::FirstCut,
    },
    store::{self, Begun, Locked},
};

/// How many records one run of the sweep ends.
const BATCH: u64 = 200;

/// A bargain to begin.
#[derive(Clone, Debug, Serialize)]
pub struct StartBargain {
    /// In which campaign.
    pub bargain: BargainId,
    /// Of which SKU.
    pub sku: SkuId,
    /// One effect per key.
    pub idempotency_key: String,
}

/// A cut to make.
#[derive(Clone, Debug)]
pub struct HelpBargain {
    /// Of which record.
    pub record: BargainRecordId,
    /// The helper's own word, mixed into what they draw.
    pub salt: String,
}

/// A record to buy.
#[derive(Clone, Debug, Serialize)]
pub struct BuyBargain {
    /// Which one.
    pub record: BargainRecordId,
    /// The price that was promised.
    pub quote: QuoteId,
    /// What the shopper expects to pay.
    pub expected_total: Money,
    /// Where it goes.
    pub address: ShippingAddress,
    /// Whether they confirm which of the goods cannot be given back without a reason.
    pub confirms_exceptions: bool,
    /// One effect per key.
    pub idempotency_key: String,
}

/// A cut made, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helped {
    /// Of which record.
    pub record: BargainRecordId,
    /// Whose cut.
    pub helper: CustomerId,
    /// Whether it was made before: one helper cuts a record once.
    pub again: bool,
}

/// Begins a bargain: its plan is made of a new seed, whose hash is shown from now on.
pub async fn start(op: &Op, wanted: StartBargain) -> Result<BargainRecordId, Failure<PlayRefused>> {
    let owner = op.customer()?;
    let key = IdempotencyKey::new(op, "bargain_start", &wanted.idempotency_key, &wanted).map_err(Failure::widen)?;
    let on_sale = catalog::product::service::skus(op, &[wanted.sku]).await?.remove(&wanted.sku).is_some_and(|sku| sku.on_sale);
    let mut tx = op.begin().await?;
    if let Some(record) = tx.claim(&key).await.map_err(Failure::widen)? {
        return Ok(record);
    }
    let campaign = store::campaign(&*tx, wanted.bargain).await?.ok_or(PlayRefused::NotFound("bargainId"))?;
    match campaign.phase(op.now()) {
        Phase::Running => {}
        Phase::Draft => return Err(PlayRefused::NotFound("bargainId").into()),
        Phase::Scheduled | Phase::Paused | Phase::Ended => return Err(PlayRefused::NotRunning.into()),
    }
    let terms = campaign.terms.for_sku(wanted.sku).filter(|_| on_sale).ok_or(PlayRefused::SkuNotOffered)?;
    if let Some(most) = campaign.terms.most_per_customer
        && store::begun(&tx, wanted.bargain, owner).await? >= u64::from(most)
    {
        return Err(PlayRefused::CustomerLimit(most).into());
    }
    let (record, seed) = (rules::start(op.new_id(), owner, terms, op.now()), Seed::new(op));
    let (id, deal, first_cut) = (record.id, record.deal(), record.terms.first_cut);
    let begun =
        Begun { bargain: wanted.bargain, product: campaign.row.product, record, seed_hash: seed.hash(), sealed_seed: seed.seal(op, id)? };
    let locked = Locked::new(&mut tx, op, begun).await.map_err(one_at_a_time)?;
    if first_cut == FirstCut::Owner {
        let by = Draw { no: 1, helper: owner, salt: "", draws: 1 };
        let share = Fate::new(seed, deal).draw(&Default::default(), by).ok_or_else(|| Fault::internal("a plan without shares"))?;
        let drawn = Drawn { helper: owner, share, draws: 1, salt: String::new() };
        let changes = rules::first_cut(&locked.record, drawn, op.now());
        locked.go(&mut tx, op, &changes).await?;
    }
    tx.remember(&key, &id).await?;
    tx.commit().await?;
    Ok(id)
}

/// Two requests of one customer at once: the table lets one of them begin.
fn one_at_a_time(fault: Fault) -> Failure<PlayRefused> {
    match &fault {
        Fault::Database(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) if what.contains("running") => PlayRefused::AlreadyBargaining.into(),
            _ => fault.into(),
        },
        _ => fault.into(),
    }
}

/// Cuts the price, once per helper: helping again answers the cut that was made. The record is locked, so cuts follow one
/// another and each is told what it took, to the cent.
pub async fn help(op: &Op, wanted: HelpBargain) -> Result<Helped, Failure<PlayRefused>> {
    let helper = op.customer()?;
    if !is_salt(&wanted.salt) {
        return Err(PlayRefused::Salt.into());
    }
    let row = query::record(op, wanted.record).await?.ok_or(PlayRefused::NotFound("recordId"))?;
    let (seed, before) = (Seed::of(op, &row)?, store::aggregate(&row)?);
    let fate = Fate::new(seed, before.deal());
    let draws = draws(op, &before, helper).await?;
    let paused = query::campaign(op, row.bargain).await?.is_none_or(|campaign| campaign.phase(op.now()) == Phase::Paused);
    let mut tx = op.begin().await?;
    let locked = Locked::of(&tx, row.id).await?.ok_or(PlayRefused::NotFound("recordId"))?;
    let made = store::cuts_made(&tx, row.id).await?;
    let helped = Helped { record: row.id, helper, again: made.iter().any(|(known, _)| *known == helper) };
    if helped.again && helper != row.owner {
        return Ok(helped);
    }
    rules::may_cut(&locked.record, helper, op.now())?;
    if paused {
        return Err(PlayRefused::NotRunning.into());
    }
    let by = Draw { no: locked.record.cuts_made + 1, helper, salt: &wanted.salt, draws };
    let share = fate.draw(&store::shares(&made), by).ok_or_else(|| Fault::corrupt(format!("{} has no share left", row.id)))?;
    let changes = rules::cut(&locked.record, Drawn { helper, share, draws, salt: wanted.salt }, op.now())?;
    if let Some(most) = locked.record.terms.helper_daily_limit
        && !store::count_today(&tx, op, (row.bargain, helper, most)).await?
    {
        return Err(PlayRefused::DailyLimit(most).into());
    }
    locked.go(&mut tx, op, &changes).await?;
    tx.commit().await?;
    Ok(helped)
}

/// How many shares a helper draws.
async fn draws(op: &Op, record: &Record, helper: CustomerId) -> Result<u32, Fault> {
    let more = record.terms.new_customer_draws;
    Ok(if more > 1 && !trade::order::service::has_paid_order(op, helper).await? { more } else { 1 })
}

/// Buys a record at its price: places the order and marks the record in the same transaction.
pub async fn buy(op: &Op, wanted: BuyBargain) -> Result<OrderId, Failure<PlayRefused>> {
    let owner = op.customer()?;
    let key = IdempotencyKey::new(op, "bargain_buy", &wanted.idempotency_key, &wanted).map_err(Failure::widen)?;
    let place = PlaceOrder {
        confirms_exceptions: wanted.confirms_exceptions,
        ..PlaceOrder::new(wanted.quote, wanted.expected_total, wanted.address.clone())
    };
    // What is refused is refused behind the key: the same purchase asked again answers its order.
    let order = match trade::order::service::prepare(op, place).await {
        Err(Failure::Fault(fault)) => return Err(fault.into()),
        answer => answer,
    };
    let mut tx = op.begin().await?;
    if let Some(order) = tx.claim(&key).await.map_err(Failure::widen)? {
        return Ok(order);
    }
    let locked = Locked::of(&tx, wanted.record).await?.filter(|locked| locked.record.owner == owner);
    let locked = locked.ok_or(PlayRefused::NotFound("recordId"))?;
    let price = rules::may_buy(&locked.record, op.now())?;
    let order = order.map_err(Failure::widen)?;
    if !is_for(&order, &locked.record, price) {
        return Err(PlayRefused::QuoteMismatch.into());
    }
    let changes = rules::buy(&locked.record, order.order(), op.now())?;
    let origin = Origin { kind: KIND.to_owned(), id: wanted.record.to_string() };
    locked.go(&mut tx, op, &changes).await?;
    let placed = trade::order::service::place(&mut tx, op, order.with_origin(origin)).await.map_err(Failure::widen)?;
    tx.remember(&key, &placed.id).await?;
    tx.commit().await?;
    Ok(placed.id)
}

/// The quote was made for this record, and its price is what the record costs: a cut between the two asks for a new quote.
fn is_for(order: &Prepared, record: &Record, price: Money) -> bool {
    let made_for = |play: &PlayRef| play.kind == KIND && play.id == record.id.to_string();
    let [line] = order.quote().lines.as_slice() else { return false };
    order.quote().play.as_ref().is_some_and(made_for)
        && line.sku == record.terms.prices.sku
        && line.quantity == 1
        && line.unit_price == price
}

/// An order was paid: its record is bought.
pub async fn paid(op: &Op, order: OrderId) -> Result<(), Fault> {
    match of_order(op, order).await? {
        Some(record) => change(op, record, |record| rules::paid(record, order)).await,
        None => Ok(()),
    }
}

/// An order was cancelled unpaid: its record can be used again until its deadline.
pub async fn cancelled(op: &Op, order: OrderId) -> Result<(), Fault> {
    match of_order(op, order).await? {
        Some(record) => change(op, record, |record| rules::cancelled(record, order, op.now())).await,
        None => Ok(()),
    }
}

async fn of_order(op: &Op, order: OrderId) -> Result<Option<BargainRecordId>, Fault> {
    let of = record::Entity::find().select_only().column(record::Column::Id).filter(record::Column::OrderId.eq(order));
    Ok(of.into_tuple().one(op.reader()).await?)
}

/// Ends the records whose deadline has come.
pub async fn expire_records(op: &Op) -> Result<(), Fault> {
    let now = op.now();
    let late = record::Column::State.eq(record::RecordState::Running).and(record::Column::Deadline.lte(now));
    let unpaid = record::Column::State.eq(record::RecordState::FloorReached).and(record::Column::PayBy.lte(now));
    let due = record::Entity::find().select_only().column(record::Column::Id).filter(Condition::any().add(late).add(unpaid));
    let due: Vec<BargainRecordId> = due.limit(BATCH).into_tuple().all(op.reader()).await?;
    let mut first = None;
    for id in due {
        // Every record gets its turn, even behind one that fails; the first fault is told in the end.
        if let Err(fault) = change(op, id, |record| rules::expire(record, op.now())).await {
            tracing::error!(record = %id, %fault, "a bargain cannot go on; the others do");
            first.get_or_insert(fault);
        }
    }
    first.map_or(Ok(()), Err)
}

/// One record, one transaction: lock, decide, store, tell.
async fn change(op: &Op, id: BargainRecordId, decide: impl FnOnce(&Record) -> Vec<Change>) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some(locked) = Locked::of(&tx, id).await? else { return Ok(()) };
    let changes = decide(&locked.record);
    if changes.is_empty() {
        return Ok(());
    }
    locked.go(&mut tx, op, &changes).await?;
    tx.commit().await
}

/// The cut a helper made of a record.
pub async fn cut_of(op: &Op, helped: &Helped) -> Result<Option<cut_table::Model>, Fault> {
    let theirs = cut_table::Column::Record.eq(helped.record).and(cut_table::Column::Helper.eq(helped.helper));
    Ok(cut_table::Entity::find().filter(theirs).one(op.reader()).await?)
}
