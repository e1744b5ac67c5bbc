//! Parcels leave the house, and what their carriers tell.

use std::{collections::HashMap, sync::Arc};

use entity::trade::{
    trade_parcel::{self as table, ParcelState, ParcelWatch},
    trade_parcel_line as content, trade_parcel_track as track,
};
use kernel::{Failure, Fault, OrderId, OrderLineId, ParcelId, Timestamp, hours, minutes};
use platform::{IdempotencyKey, Op, Tx, crypto::sha256_hex, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::{Deserialize, Serialize};

use super::{
    Refused, carriers,
    carriers::Carrier,
    events::{ParcelMoved, ParcelShipped},
    jobs::WatchParcel,
    rules::{self, Line, News, PackRefused, Whereabouts},
    tracking::{Stop, Told, TrackError, Tracker, Trail, Wanted},
};
use crate::{
    order::{
        self,
        events::ParcelSent,
        rules::{self as order_rules, Method, Move, MoveRefused, OnItsWay, ShippingAddress, Step},
        service::{self as orders, Happened, Order, Sent},
    },
    payment,
    refund::service as refunds,
};

/// How long a silent tracker is left in peace.
const SILENCE: std::time::Duration = hours(6);

/// The longest word of a carrier that is kept, in characters.
const LONGEST_WORD: usize = 500;

/// The most stops of one parcel that are kept.
const MOST_STOPS: usize = 200;

/// A part of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOfLine {
    /// Of which line.
    pub line: OrderLineId,
    /// How many.
    pub quantity: i64,
}

/// A parcel that leaves the house.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShipOrder {
    /// Of which order.
    pub order: OrderId,
    /// Who carries it: a known carrier by any of its names, or anybody.
    pub carrier: String,
    /// Their number for it.
    pub tracking_no: String,
    /// What is in it; everything that is left when not said.
    pub lines: Option<Vec<PartOfLine>>,
}

impl ShipOrder {
    /// Everything that is left, in one parcel.
    pub fn all(order: OrderId, carrier: impl Into<String>, tracking_no: impl Into<String>) -> Self {
        Self { order, carrier: carrier.into(), tracking_no: tracking_no.into(), lines: None }
    }
}

/// What became of a parcel that was to be shipped.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// The order as it stands now.
    pub order: Order,
    /// Whether the parcel was known before.
    pub known: bool,
}

/// Ships a parcel of a paid order; with the last of it the order is shipped. Refused while its team gathers, and while
/// all of its money is on its way back. The same number again is the same parcel.
pub async fn ship(op: &Op, wanted: ShipOrder, key: &str) -> Result<Order, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "order_ship", key, &wanted).map_err(Failure::widen)?;
    let mut tx = op.begin().await?;
    if tx.claim::<OrderId>(&key).await.map_err(Failure::widen)?.is_some() {
        return orders::find_locked(&tx, op, wanted.order).await.map_err(Failure::widen);
    }
    let order = wanted.order;
    let shipped = ship_in(&mut tx, op, wanted).await?;
    tx.remember(&key, &order).await?;
    tx.commit().await?;
    Ok(shipped.order)
}

/// Ships a parcel in the caller's transaction.
pub(super) async fn ship_in(tx: &mut Tx, op: &Op, wanted: ShipOrder) -> Result<Shipped, Failure<Refused>> {
    let (carrier, tracking_no) = order_rules::parcel(&wanted.carrier, &wanted.tracking_no).map_err(Refused::from)?;
    let order = orders::find_locked(tx, op, wanted.order).await.map_err(Failure::widen)?;
    let earlier = table::Entity::find().filter(table::Column::OrderId.eq(order.id)).order_by_asc(table::Column::Number).all(&**tx).await?;
    if earlier.iter().any(|parcel| parcel.tracking_no == tracking_no) {
        return Ok(Shipped { order, known: true });
    }
    match order_rules::step(order.status, Move::Ship).map_err(Refused::from)? {
        Step::To(_) if order.method == Method::Parcel => {}
        Step::To(_) => return Err(Refused::from(MoveRefused::AnotherWay).into()),
        Step::Already => return Err(Refused::from(PackRefused::NothingLeft).into()),
    }
    if payment::service::is_all_going_back(tx, &order).await? {
        return Err(Refused::Order(order::Refused::BeingRefunded).into());
    }
    if earlier.len() >= rules::MOST_PARCELS {
        return Err(Refused::from(PackRefused::TooManyParcels).into());
    }
    let lines = orders::lines_in(tx, order.id).await?;
    let back = refunds::pieces_back(&**tx, order.id).await?;
    let lines: Vec<Line> = lines.iter().map(|line| packable(line, &back)).collect();
    let picked: Option<Vec<_>> = wanted.lines.map(|lines| lines.into_iter().map(|part| (part.line, part.quantity)).collect());
    let packed = rules::pack(&lines, picked.as_deref()).map_err(Refused::from)?;
    let known = carriers::find(&carrier);
    let number = i64::try_from(earlier.len()).unwrap_or(i64::MAX) + 1;
    let sent = store(tx, op, New { order: &order, number, carrier: (carrier, known), tracking_no, lines: &packed.lines }).await?;
    let parcels = earlier.into_iter().map(as_sent).chain([sent.clone()]).collect();
    tx.emit(&ParcelShipped { order: order.id, customer: order.customer, sent, last: packed.last });
    let order = orders::sent(tx, op, (order, Sent { lines: packed.lines, parcels, last: packed.last })).await?;
    Ok(Shipped { order, known: false })
}

fn packable(line: &order::query::OrderLine, back: &HashMap<OrderLineId, i64>) -> Line {
    Line { id: line.id, quantity: line.quantity, gone: line.shipped_quantity, back: back.get(&line.id).copied().unwrap_or(0) }
}

struct New<'a> {
    order: &'a Order,
    number: i64,
    carrier: (String, Option<&'static Carrier>),
    tracking_no: String,
    lines: &'a [(OrderLineId, i64)],
}

/// Writes a parcel and what is in it; wants it watched when somebody can.
async fn store(tx: &mut Tx, op: &Op, new: New<'_>) -> Result<ParcelSent, Fault> {
    let (id, (carrier, known)) = (op.new_id::<ParcelId>(), new.carrier);
    let watched = known.is_some() && tracker(op).is_some();
    let row = table::ActiveModel {
        id: Set(id),
        order_id: Set(new.order.id),
        number: Set(new.number),
        carrier: Set(carrier.clone()),
        carrier_code: Set(known.map(|known| known.code.to_owned())),
        tracking_no: Set(new.tracking_no.clone()),
        state: Set(ParcelState::Sent),
        watch: Set(if watched { ParcelWatch::Wanted } else { ParcelWatch::None }),
        next_query_at: Set(watched.then(|| op.now() + hours(1))),
        queries: Set(0),
        shipped_by: Set(op.actor.to_string()),
        shipped_at: Set(op.now()),
        tracked_at: Set(None),
        delivered_at: Set(None),
    };
    table::Entity::insert(row).exec_without_returning(&**tx).await?;
    let lines =
        new.lines.iter().map(|&(line, quantity)| content::ActiveModel { parcel: Set(id), order_line: Set(line), quantity: Set(quantity) });
    rows::insert(&**tx, lines).await?;
    if watched {
        tx.enqueue(&WatchParcel { parcel: id });
    }
    Ok(ParcelSent { parcel: id, carrier, carrier_code: known.map(|known| known.code.to_owned()), tracking_no: new.tracking_no })
}

/// The parcels of an order that left the house, the first first.
pub(crate) async fn sent_before(tx: &Tx, order: OrderId) -> Result<Vec<ParcelSent>, Fault> {
    let rows = table::Entity::find().filter(table::Column::OrderId.eq(order)).order_by_asc(table::Column::Number).all(&**tx).await?;
    Ok(rows.into_iter().map(as_sent).collect())
}

fn as_sent(row: table::Model) -> ParcelSent {
    ParcelSent { parcel: row.id, carrier: row.carrier, carrier_code: row.carrier_code, tracking_no: row.tracking_no }
}

/// Who knows where parcels are, if anybody does.
pub(super) fn tracker(op: &Op) -> Option<Arc<dyn Tracker>> {
    op.port::<dyn Tracker>().ok()
}

/// Asks the tracker to tell about a parcel by itself.
pub(super) async fn watch_parcel(op: &Op, id: ParcelId) -> Result<(), Fault> {
    let Some(row) = table::Entity::find_by_id(id).one(op.platform.db.writer()).await? else { return Ok(()) };
    if row.watch != ParcelWatch::Wanted {
        return Ok(());
    }
    let (Some(tracker), Some(wanted)) = (tracker(op), wanted(op, &row).await?) else { return watching(op, id, ParcelWatch::None).await };
    match tracker.subscribe(&wanted).await {
        Ok(()) => watching(op, id, ParcelWatch::Watched).await,
        Err(error @ TrackError::Refused { .. }) => {
            tracing::warn!(parcel = %id, %error, "a parcel is not watched");
            watching(op, id, ParcelWatch::None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Notes how a parcel is watched; whom nobody watches is asked about no more.
async fn watching(op: &Op, id: ParcelId, watch: ParcelWatch) -> Result<(), Fault> {
    let next = (watch == ParcelWatch::Watched).then(|| (op.now() + SILENCE).0);
    let tx = op.begin().await?;
    table::Entity::update_many()
        .col_expr(table::Column::Watch, Expr::value(watch.to_value()))
        .col_expr(table::Column::NextQueryAt, Expr::value(next))
        .filter(table::Column::Id.eq(id).and(table::Column::Watch.eq(ParcelWatch::Wanted)))
        .exec(&*tx)
        .await?;
    tx.commit().await
}

async fn wanted(op: &Op, row: &table::Model) -> Result<Option<Wanted>, Fault> {
    let Some(carrier) = row.carrier_code.as_deref().and_then(carriers::by_code) else { return Ok(None) };
    let system = op.system("fulfilment.track");
    let Some(order) = orders::get(&system, row.order_id).await? else { return Ok(None) };
    let address = orders::address(op, &order)?;
    let phone = carrier.asks_phone.then(|| address.phone.clone());
    Ok(Some(Wanted { carrier, tracking_no: row.tracking_no.clone(), phone, to: Some(address.region) }))
}

/// Parcels whose tracker was silent for too long.
pub(super) async fn silent(op: &Op, limit: u64) -> Result<Vec<(ParcelId, i64)>, Fault> {
    let due = table::Entity::find()
        .select_only()
        .column(table::Column::Id)
        .column(table::Column::Queries)
        .filter(table::Column::NextQueryAt.lte(op.now()))
        .order_by_asc(table::Column::NextQueryAt)
        .limit(limit);
    Ok(due.into_tuple().all(op.reader()).await?)
}

/// Turns to the tracker about a parcel it was silent about: wants it watched, or asks where it is. Less often each time.
pub(super) async fn turn_to(op: &Op, (id, queries): (ParcelId, i64)) -> Result<(), Fault> {
    if !take(op, (id, queries)).await? {
        return Ok(());
    }
    let Some(row) = table::Entity::find_by_id(id).one(op.platform.db.writer()).await? else { return Ok(()) };
    if row.watch == ParcelWatch::Wanted {
        return watch_parcel(op, id).await;
    }
    let (Some(tracker), Some(wanted)) = (tracker(op), wanted(op, &row).await?) else { return Ok(()) };
    match tracker.query(&wanted).await? {
        Some(trail) => told(op, &trail).await,
        None => Ok(()),
    }
}

/// Takes a parcel for one question; `false` when another node did.
async fn take(op: &Op, (id, queries): (ParcelId, i64)) -> Result<bool, Fault> {
    let pause = minutes(30).saturating_mul(1 << Ord::clamp(queries, 0, 5));
    let next = op.now() + Ord::max(pause, SILENCE);
    // Sixty days of nothing: nobody will ever tell.
    let next = (queries < 240).then_some(next.0);
    let tx = op.begin().await?;
    let taken = table::Entity::update_many()
        .col_expr(table::Column::NextQueryAt, Expr::value(next))
        .col_expr(table::Column::Queries, Expr::col(table::Column::Queries).add(1))
        .filter(table::Column::Id.eq(id).and(table::Column::Queries.eq(queries)))
        .filter(table::Column::NextQueryAt.is_not_null())
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(taken.rows_affected == 1)
}

/// A tracker reports. Genuine reports count once, in whatever order they come.
pub async fn notified(op: &Op, code: &str, body: &[u8]) -> Result<(&'static str, String), Failure<super::PushRefused>> {
    let tracker = tracker(op).filter(|tracker| tracker.code() == code).ok_or(super::PushRefused::UnknownTracker)?;
    match tracker.verify(body).map_err(super::PushRefused::from)? {
        Told::Trail(trail) => told(op, &trail).await?,
        Told::GaveUp { tracking_no, why } => {
            tracing::warn!(tracking_no, why, "the tracker gave a parcel up");
            give_up(op, &tracking_no).await?;
        }
        Told::Nothing => {}
    }
    Ok(tracker.thanks())
}

/// The tracker will tell nothing more by itself: it is asked from time to time.
async fn give_up(op: &Op, tracking_no: &str) -> Result<(), Fault> {
    let tx = op.begin().await?;
    table::Entity::update_many()
        .col_expr(table::Column::Watch, Expr::value(ParcelWatch::Wanted.to_value()))
        .col_expr(table::Column::NextQueryAt, Expr::value((op.now() + minutes(30)).0))
        .filter(table::Column::TrackingNo.eq(tracking_no).and(table::Column::Watch.eq(ParcelWatch::Watched)))
        .exec(&*tx)
        .await?;
    tx.commit().await
}

/// Keeps what a tracker told. One number may be the parcel of several orders.
pub(super) async fn told(op: &Op, trail: &Trail) -> Result<(), Fault> {
    let parcels: Vec<(ParcelId, OrderId)> = table::Entity::find()
        .select_only()
        .column(table::Column::Id)
        .column(table::Column::OrderId)
        .filter(table::Column::TrackingNo.eq(&trail.tracking_no).and(table::Column::CarrierCode.eq(trail.carrier.code)))
        .into_tuple()
        .all(op.platform.db.writer())
        .await?;
    for (parcel, order) in parcels {
        let mut tx = op.begin().await?;
        apply(&mut tx, op, ((order, parcel), trail)).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn apply(tx: &mut Tx, op: &Op, ((order, parcel), trail): ((OrderId, ParcelId), &Trail)) -> Result<(), Fault> {
    let order = orders::lock(tx, order).await?;
    let Some(row) = table::Entity::find_by_id(parcel).lock_exclusive().one(&**tx).await? else { return Ok(()) };
    let fresh = keep_stops(tx, op, (parcel, &trail.stops)).await?;
    let latest = trail.stops.iter().map(|stop| stop.at).max().unwrap_or(row.shipped_at);
    let known = News { state: whereabouts(row.state), at: row.tracked_at.unwrap_or(Timestamp(0)) };
    let now = rules::after(known, News { state: trail.state, at: latest });
    let ended = now.state.is_over() || trail.ended;
    let (watch, next) = if ended { (ParcelWatch::Ended, None) } else { (row.watch, Some(op.now() + SILENCE)) };
    let delivered_at = (now.state == Whereabouts::Delivered).then(|| row.delivered_at.unwrap_or(now.at));
    table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(stored(now.state).to_value()))
        .col_expr(table::Column::TrackedAt, Expr::value(now.at.0))
        .col_expr(table::Column::DeliveredAt, Expr::value(delivered_at.map(|at| at.0)))
        .col_expr(table::Column::Watch, Expr::value(watch.to_value()))
        .col_expr(table::Column::NextQueryAt, Expr::value(next.map(|at| at.0)))
        .filter(table::Column::Id.eq(parcel))
        .exec(&**tx)
        .await?;
    if fresh == 0 && now == known {
        return Ok(());
    }
    if now.state != known.state {
        let kind = match now.state {
            Whereabouts::Delivered => Some("ARRIVED"),
            Whereabouts::Problem => Some("PARCEL_PROBLEM"),
            Whereabouts::Returned => Some("PARCEL_RETURNED"),
            _ => None,
        };
        if let Some(kind) = kind {
            let note = Some(format!("{} {}", row.carrier, row.tracking_no));
            orders::record(tx, op, Happened { order: order.id, kind, note, amount: None }).await?;
        }
    }
    let siblings = table::Entity::find().filter(table::Column::OrderId.eq(order.id)).all(&**tx).await?;
    let on_its_way: Vec<OnItsWay> = siblings
        .into_iter()
        .map(|row| OnItsWay { last_word: row.tracked_at.unwrap_or(row.shipped_at), delivered: row.delivered_at })
        .collect();
    orders::on_its_way(tx, &order, &on_its_way).await?;
    tx.emit(&ParcelMoved { order: order.id, customer: order.customer, parcel, delivered: now.state == Whereabouts::Delivered });
    Ok(())
}

/// Writes the stops that are not known yet; how many those were.
async fn keep_stops(tx: &Tx, op: &Op, (parcel, stops): (ParcelId, &[Stop])) -> Result<u64, Fault> {
    let mut rows = HashMap::new();
    for stop in stops.iter().take(MOST_STOPS) {
        let text: String = stop.text.trim().chars().take(LONGEST_WORD).collect();
        let digest = sha256_hex(format!("{}\n{text}", stop.at.0))[..32].to_owned();
        let row = track::ActiveModel {
            parcel: Set(parcel),
            digest: Set(digest.clone()),
            at: Set(stop.at),
            state: Set(stop.state.map(stored)),
            text: Set(text),
            place: Set(stop.place.clone()),
            told_at: Set(op.now()),
        };
        rows.insert(digest, row);
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let known = OnConflict::columns([track::Column::Parcel, track::Column::Digest]).do_nothing().to_owned();
    Ok(rows::insert_or(&**tx, (rows.into_values(), known)).await?)
}

/// A parcel as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which.
    pub id: ParcelId,
    /// Of which order.
    pub order: OrderId,
    /// The how-manieth of its order.
    pub number: i64,
    /// Who carries it.
    pub carrier: String,
    /// Who carries it, if it is a known one.
    pub carrier_code: Option<String>,
    /// Their number for it.
    pub tracking_no: String,
    /// Where it is.
    pub state: Whereabouts,
    /// What is in it.
    pub lines: Vec<(OrderLineId, i64)>,
    /// When it left the house.
    pub shipped_at: Timestamp,
    /// When the carrier's latest news is of.
    pub tracked_at: Option<Timestamp>,
    /// When it was signed for.
    pub delivered_at: Option<Timestamp>,
}

/// The parcels of orders, the first first. For those who may see the orders.
pub(crate) async fn of_orders(op: &Op, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<Parcel>>, Fault> {
    let rows = table::Entity::find()
        .filter(table::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(table::Column::Number)
        .all(op.reader())
        .await?;
    let inside = content::Entity::find()
        .filter(content::Column::Parcel.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(content::Column::OrderLine)
        .all(op.reader())
        .await?;
    let mut lines: HashMap<ParcelId, Vec<(OrderLineId, i64)>> = HashMap::new();
    for row in inside {
        lines.entry(row.parcel).or_default().push((row.order_line, row.quantity));
    }
    let mut found: HashMap<OrderId, Vec<Parcel>> = HashMap::new();
    for row in rows {
        let lines = lines.remove(&row.id).unwrap_or_default();
        found.entry(row.order_id).or_default().push(Parcel::of(row, lines));
    }
    Ok(found)
}

impl Parcel {
    fn of(row: table::Model, lines: Vec<(OrderLineId, i64)>) -> Self {
        Self {
            id: row.id,
            order: row.order_id,
            number: row.number,
            carrier: row.carrier,
            carrier_code: row.carrier_code,
            tracking_no: row.tracking_no,
            state: whereabouts(row.state),
            lines,
            shipped_at: row.shipped_at,
            tracked_at: row.tracked_at,
            delivered_at: row.delivered_at,
        }
    }
}

/// The stops of parcels, the latest first. For those who may see the orders.
pub(crate) async fn stops(op: &Op, parcels: &[ParcelId]) -> Result<HashMap<ParcelId, Vec<Stop>>, Fault> {
    let rows = track::Entity::find()
        .filter(track::Column::Parcel.is_in(parcels.iter().copied()))
        .order_by_desc(track::Column::At)
        .order_by_asc(track::Column::Digest)
        .all(op.reader())
        .await?;
    let mut found: HashMap<ParcelId, Vec<Stop>> = HashMap::new();
    for row in rows {
        let stop = Stop { at: row.at, text: row.text, place: row.place, state: row.state.map(whereabouts) };
        found.entry(row.parcel).or_default().push(stop);
    }
    Ok(found)
}

/// The most orders whose labels are given at once.
pub const MOST_LABELS: usize = 100;

/// What is printed on a label, and what to pick.
#[derive(Clone, Debug)]
pub struct Label {
    /// Of which order.
    pub order: Order,
    /// Who takes it, and where.
    pub to: ShippingAddress,
    /// What is still to be shipped, as many as are.
    pub lines: Vec<order::query::OrderLine>,
}

/// The labels of orders that may be shipped now; others are not in the answer. For staff who ship.
pub async fn labels(op: &Op, wanted: &[OrderId]) -> Result<Vec<Label>, Failure<Refused>> {
    if wanted.len() > MOST_LABELS {
        return Err(Refused::TooMany(i64::try_from(MOST_LABELS).unwrap_or(i64::MAX)).into());
    }
    let orders = order::query::by_ids(op, wanted).await?;
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let mut lines = order::query::lines(op, &ids).await?;
    let mut labels = Vec::new();
    for order in orders {
        if order.method != Method::Parcel || !matches!(order_rules::step(order.status, Move::Ship), Ok(Step::To(_))) {
            continue;
        }
        let back = refunds::pieces_back(op.reader(), order.id).await?;
        let mut lines = lines.remove(&order.id).unwrap_or_default();
        lines.retain_mut(|line| {
            line.quantity = packable(line, &back).left();
            line.quantity > 0
        });
        labels.push(Label { to: orders::address(op, &order)?, lines, order });
    }
    Ok(labels)
}

fn stored(state: Whereabouts) -> ParcelState {
    match state {
        Whereabouts::Sent => ParcelState::Sent,
        Whereabouts::Collected => ParcelState::Collected,
        Whereabouts::InTransit => ParcelState::InTransit,
        Whereabouts::OutForDelivery => ParcelState::OutForDelivery,
        Whereabouts::Problem => ParcelState::Problem,
        Whereabouts::Delivered => ParcelState::Delivered,
        Whereabouts::Returned => ParcelState::Returned,
    }
}

fn whereabouts(state: ParcelState) -> Whereabouts {
    match state {
        ParcelState::Sent => Whereabouts::Sent,
        ParcelState::Collected => Whereabouts::Collected,
        ParcelState::InTransit => Whereabouts::InTransit,
        ParcelState::OutForDelivery => Whereabouts::OutForDelivery,
        ParcelState::Problem => Whereabouts::Problem,
        ParcelState::Delivered => Whereabouts::Delivered,
        ParcelState::Returned => Whereabouts::Returned,
    }
}
