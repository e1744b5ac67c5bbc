//! Placing orders and moving them. One function per command: lock, decide, store, tell.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, Ordering},
};

use catalog::{inventory, product::service::SkuInfo, returns::ReturnException};
use entity::trade::{trade_order as table, trade_order_event as event, trade_order_line as line};
use kernel::{
    AddressId, CustomerId, EventId, Failure, Fault, Money, OrderId, OrderLineId, PaymentId, Permission, RefundId, SkuId, StoreId, Timestamp,
};
use platform::{IdempotencyKey, Op, Tx};
use promotion::{
    coupon,
    freight::rules::Delivery as Way,
    pricing::{Params, TraceLine},
    time_discount::holds as time_discount,
};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};

pub use super::placing::place;
use super::{
    Refused,
    events::{self, RefundedLine},
    query::OrderLine,
    rules::{
        self, CancelReason, Delivery, DeliveryRefused, LinePrice, Method, Move, MoveRefused, Origin, RepriceRefused, ShippingAddress,
        Status, Step,
    },
};
use crate::{
    after_sale, fulfilment, ledger, payment, points,
    quote::service::{self as quotes, NewQuote, Promise, Quote},
    refund::service as refunds,
};

/// A purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which.
    pub id: OrderId,
    /// What people call it.
    pub order_no: String,
    /// Who buys.
    pub customer: CustomerId,
    /// Where it stands.
    pub status: Status,
    /// By which play.
    pub origin: Option<Origin>,
    /// Whether it waits for its play once it is paid.
    pub hold: bool,
    /// What the lines cost together.
    pub goods: Money,
    /// What bringing them costs.
    pub shipping: Money,
    /// Tax and duty that are added.
    pub tax: Money,
    /// What the shopper gives to others.
    pub donation: Money,
    /// What is paid.
    pub total: Money,
    /// What is back.
    pub refunded: Money,
    /// How the total came about.
    pub trace: Vec<TraceLine>,
    /// Where it goes, sealed; see [`address`].
    pub(crate) sealed_address: String,
    /// The payment that paid it.
    pub paid_by: Option<PaymentId>,
    /// How the goods reach the shopper.
    pub method: Method,
    /// Where they are picked up.
    pub store: Option<StoreId>,
    /// What the shopper asks for.
    pub buyer_note: Option<String>,
    /// Who carries the last parcel.
    pub carrier: Option<String>,
    /// Their number for it.
    pub tracking_no: Option<String>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Its number in the merchant's other systems.
    pub external_reference: Option<String>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// Cancelled when not paid by then.
    pub pay_by: Timestamp,
    /// When the money came.
    pub paid_at: Option<Timestamp>,
    /// When it lay ready at its store.
    pub ready_at: Option<Timestamp>,
    /// When the last of it left the house.
    pub shipped_at: Option<Timestamp>,
    /// Taken as received then.
    pub receive_by: Option<Timestamp>,
    /// When the shopper asked for more time.
    pub extended_at: Option<Timestamp>,
    /// When the shopper had it.
    pub received_at: Option<Timestamp>,
    /// What else there is to do when it is paid.
    pub(crate) upkeep: Upkeep,
}

/// What has to be looked after when an order is paid, beside its goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Upkeep {
    /// It holds coupons.
    pub(crate) coupons: bool,
    /// It holds points.
    pub(crate) points: bool,
    /// Some of it needs no carrying.
    pub(crate) virtual_goods: bool,
}

/// The longest note of a shopper and of staff, in characters.
pub const LONGEST_NOTE: i64 = 500;

/// A purchase to be made.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceOrder {
    /// The price it was promised.
    pub quote: kernel::QuoteId,
    /// What the shopper was shown.
    pub expected_total: Money,
    /// How the goods reach the shopper.
    pub delivery: Delivery,
    /// What the shopper asks for.
    pub note: Option<String>,
    /// Whether the shopper confirms which of the goods cannot be given back without a reason.
    pub confirms_exceptions: bool,
    /// By which play.
    pub origin: Option<Origin>,
    /// Whether it waits for its play once it is paid.
    pub hold: bool,
}

impl PlaceOrder {
    /// A purchase without a play and without a note.
    pub fn new(quote: kernel::QuoteId, expected_total: Money, delivery: impl Into<Delivery>) -> Self {
        Self { quote, expected_total, delivery: delivery.into(), note: None, confirms_exceptions: false, origin: None, hold: false }
    }
}

/// A purchase whose price holds today, ready for the transaction. It can be kept: what it says does not change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prepared {
    pub(super) id: OrderId,
    pub(super) quote: Quote,
    pub(super) skus: HashMap<SkuId, SkuInfo>,
    pub(super) exceptions: HashMap<SkuId, ReturnException>,
    pub(super) method: Method,
    pub(super) store: Option<StoreId>,
    pub(super) sealed_address: String,
    pub(super) note: Option<String>,
    pub(super) origin: Option<Origin>,
    pub(super) hold: bool,
    /// Whether its quote is redeemed for it already.
    pub(super) redeemed: bool,
}

impl Prepared {
    /// The promise it redeems.
    pub fn quote(&self) -> &Quote {
        &self.quote
    }

    /// The id the order will have.
    pub fn order(&self) -> OrderId {
        self.id
    }

    /// The same purchase, made by a play.
    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }
}

/// Phase one, outside any transaction: the quote is the shopper's, still promised, unused, and costs today what they were
/// shown. A changed price is refused with a new quote.
pub async fn prepare(op: &Op, wanted: PlaceOrder) -> Result<Prepared, Failure<Refused>> {
    let note = wanted.note.filter(|note| !note.trim().is_empty());
    let note = note.map(|note| rules::words(&note, 500).ok_or(Refused::Note(LONGEST_NOTE))).transpose()?;
    let quote = quotes::get(op, wanted.quote).await?.ok_or(Refused::QuoteNotFound)?;
    if quote.used_by.is_some() {
        return Err(Refused::QuoteUsed.into());
    }
    if quote.expires_at <= op.now() {
        return Err(Refused::QuoteExpired.into());
    }
    // What it costs to bring it there: another region, or another way, than was quoted is another price.
    let priced_for = NewQuote { delivery: way(&wanted.delivery), ..quote.wanted() };
    let now = quotes::price_now(op, (quote.customer, &priced_for)).await.map_err(Failure::widen)?;
    if now.priced.total != quote.total || now.priced.lines != quote.lines {
        let actual = now.priced.total;
        let promise = Promise { customer: quote.customer, wanted: priced_for, priced: now.priced, from_cart: quote.from_cart };
        let fresh = quotes::store(op, promise).await?;
        return Err(Refused::PriceChanged { expected: wanted.expected_total, actual, quote: fresh.id }.into());
    }
    if !rules::agrees(wanted.expected_total, quote.total) {
        return Err(Refused::PriceChanged { expected: wanted.expected_total, actual: quote.total, quote: quote.id }.into());
    }
    let all_virtual = quote.lines.iter().all(|line| now.skus.get(&line.sku).is_some_and(is_virtual));
    let (method, store, address) = wanted.delivery.checked(all_virtual).map_err(Refused::from)?;
    if let Some(store) = store {
        fulfilment::stores::open(op, store).await?.ok_or(Refused::Delivery(DeliveryRefused::Store))?;
    }
    let ordered: Vec<SkuId> = quote.lines.iter().map(|line| line.sku).collect();
    let exceptions: HashMap<SkuId, ReturnException> =
        ordered.iter().filter_map(|sku| Some((*sku, now.exceptions.get(sku).copied()?))).collect();
    if !exceptions.is_empty() && !wanted.confirms_exceptions {
        return Err(Refused::ReturnExceptions.into());
    }
    let id: OrderId = op.new_id();
    let sealed_address = op.crypto().seal(&address_place(id), &serde_json::to_string(&address)?)?;
    Ok(Prepared {
        id,
        quote,
        skus: now.skus,
        exceptions,
        method,
        store,
        sealed_address,
        note,
        origin: wanted.origin,
        hold: wanted.hold,
        redeemed: false,
    })
}

/// The way of a delivery, for its price: a region that is none of the official ones is everywhere else.
pub fn way(delivery: &Delivery) -> Way {
    match delivery {
        Delivery::Virtual | Delivery::Later => Way::Virtual,
        Delivery::Pickup { .. } => Way::PickUp,
        Delivery::Parcel(address) => {
            let known = identity::address::regions::get();
            let code = address.region_code.clone().filter(|code| known.by_code(code).is_some()).or_else(|| known.code_of(&address.region));
            Way::Ship { region: code.map(|code| format!("{code:0<6}")[..6].to_owned()) }
        }
    }
}

/// Places an order of one's own, without a play. The same key answers the same order.
pub async fn place_own(op: &Op, wanted: PlaceOrder, key: &str) -> Result<Order, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "order_place", key, &wanted).map_err(Failure::widen)?;
    // A play's price is for the play's own door, which also takes its seat.
    let prepared = match prepare(op, wanted).await {
        Ok(prepared) if prepared.quote.play.is_some() => Err(Refused::PlayElsewhere.into()),
        prepared => prepared,
    };
    let mut tx = op.begin().await?;
    let known = match &prepared {
        Ok(prepared) => tx.claim_for(&key, &prepared.id).await,
        Err(_) => tx.claim::<OrderId>(&key).await,
    };
    if let Some(known) = known.map_err(Failure::widen)? {
        drop(tx);
        return get(op, known).await?.ok_or_else(|| Refused::NotFound.into());
    }
    let order = place(&mut tx, op, prepared?).await?;
    tx.commit().await?;
    Ok(order)
}

/// What became of money that arrived for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrived {
    /// It paid the order.
    Paid,
    /// The order cannot take it; it goes back, for this reason.
    GiveBack(&'static str),
}

/// Money that arrived for an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MoneyIn {
    pub(crate) payment: PaymentId,
    pub(crate) amount: Money,
    pub(crate) paid_at: Timestamp,
}

/// The end of every payment: moves the order, takes the stock, tells [`events::OrderPaid`], once. Money for an order that
/// is cancelled, or paid already, is to be given back. Refused when the goods are gone although the order still waited: then
/// the transaction must be given up. The order is locked.
///
/// Everybody may want the same shelf, so its row is locked behind everything that is only this order's.
pub(crate) async fn paid(tx: &mut Tx, op: &Op, (order, money): (Order, MoneyIn)) -> Result<Arrived, Failure<inventory::Refused>> {
    let next = match rules::step(order.status, Move::Pay { hold: order.hold }) {
        Ok(Step::To(next)) => next,
        Err(MoveRefused::Paid) if order.paid_by == Some(money.payment) => return Ok(Arrived::Paid),
        Ok(Step::Already) | Err(MoveRefused::Paid | MoveRefused::Refunded) => return Ok(Arrived::GiveBack("paid-twice")),
        Err(_) => return Ok(Arrived::GiveBack("late-payment")),
    };
    // Its price was changed while the money was on its way: what was closed does not pay another amount.
    if money.amount != order.total {
        return Ok(Arrived::GiveBack("price-changed"));
    }
    let moved = table::Entity::update_many()
        .col_expr(table::Column::Status, Expr::value(stored(next).to_value()))
        .col_expr(table::Column::PaidBy, Expr::value(money.payment))
        .col_expr(table::Column::PaidAt, Expr::value(money.paid_at.0))
        .filter(table::Column::Id.eq(order.id).and(table::Column::Status.eq(stored(order.status))))
        .exec(&**tx)
        .await?;
    expect_one(moved.rows_affected, &order)?;
    record(tx, op, Happened { order: order.id, kind: "PAID", note: None, amount: Some(order.total) }).await?;
    inventory::service::commit(tx, op, order.id).await?;
    if order.upkeep.coupons {
        coupon::service::spend(tx, op, order.id).await?;
    }
    if order.upkeep.points {
        points::service::spend(tx, op, order.id).await?;
    }
    ledger::orders::paid(tx, op, &order).await?;
    let (customer, origin) = (order.customer, order.origin.clone());
    tx.emit(&events::OrderPaid { order: order.id, customer, origin, total: order.total, paid_at: money.paid_at });
    if next == Status::ToShip && order.upkeep.virtual_goods {
        let paid = Order { status: next, paid_by: Some(money.payment), paid_at: Some(money.paid_at), ..order };
        deliver_virtual(tx, op, paid).await.map_err(Failure::Fault)?;
    }
    Ok(Arrived::Paid)
}

/// What needs no carrying is there the moment the order may go: the whole order is received, or a part of it needs no
/// parcel.
async fn deliver_virtual(tx: &mut Tx, op: &Op, order: Order) -> Result<Order, Fault> {
    line::Entity::update_many()
        .col_expr(line::Column::ShippedQuantity, Expr::col(line::Column::Quantity))
        .filter(line::Column::OrderId.eq(order.id).and(line::Column::IsVirtual.eq(true)))
        .exec(&**tx)
        .await?;
    if order.method == Method::Virtual { hand_over(tx, op, order).await } else { Ok(order) }
}

/// The goods are in the shopper's hands without a parcel: `TO_SHIP`, `READY_FOR_PICKUP → RECEIVED`. The order is locked.
pub(crate) async fn hand_over(tx: &mut Tx, op: &Op, order: Order) -> Result<Order, Fault> {
    line::Entity::update_many()
        .col_expr(line::Column::ShippedQuantity, Expr::col(line::Column::Quantity))
        .filter(line::Column::OrderId.eq(order.id))
        .exec(&**tx)
        .await?;
    let now = op.now();
    let update = to(&order, Status::Received)
        .col_expr(table::Column::ShippedAt, Expr::value(now.0))
        .col_expr(table::Column::ReceivedAt, Expr::value(now.0));
    expect_one(update.exec(&**tx).await?.rows_affected, &order)?;
    let kind = if order.method == Method::Virtual { "DELIVERED" } else { "PICKED_UP" };
    record(tx, op, Happened { order: order.id, kind, note: None, amount: None }).await?;
    tx.emit(&events::OrderReceived { order: order.id, customer: order.customer, origin: order.origin.clone() });
    Ok(Order { status: Status::Received, shipped_at: Some(now), received_at: Some(now), ..order })
}

/// An order lies ready at its store: `TO_SHIP → READY_FOR_PICKUP`. The order is locked.
pub(crate) async fn ready(tx: &mut Tx, op: &Op, (order, store): (Order, StoreId)) -> Result<Order, Fault> {
    let now = op.now();
    let update =
        to(&order, Status::ReadyForPickup).col_expr(table::Column::ReadyAt, Expr::value(now.0)).filter(table::Column::ReadyAt.is_null());
    expect_one(update.exec(&**tx).await?.rows_affected, &order)?;
    record(tx, op, Happened { order: order.id, kind: "READY_FOR_PICKUP", note: None, amount: None }).await?;
    tx.emit(&events::OrderReady { order: order.id, customer: order.customer, store });
    Ok(Order { status: Status::ReadyForPickup, ready_at: Some(now), ..order })
}

/// The goods of an order that waited for its money are gone: it is cancelled, so that the money can go back.
pub(crate) async fn give_up(tx: &mut Tx, op: &Op, order: Order) -> Result<Order, Fault> {
    if order.status == Status::PendingPayment { cancel_locked(tx, op, (order, CancelReason::SoldOut)).await } else { Ok(order) }
}

/// A play lets its order go: `AWAITING_TEAM → TO_SHIP`; an order that is not paid yet will not wait once it is. Done
/// already is done.
pub async fn release_hold(op: &Op, order: OrderId) -> Result<Order, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let order = find_locked(&tx, op, order).await?;
    let order = let_go(&mut tx, op, order).await?;
    tx.commit().await?;
    Ok(order)
}

/// A play lets the order of a deposit go that is lost: its money is earned in the same transaction. Done already is done.
pub async fn forfeit(op: &Op, order: OrderId) -> Result<Order, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let order = find_locked(&tx, op, order).await?;
    let order = let_go(&mut tx, op, order).await?;
    ledger::orders::forfeited(&mut tx, op, &order).await?;
    tx.commit().await?;
    Ok(order)
}

async fn let_go(tx: &mut Tx, op: &Op, order: Order) -> Result<Order, Failure<Refused>> {
    if let Step::To(next) = rules::step(order.status, Move::ReleaseHold).map_err(Refused::from)? {
        let update = to(&order, next).col_expr(table::Column::Hold, Expr::value(false));
        expect_one(update.exec(&**tx).await?.rows_affected, &order)?;
        record(tx, op, Happened { order: order.id, kind: "RELEASED", note: None, amount: None }).await?;
        tx.emit(&events::OrderReleased { order: order.id, customer: order.customer });
        return Ok(deliver_virtual(tx, op, Order { status: next, hold: false, ..order }).await?);
    }
    if order.hold {
        let update = table::Entity::update_many().col_expr(table::Column::Hold, Expr::value(false));
        update.filter(table::Column::Id.eq(order.id)).exec(&**tx).await?;
    }
    Ok(Order { hold: false, ..order })
}

/// An order to be cancelled.
#[derive(Clone, Copy, Debug)]
pub struct CancelOrder {
    /// Which.
    pub order: OrderId,
    /// Why.
    pub reason: CancelReason,
}

/// Cancels an unpaid order and frees its stock. Its open charge is closed first, as far as the provider answers: should
/// it turn out to be paid, so is the order (`ORDER_PAID`). Money that arrives later all the same goes back by itself.
pub async fn cancel(op: &Op, wanted: CancelOrder) -> Result<Order, Failure<Refused>> {
    let order = get(op, wanted.order).await?.ok_or(Refused::NotFound)?;
    if rules::step(order.status, Move::Cancel).map_err(Refused::from)? == Step::Already {
        return Ok(order);
    }
    payment::service::close_open(op, order.id).await?;
    let mut tx = op.begin().await?;
    let order = find_locked(&tx, op, wanted.order).await?;
    if rules::step(order.status, Move::Cancel).map_err(Refused::from)? == Step::Already {
        return Ok(order);
    }
    let cancelled = cancel_locked(&mut tx, op, (order, wanted.reason)).await?;
    tx.commit().await?;
    Ok(cancelled)
}

async fn cancel_locked(tx: &mut Tx, op: &Op, (order, reason): (Order, CancelReason)) -> Result<Order, Fault> {
    let update = to(&order, Status::Cancelled)
        .col_expr(table::Column::CancelReason, Expr::value(reason.code()))
        .col_expr(table::Column::ClosedAt, Expr::value(op.now().0));
    expect_one(update.exec(&**tx).await?.rows_affected, &order)?;
    record(tx, op, Happened { order: order.id, kind: "CANCELLED", note: Some(reason.code().to_owned()), amount: None }).await?;
    time_discount::give_back(tx, order.id).await?;
    inventory::service::release(tx, op, order.id).await?;
    coupon::service::give_back(tx, op, order.id).await?;
    points::service::give_back(tx, op, order.id).await?;
    tx.enqueue(&payment::jobs::CloseCharges { order: order.id });
    tx.emit(&events::OrderCancelled { order: order.id, customer: order.customer, origin: order.origin.clone(), reason });
    Ok(Order { status: Status::Cancelled, cancel_reason: Some(reason.code().to_owned()), ..order })
}

/// What leaves the house now, for the order's own rows.
pub(crate) struct Sent {
    /// How many of which line.
    pub(crate) lines: Vec<(OrderLineId, i64)>,
    /// All of the order's parcels, this one last.
    pub(crate) parcels: Vec<events::ParcelSent>,
    /// Whether nothing is left behind.
    pub(crate) last: bool,
}

/// Counts what leaves the house; with the last of it the order is shipped. The order is locked and may ship.
pub(crate) async fn sent(tx: &mut Tx, op: &Op, (order, sent): (Order, Sent)) -> Result<Order, Fault> {
    let parcel = sent.parcels.last().ok_or_else(|| Fault::internal("a parcel that is none"))?.clone();
    for (id, quantity) in &sent.lines {
        let counted = line::Entity::update_many()
            .col_expr(line::Column::ShippedQuantity, Expr::col(line::Column::ShippedQuantity).add(*quantity))
            .filter(line::Column::Id.eq(*id).and(line::Column::OrderId.eq(order.id)))
            .exec(&**tx)
            .await?;
        expect_one(counted.rows_affected, &order)?;
    }
    let (now, note) = (op.now(), Some(format!("{} {}", parcel.carrier, parcel.tracking_no)));
    let carried = |update: sea_orm::UpdateMany<table::Entity>| {
        update
            .col_expr(table::Column::Carrier, Expr::value(parcel.carrier.clone()))
            .col_expr(table::Column::TrackingNo, Expr::value(parcel.tracking_no.clone()))
    };
    let (carrier, tracking_no) = (Some(parcel.carrier.clone()), Some(parcel.tracking_no.clone()));
    if !sent.last {
        let update = carried(table::Entity::update_many()).filter(table::Column::Id.eq(order.id));
        expect_one(update.exec(&**tx).await?.rows_affected, &order)?;
        record(tx, op, Happened { order: order.id, kind: "PARTLY_SHIPPED", note, amount: None }).await?;
        return Ok(Order { carrier, tracking_no, ..order });
    }
    let receive_by = rules::receive_by(now, &[], false);
    let update = carried(to(&order, Status::Shipped))
        .col_expr(table::Column::ShippedAt, Expr::value(now.0))
        .col_expr(table::Column::ReceiveBy, Expr::value(receive_by.0));
    expect_one(update.exec(&**tx).await?.rows_affected, &order)?;
    record(tx, op, Happened { order: order.id, kind: "SHIPPED", note, amount: None }).await?;
    tx.emit(&events::OrderShipped {
        order: order.id,
        customer: order.customer,
        origin: order.origin.clone(),
        carrier: parcel.carrier.clone(),
        tracking_no: parcel.tracking_no.clone(),
        parcels: sent.parcels,
    });
    let receive_by = Some(receive_by);
    Ok(Order { status: Status::Shipped, carrier, tracking_no, shipped_at: Some(now), receive_by, ..order })
}

/// News of an order's parcels: sets when it is taken as received. The order is locked.
pub(crate) async fn on_its_way(tx: &mut Tx, order: &Order, parcels: &[rules::OnItsWay]) -> Result<(), Fault> {
    let (Status::Shipped, Some(shipped_at)) = (order.status, order.shipped_at) else { return Ok(()) };
    let by = rules::receive_by(shipped_at, parcels, order.extended_at.is_some());
    let update = table::Entity::update_many().col_expr(table::Column::ReceiveBy, Expr::value(by.0));
    update.filter(table::Column::Id.eq(order.id)).exec(&**tx).await?;
    Ok(())
}

/// The shopper wants more time before the order is taken as received; once.
pub async fn extend(op: &Op, order: OrderId) -> Result<Order, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let order = find_locked(&tx, op, order).await?;
    let (Status::Shipped, Some(by)) = (order.status, order.receive_by) else {
        return Err(match rules::step(order.status, Move::Receive) {
            Err(refused) => Refused::from(refused).into(),
            Ok(_) => Refused::Move(MoveRefused::NotShipped).into(),
        });
    };
    if order.extended_at.is_some() {
        return Err(Refused::Extended.into());
    }
    let by = by + rules::EXTENSION;
    let update = table::Entity::update_many()
        .col_expr(table::Column::ReceiveBy, Expr::value(by.0))
        .col_expr(table::Column::ExtendedAt, Expr::value(op.now().0))
        .filter(table::Column::Id.eq(order.id).and(table::Column::ExtendedAt.is_null()));
    expect_one(update.exec(&*tx).await?.rows_affected, &order)?;
    annotate(&mut tx, op, (&order, "EXTENDED", None)).await?;
    tx.commit().await?;
    Ok(Order { receive_by: Some(by), extended_at: Some(op.now()), ..order })
}

/// A note of staff on an order.
#[derive(Clone, Debug)]
pub struct NoteOrder {
    /// On which.
    pub order: OrderId,
    /// The note.
    pub text: String,
}

/// Staff write a note on an order; the shopper does not see it.
pub async fn note(op: &Op, wanted: NoteOrder) -> Result<Order, Failure<Refused>> {
    let text = rules::words(&wanted.text, 500).ok_or(Refused::Note(LONGEST_NOTE))?;
    let mut tx = op.begin().await?;
    let order = find_locked(&tx, op, wanted.order).await?;
    record_for_staff(&mut tx, op, Happened { order: order.id, kind: "NOTE", note: Some(text), amount: None }).await?;
    tx.emit(&events::OrderAnnotated { order: order.id, customer: order.customer, kind: "NOTE".to_owned() });
    tx.commit().await?;
    Ok(order)
}

/// Another price for an unpaid order.
#[derive(Clone, Debug, Serialize)]
pub struct RepriceOrder {
    /// Which.
    pub order: OrderId,
    /// What its lines cost together; as before when not said.
    pub goods: Option<Money>,
    /// What bringing them costs; as before when not said.
    pub shipping: Option<Money>,
    /// Why, in words the shopper may read.
    pub reason: String,
}

/// Staff change what an unpaid order costs. Its open charge is closed first; should that turn out to be paid, so is the
/// order. Money that arrives late for the old price goes back by itself.
pub async fn reprice(op: &Op, wanted: RepriceOrder, key: &str) -> Result<Order, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "order_reprice", key, &wanted).map_err(Failure::widen)?;
    let reason = rules::words(&wanted.reason, 200).ok_or(Refused::Reprice(RepriceRefused::Reason))?;
    let order = get(op, wanted.order).await?.ok_or(Refused::NotFound)?;
    if order.status == Status::PendingPayment {
        payment::service::close_open(op, order.id).await?;
    }
    let mut tx = op.begin().await?;
    if tx.claim::<OrderId>(&key).await.map_err(Failure::widen)?.is_some() {
        return find_locked(&tx, op, wanted.order).await;
    }
    let order = find_locked(&tx, op, wanted.order).await?;
    rules::step(order.status, Move::Cancel).map_err(Refused::from)?;
    if order.status.is_dead() {
        return Err(Refused::Move(MoveRefused::Cancelled).into());
    }
    if payment::service::is_open(&tx, order.id).await? {
        return Err(Refused::Reprice(RepriceRefused::PaymentOpen).into());
    }
    let repriced = repriced(&tx, op, (&order, &wanted)).await?;
    let update = table::Entity::update_many()
        .col_expr(table::Column::GoodsMinor, Expr::value(repriced.goods.minor))
        .col_expr(table::Column::BesideGoodsMinor, Expr::value(repriced.total.minor - repriced.goods.minor))
        .col_expr(table::Column::ShippingMinor, Expr::value(repriced.shipping.minor))
        .col_expr(table::Column::TotalMinor, Expr::value(repriced.total.minor))
        .col_expr(table::Column::Trace, Expr::value(serde_json::to_value(&repriced.trace)?))
        .filter(table::Column::Id.eq(order.id).and(table::Column::Status.eq(stored(Status::PendingPayment))));
    expect_one(update.exec(&*tx).await?.rows_affected, &order)?;
    let told = Happened { order: order.id, kind: "PRICE_CHANGED", note: Some(reason), amount: Some(repriced.total) };
    record(&mut tx, op, told).await?;
    tx.emit(&events::OrderRepriced { order: order.id, customer: order.customer, was: order.total, total: repriced.total });
    tx.remember(&key, &order.id).await?;
    tx.commit().await?;
    Ok(repriced)
}

/// Spreads the new price over the lines and says so in the trace. The order is locked.
async fn repriced(tx: &Tx, op: &Op, (order, wanted): (&Order, &RepriceOrder)) -> Result<Order, Failure<Refused>> {
    let currency = order.total.currency;
    let (goods, shipping) = (wanted.goods.unwrap_or(order.goods), wanted.shipping.unwrap_or(order.shipping));
    let lines = line::Entity::find().filter(line::Column::OrderId.eq(order.id)).order_by_asc(line::Column::Position).all(&**tx).await?;
    let prices: Vec<LinePrice> =
        lines.iter().map(|line| LinePrice { list: line.unit_price_minor * line.quantity, payable: line.payable_minor }).collect();
    let payable = Money::new(prices.iter().map(|line| line.payable).sum(), currency);
    if goods.currency != currency || goods.minor < 0 {
        return Err(Refused::Reprice(RepriceRefused::Goods(order.goods.minor)).into());
    }
    if shipping.currency != currency || !(0..=MOST_SHIPPING).contains(&shipping.minor) {
        return Err(Refused::Reprice(RepriceRefused::Shipping).into());
    }
    let less = goods.minus(order.goods).map_err(Fault::from)?;
    let bringing = shipping.minus(order.shipping).map_err(Fault::from)?;
    if less.minor == 0 && bringing.minor == 0 {
        return Err(Refused::Reprice(RepriceRefused::Same).into());
    }
    let total = order.total.plus(less).and_then(|total| total.plus(bringing)).map_err(Fault::from)?;
    if total.minor <= 0 {
        return Err(Refused::Reprice(RepriceRefused::NothingToPay).into());
    }
    let payable = payable.plus(less).map_err(Fault::from)?;
    let shares = rules::spread(&prices, payable).map_err(Refused::from)?;
    for (row, (price, share)) in lines.iter().zip(prices.iter().zip(shares)) {
        line::Entity::update_many()
            .col_expr(line::Column::DiscountMinor, Expr::value(price.list - share))
            .col_expr(line::Column::PayableMinor, Expr::value(share))
            .filter(line::Column::Id.eq(row.id))
            .exec(&**tx)
            .await?;
    }
    let step = |code: &'static str, amount: Money| TraceLine {
        step: "staff".into(),
        code: code.into(),
        sku: None,
        amount,
        params: Params::default(),
    };
    let steps = [step("STAFF_GOODS_PRICE", less), step("STAFF_SHIPPING_PRICE", bringing)];
    let trace = order.trace.iter().cloned().chain(steps.into_iter().filter(|step| step.amount.minor != 0)).collect();
    tracing::info!(order = %order.id, actor = %op.actor, was = %order.total, %total, "staff changed what an order costs");
    Ok(Order { goods, shipping, total, trace, ..order.clone() })
}

/// The most that bringing an order costs, in minor units.
const MOST_SHIPPING: i64 = 100_000_000;

/// An order's number in the merchant's other systems.
#[derive(Clone, Debug)]
pub struct ReferOrder {
    /// Which order.
    pub order: OrderId,
    /// Its number there; none takes it away.
    pub reference: Option<String>,
}

/// Gives an order its number in the merchant's other systems; no two orders have the same.
pub async fn refer(op: &Op, wanted: ReferOrder) -> Result<Order, Failure<Refused>> {
    let reference = wanted.reference.map(|text| rules::reference(&text).ok_or(Refused::Reference)).transpose()?;
    let tx = op.begin().await?;
    let order = find_locked(&tx, op, wanted.order).await?;
    let update = table::Entity::update_many()
        .col_expr(table::Column::ExternalReference, Expr::value(reference.clone()))
        .filter(table::Column::Id.eq(order.id));
    match update.exec(&*tx).await {
        Ok(_) => {}
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => return Err(Refused::ReferenceTaken.into()),
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    Ok(Order { external_reference: reference, ..order })
}

/// The shopper has it; by their own word or, after a while, by the sweep's.
pub async fn receive(op: &Op, order: OrderId) -> Result<Order, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let order = find_locked(&tx, op, order).await?;
    let Step::To(next) = rules::step(order.status, Move::Receive).map_err(Refused::from)? else { return Ok(order) };
    let update = to(&order, next).col_expr(table::Column::ReceivedAt, Expr::value(op.now().0));
    expect_one(update.exec(&*tx).await?.rows_affected, &order)?;
    record(&mut tx, op, Happened { order: order.id, kind: "RECEIVED", note: None, amount: None }).await?;
    tx.emit(&events::OrderReceived { order: order.id, customer: order.customer, origin: order.origin.clone() });
    tx.commit().await?;
    Ok(Order { status: next, received_at: Some(op.now()), ..order })
}

/// The time for complaints is over.
pub(crate) async fn complete(op: &Op, order: OrderId) -> Result<(), Failure<Refused>> {
    let mut tx = op.begin().await?;
    let order = find_locked(&tx, op, order).await?;
    let Step::To(next) = rules::step(order.status, Move::Complete).map_err(Refused::from)? else { return Ok(()) };
    if after_sale::service::is_open(&*tx, order.id).await? {
        return Ok(());
    }
    let update = to(&order, next).col_expr(table::Column::ClosedAt, Expr::value(op.now().0));
    expect_one(update.exec(&*tx).await?.rows_affected, &order)?;
    record(&mut tx, op, Happened { order: order.id, kind: "COMPLETED", note: None, amount: None }).await?;
    ledger::orders::completed(&mut tx, op, &order).await?;
    tx.emit(&events::OrderCompleted { order: order.id, customer: order.customer });
    tx.commit().await?;
    Ok(())
}

/// Money of an order that went back.
#[derive(Clone, Debug)]
pub(crate) struct MoneyBack {
    pub(crate) order: OrderId,
    pub(crate) refund: RefundId,
    pub(crate) refund_no: String,
    pub(crate) amount: Money,
    pub(crate) shipping: Money,
    pub(crate) lines: Vec<RefundedLine>,
}

/// Counts money that went back; with the last of it the order is dead and what was not shipped returns to the shelf.
pub(crate) async fn refunded(tx: &mut Tx, op: &Op, back: MoneyBack) -> Result<(), Fault> {
    let order = lock(tx, back.order).await?;
    let refunded = order.refunded.plus(back.amount)?;
    let full = refunded == order.total;
    let mut update = table::Entity::update_many()
        .col_expr(table::Column::RefundedMinor, Expr::col(table::Column::RefundedMinor).add(back.amount.minor))
        .filter(table::Column::Id.eq(order.id).and(table::Column::RefundedMinor.eq(order.refunded.minor)));
    if full {
        update = update
            .col_expr(table::Column::Status, Expr::value(stored(Status::Refunded).to_value()))
            .col_expr(table::Column::ClosedAt, Expr::value(op.now().0));
    }
    expect_one(update.exec(&**tx).await?.rows_affected, &order)?;
    let lines = line::Entity::find().filter(line::Column::OrderId.eq(order.id)).all(&**tx).await?;
    let here = order.status.is_paid_and_here();
    // What is on its way already does not lie here, whatever the refund says.
    let at_hand = |part: &&RefundedLine| {
        let line = lines.iter().find(|line| line.id == part.line);
        let most = line.filter(|_| here).map_or(i64::MAX, |line| line.quantity - line.shipped_quantity);
        (part.sku, Ord::min(part.quantity, most))
    };
    let back_here: Vec<(SkuId, i64)> =
        back.lines.iter().filter(|line| line.restocked).map(|part| at_hand(&part)).filter(|(_, quantity)| *quantity > 0).collect();
    let gone: Vec<(SkuId, i64)> = lines.iter().map(|line| (line.sku, line.shipped_quantity)).collect();
    // With the last of the money all returns that never left; else what the refund says.
    let returning = if full && here { None } else { Some(back_here) };
    if returning.as_ref().is_none_or(|lines| !lines.is_empty()) {
        let all = inventory::service::Restock { order: order.id, reference: back.refund.to_string(), lines: returning };
        match inventory::service::restock_but(tx, op, (all, &gone)).await {
            Ok(()) => {}
            Err(Failure::Refused(refused)) => return Err(Fault::corrupt(format!("{} does not return to the shelf: {refused}", order.id))),
            Err(Failure::Fault(fault)) => return Err(fault),
        }
    }
    let kind = if full { "REFUNDED" } else { "PARTLY_REFUNDED" };
    record(tx, op, Happened { order: order.id, kind, note: None, amount: Some(back.amount) }).await?;
    if !full && order.status == Status::ToShip {
        nothing_left(tx, op, (&order, &lines)).await?;
    }
    let (customer, origin) = (order.customer, order.origin);
    tx.emit(&events::OrderRefunded {
        order: order.id,
        customer,
        origin,
        refund: back.refund,
        refund_no: back.refund_no,
        amount: back.amount,
        shipping_minor: back.shipping.minor,
        lines: back.lines,
        full,
    });
    Ok(())
}

/// An order of which a part is on its way and the rest is paid back has left the house: nothing more will.
async fn nothing_left(tx: &mut Tx, op: &Op, (order, lines): (&Order, &[line::Model])) -> Result<(), Fault> {
    let back = refunds::pieces_back(&**tx, order.id).await?;
    let left = |line: &line::Model| line.quantity - line.shipped_quantity - back.get(&line.id).copied().unwrap_or(0);
    let parcels = fulfilment::service::sent_before(tx, order.id).await?;
    if parcels.is_empty() || lines.iter().any(|line| left(line) > 0) {
        return Ok(());
    }
    sent(tx, op, (order.clone(), Sent { lines: Vec::new(), parcels, last: true })).await?;
    Ok(())
}

/// The order, when the actor may see it: the shopper their own, staff and the system all.
pub async fn get(op: &Op, id: OrderId) -> Result<Option<Order>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?;
    let order = row.map(Order::of).transpose()?;
    Ok(order.filter(|order| visible(op, order)))
}

/// Whether a customer ever paid an order, also one that was refunded later.
pub async fn has_paid_order(op: &Op, customer: CustomerId) -> Result<bool, Fault> {
    let paid = table::Column::Customer.eq(customer).and(table::Column::PaidBy.is_not_null());
    Ok(table::Entity::find().filter(paid).limit(1).one(op.reader()).await?.is_some())
}

/// An entry of the shopper's address book, as an order keeps it.
pub async fn from_book(op: &Op, id: AddressId) -> Result<ShippingAddress, Failure<Refused>> {
    let entry = identity::address::service::get(op, id).await?.ok_or(Refused::NoAddress)?;
    let identity::address::Entry { recipient, phone, region, street, region_code, .. } = entry;
    Ok(ShippingAddress { recipient, phone, region, street, region_code })
}

/// Where an order goes.
pub fn address(op: &Op, order: &Order) -> Result<ShippingAddress, Fault> {
    Ok(serde_json::from_str(&op.crypto().open(&address_place(order.id), &order.sealed_address)?)?)
}

/// The lines of an order, in their place, read in the caller's transaction.
pub(crate) async fn lines_in(tx: &Tx, order: OrderId) -> Result<Vec<OrderLine>, Fault> {
    let rows = line::Entity::find().filter(line::Column::OrderId.eq(order)).order_by_asc(line::Column::Position).all(&**tx).await?;
    Ok(rows.into_iter().map(OrderLine::of).collect())
}

/// Something that happened to an order.
pub(crate) struct Happened {
    pub(crate) order: OrderId,
    pub(crate) kind: &'static str,
    pub(crate) note: Option<String>,
    pub(crate) amount: Option<Money>,
}

/// Writes a line of the order's timeline.
pub(crate) async fn record(tx: &mut Tx, op: &Op, happened: Happened) -> Result<(), Fault> {
    write(tx, op, (happened, false)).await
}

/// Writes a line of the order's timeline that the shopper does not see.
pub(crate) async fn record_for_staff(tx: &mut Tx, op: &Op, happened: Happened) -> Result<(), Fault> {
    write(tx, op, (happened, true)).await
}

/// Writes a line of the order's timeline and has its watchers look again.
pub(crate) async fn annotate(tx: &mut Tx, op: &Op, (order, kind, note): (&Order, &'static str, Option<String>)) -> Result<(), Fault> {
    record(tx, op, Happened { order: order.id, kind, note, amount: None }).await?;
    tx.emit(&events::OrderAnnotated { order: order.id, customer: order.customer, kind: kind.to_owned() });
    Ok(())
}

/// An id that sorts behind every earlier one of this process, also within the same millisecond: what happened in one
/// transaction is told in its order.
pub(super) fn event_id(op: &Op) -> EventId {
    static BIRTHS: AtomicU32 = AtomicU32::new(0);
    let [_, a, b, c] = (BIRTHS.fetch_add(1, Ordering::Relaxed) << 2).to_be_bytes();
    let mut behind = op.random_bytes::<10>();
    // The upper half of the first byte and a quarter of the third belong to the version and the variant.
    (behind[0], behind[1], behind[2], behind[3]) = (a >> 4, a << 4 | b >> 4, (b << 2 & 0b11_1100) | c >> 6, c << 2);
    let millis = u64::try_from(op.now().0).unwrap_or(0);
    EventId(uuid::Builder::from_unix_timestamp_millis(millis, &behind).into_uuid())
}

async fn write(tx: &Tx, op: &Op, (happened, staff_only): (Happened, bool)) -> Result<(), Fault> {
    event::Entity::insert(told(op, (happened, staff_only), op.actor.to_string())).exec_without_returning(&**tx).await?;
    Ok(())
}

/// A line of a timeline, as it is written.
pub(super) fn told(op: &Op, (happened, staff_only): (Happened, bool), actor: String) -> event::ActiveModel {
    event::ActiveModel {
        id: Set(event_id(op)),
        order_id: Set(happened.order),
        kind: Set(happened.kind.to_owned()),
        actor: Set(actor),
        note: Set(happened.note),
        amount_minor: Set(happened.amount.map(|amount| amount.minor)),
        staff_only: Set(staff_only),
        at: Set(op.now()),
    }
}

/// Locks an order whoever's it is, if there is one.
pub(crate) async fn lock_any(tx: &Tx, id: OrderId) -> Result<Option<Order>, Fault> {
    table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.map(Order::of).transpose()
}

/// Locks an order that must be there.
pub(crate) async fn lock(tx: &Tx, id: OrderId) -> Result<Order, Fault> {
    lock_any(tx, id).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))
}

/// Locks an order the actor may see.
pub(crate) async fn find_locked(tx: &Tx, op: &Op, id: OrderId) -> Result<Order, Failure<Refused>> {
    lock_any(tx, id).await?.filter(|order| visible(op, order)).ok_or_else(|| Refused::NotFound.into())
}

pub(super) fn visible(op: &Op, order: &Order) -> bool {
    // Who may change orders may see those they change; which fields ask for which permission is declared there.
    op.actor.may(Permission::OrderRead) || op.actor.may(Permission::OrderWrite) || op.actor.customer() == Some(order.customer)
}

fn to(order: &Order, next: Status) -> sea_orm::UpdateMany<table::Entity> {
    table::Entity::update_many()
        .col_expr(table::Column::Status, Expr::value(stored(next).to_value()))
        .filter(table::Column::Id.eq(order.id).and(table::Column::Status.eq(stored(order.status))))
}

/// The row is locked, so the guard can only miss when something is very wrong.
fn expect_one(rows: u64, order: &Order) -> Result<(), Fault> {
    if rows == 1 { Ok(()) } else { Err(Fault::corrupt(format!("{} moved under its own lock", order.id))) }
}

fn address_place(order: OrderId) -> String {
    format!("trade_order:{order}:address")
}

pub(super) fn row(order: &Order, quote: kernel::QuoteId) -> Result<table::ActiveModel, Fault> {
    Ok(table::ActiveModel {
        id: Set(order.id),
        order_no: Set(order.order_no.clone()),
        customer: Set(order.customer),
        quote: Set(quote),
        status: Set(stored(order.status)),
        origin_kind: Set(order.origin.as_ref().map(|origin| origin.kind.clone())),
        origin_id: Set(order.origin.as_ref().map(|origin| origin.id.clone())),
        hold: Set(order.hold),
        goods_minor: Set(order.goods.minor),
        beside_goods_minor: Set(order.total.minor - order.goods.minor),
        shipping_minor: Set(order.shipping.minor),
        tax_minor: Set(order.tax.minor),
        donation_minor: Set(order.donation.minor),
        total_minor: Set(order.total.minor),
        refunded_minor: Set(0),
        currency: Set(order.total.currency),
        trace: Set(serde_json::to_value(&order.trace)?),
        address: Set(order.sealed_address.clone()),
        delivery: Set(method(order.method)),
        store: Set(order.store),
        buyer_note: Set(order.buyer_note.clone()),
        created_at: Set(order.created_at),
        pay_by: Set(order.pay_by),
        holds_coupons: Set(order.upkeep.coupons),
        holds_points: Set(order.upkeep.points),
        has_virtual: Set(order.upkeep.virtual_goods),
        ..Default::default()
    })
}

pub(super) type Priced<'a> = (&'a Quote, &'a HashMap<SkuId, SkuInfo>, &'a HashMap<SkuId, ReturnException>);

pub(super) fn lines(op: &Op, order: &Order, (quote, skus, exceptions): Priced<'_>) -> Result<Vec<line::ActiveModel>, Fault> {
    let row = |(position, priced): (i64, &promotion::pricing::PricedLine)| {
        let info = skus.get(&priced.sku).ok_or_else(|| Fault::internal("a priced SKU without its facts"))?;
        Ok(line::ActiveModel {
            id: Set(op.new_id()),
            order_id: Set(order.id),
            position: Set(position),
            sku: Set(priced.sku),
            product: Set(info.product),
            title: Set(info.title.clone()),
            options_label: Set(info.options_label.clone()),
            image_url: Set(info.image_url.clone()),
            quantity: Set(priced.quantity),
            unit_price_minor: Set(priced.unit_price.minor),
            discount_minor: Set(priced.discount.minor),
            payable_minor: Set(priced.payable.minor),
            return_exception: Set(exceptions.get(&priced.sku).copied()),
            is_virtual: Set(is_virtual(info)),
            shipped_quantity: Set(0),
        })
    };
    (0..).zip(&quote.lines).map(row).collect()
}

impl Order {
    pub(crate) fn of(row: table::Model) -> Result<Self, Fault> {
        let money = |minor| Money::new(minor, row.currency);
        Ok(Self {
            id: row.id,
            customer: row.customer,
            status: if row.ready_at.is_some() && row.status == table::OrderStatus::ToShip {
                Status::ReadyForPickup
            } else {
                read(row.status)
            },
            origin: row.origin_kind.zip(row.origin_id).map(|(kind, id)| Origin { kind, id }),
            hold: row.hold,
            goods: money(row.goods_minor),
            shipping: money(row.shipping_minor),
            tax: money(row.tax_minor),
            donation: money(row.donation_minor),
            total: money(row.total_minor),
            refunded: money(row.refunded_minor),
            trace: serde_json::from_value(row.trace)?,
            order_no: row.order_no,
            sealed_address: row.address,
            paid_by: row.paid_by,
            method: match row.delivery {
                table::OrderDelivery::Parcel => Method::Parcel,
                table::OrderDelivery::Pickup => Method::Pickup,
                table::OrderDelivery::Virtual => Method::Virtual,
            },
            store: row.store,
            buyer_note: row.buyer_note,
            carrier: row.carrier,
            tracking_no: row.tracking_no,
            cancel_reason: row.cancel_reason,
            external_reference: row.external_reference,
            created_at: row.created_at,
            pay_by: row.pay_by,
            paid_at: row.paid_at,
            ready_at: row.ready_at,
            shipped_at: row.shipped_at,
            receive_by: row.receive_by,
            extended_at: row.extended_at,
            received_at: row.received_at,
            upkeep: Upkeep { coupons: row.holds_coupons, points: row.holds_points, virtual_goods: row.has_virtual },
        })
    }
}

/// Whether there is nothing to carry.
pub(super) fn is_virtual(info: &SkuInfo) -> bool {
    info.is_virtual
}

fn method(method: Method) -> table::OrderDelivery {
    match method {
        Method::Parcel => table::OrderDelivery::Parcel,
        Method::Pickup => table::OrderDelivery::Pickup,
        Method::Virtual => table::OrderDelivery::Virtual,
    }
}

/// As the table spells it; what lies ready at a store is to ship, with a time.
pub(crate) fn stored(status: Status) -> table::OrderStatus {
    match status {
        Status::PendingPayment => table::OrderStatus::PendingPayment,
        Status::AwaitingTeam => table::OrderStatus::AwaitingTeam,
        Status::ToShip | Status::ReadyForPickup => table::OrderStatus::ToShip,
        Status::Shipped => table::OrderStatus::Shipped,
        Status::Received => table::OrderStatus::Received,
        Status::Completed => table::OrderStatus::Completed,
        Status::Cancelled => table::OrderStatus::Cancelled,
        Status::Refunded => table::OrderStatus::Refunded,
    }
}

fn read(status: table::OrderStatus) -> Status {
    match status {
        table::OrderStatus::PendingPayment => Status::PendingPayment,
        table::OrderStatus::AwaitingTeam => Status::AwaitingTeam,
        table::OrderStatus::ToShip => Status::ToShip,
        table::OrderStatus::Shipped => Status::Shipped,
        table::OrderStatus::Received => Status::Received,
        table::OrderStatus::Completed => Status::Completed,
        table::OrderStatus::Cancelled => Status::Cancelled,
        table::OrderStatus::Refunded => Status::Refunded,
    }
}
