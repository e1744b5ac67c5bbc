//! Placing orders and moving them. One function per command: lock, decide, store, tell.

use std::collections::HashMap;

use catalog::{
    inventory::{self, service::ReserveStock},
    product::service::SkuInfo,
};
use entity::trade::{trade_order as table, trade_order_event as event, trade_order_line as line};
use kernel::{CustomerId, EventId, Failure, Fault, Money, OrderId, PaymentId, Permission, RefundId, SkuId, Timestamp, hours};
use platform::{IdempotencyKey, Op, Tx};
use promotion::pricing::TraceLine;
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, SqlErr,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};

use super::{
    Refused,
    events::{self, RefundedLine},
    rules::{self, CancelReason, Move, MoveRefused, Origin, ShippingAddress, Status, Step},
};
use crate::{
    TradeSettings, cart, ledger, payment,
    quote::service::{self as quotes, Promise, Quote},
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
    /// Who carries it.
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
    /// When it left the house.
    pub shipped_at: Option<Timestamp>,
    /// When the shopper had it.
    pub received_at: Option<Timestamp>,
}

/// A purchase to be made.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceOrder {
    /// The price it was promised.
    pub quote: kernel::QuoteId,
    /// What the shopper was shown.
    pub expected_total: Money,
    /// Where it goes.
    pub address: ShippingAddress,
    /// By which play.
    pub origin: Option<Origin>,
    /// Whether it waits for its play once it is paid.
    pub hold: bool,
}

/// A purchase whose price holds today, ready for the transaction.
#[derive(Clone, Debug)]
pub struct Prepared {
    id: OrderId,
    quote: Quote,
    skus: HashMap<SkuId, SkuInfo>,
    sealed_address: String,
    origin: Option<Origin>,
    hold: bool,
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
    let address = wanted.address.checked().map_err(Refused::from)?;
    let quote = quotes::get(op, wanted.quote).await?.ok_or(Refused::QuoteNotFound)?;
    if quote.used_by.is_some() {
        return Err(Refused::QuoteUsed.into());
    }
    if quote.expires_at <= op.now() {
        return Err(Refused::QuoteExpired.into());
    }
    let now = quotes::price_now(op, &quote.wanted()).await.map_err(Failure::widen)?;
    if now.priced.total != quote.total || now.priced.lines != quote.lines {
        let actual = now.priced.total;
        let promise = Promise { customer: quote.customer, wanted: quote.wanted(), priced: now.priced, from_cart: quote.from_cart };
        let fresh = quotes::store(op, promise).await?;
        return Err(Refused::PriceChanged { expected: wanted.expected_total, actual, quote: fresh.id }.into());
    }
    if !rules::agrees(wanted.expected_total, quote.total) {
        return Err(Refused::PriceChanged { expected: wanted.expected_total, actual: quote.total, quote: quote.id }.into());
    }
    let id: OrderId = op.new_id();
    let sealed_address = op.crypto().seal(&address_place(id), &serde_json::to_string(&address)?)?;
    Ok(Prepared { id, quote, skus: now.skus, sealed_address, origin: wanted.origin, hold: wanted.hold })
}

/// Phase two, inside the caller's transaction: the quote is redeemed, the order written, the stock put aside.
pub async fn place(tx: &mut Tx, op: &Op, prepared: Prepared) -> Result<Order, Failure<Refused>> {
    let Prepared { id, quote, skus, sealed_address, origin, hold } = prepared;
    if !quotes::redeem(tx, quote.id, id).await? {
        return Err(Refused::QuoteUsed.into());
    }
    let now = op.now();
    let order = Order {
        id,
        order_no: rules::order_no(&now.yyyymmdd(), op.random_bytes()),
        customer: quote.customer,
        status: Status::PendingPayment,
        origin,
        hold,
        goods: quote.goods,
        shipping: quote.shipping,
        tax: quote.tax,
        donation: quote.donation,
        total: quote.total,
        refunded: Money::zero(quote.total.currency),
        trace: quote.trace.clone(),
        sealed_address,
        paid_by: None,
        carrier: None,
        tracking_no: None,
        cancel_reason: None,
        external_reference: None,
        created_at: now,
        pay_by: now + op.port::<TradeSettings>()?.pay_within,
        paid_at: None,
        shipped_at: None,
        received_at: None,
    };
    table::Entity::insert(row(&order, quote.id)?).exec_without_returning(&**tx).await?;
    line::Entity::insert_many(lines(op, &order, (&quote, &skus))?).exec_without_returning(&**tx).await?;
    if quote.from_cart {
        let ordered: Vec<SkuId> = quote.lines.iter().map(|line| line.sku).collect();
        cart::service::take_out(tx, quote.customer, &ordered).await?;
    }
    record(tx, op, Happened { order: id, kind: "PLACED", note: None, amount: Some(order.total) }).await?;
    let wanted = quote.lines.iter().map(|line| (line.sku, line.quantity)).collect();
    // The order gives its stock back at its own deadline; the stock's own is only the net below.
    let until = order.pay_by + hours(1);
    inventory::service::reserve(tx, op, ReserveStock { order: id, lines: wanted, until }).await.map_err(Failure::widen)?;
    tx.emit(&events::OrderPlaced {
        order: id,
        customer: order.customer,
        origin: order.origin.clone(),
        total: order.total,
        pay_by: order.pay_by,
    });
    Ok(order)
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
    if let Some(known) = tx.claim::<OrderId>(&key).await.map_err(Failure::widen)? {
        drop(tx);
        return get(op, known).await?.ok_or_else(|| Refused::NotFound.into());
    }
    let order = place(&mut tx, op, prepared?).await?;
    tx.remember(&key, &order.id).await?;
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
    pub(crate) order: OrderId,
    pub(crate) payment: PaymentId,
    pub(crate) paid_at: Timestamp,
}

/// The end of every payment: moves the order, takes the stock, tells [`events::OrderPaid`], once. Money for an order that
/// is cancelled, or paid already, is to be given back. Refused when the goods are gone although the order still waited.
pub(crate) async fn paid(tx: &mut Tx, op: &Op, money: MoneyIn) -> Result<Arrived, Failure<inventory::Refused>> {
    let order = lock(tx, money.order).await?;
    let next = match rules::step(order.status, Move::Pay { hold: order.hold }) {
        Ok(Step::To(next)) => next,
        Err(MoveRefused::Paid) if order.paid_by == Some(money.payment) => return Ok(Arrived::Paid),
        Ok(Step::Already) | Err(MoveRefused::Paid | MoveRefused::Refunded) => return Ok(Arrived::GiveBack("paid-twice")),
        Err(_) => return Ok(Arrived::GiveBack("late-payment")),
    };
    inventory::service::commit(tx, op, order.id).await?;
    let moved = table::Entity::update_many()
        .col_expr(table::Column::Status, Expr::value(stored(next).to_value()))
        .col_expr(table::Column::PaidBy, Expr::value(money.payment))
        .col_expr(table::Column::PaidAt, Expr::value(money.paid_at.0))
        .filter(table::Column::Id.eq(order.id).and(table::Column::Status.eq(stored(order.status))))
        .exec(&**tx)
        .await?;
    expect_one(moved.rows_affected, &order)?;
    record(tx, op, Happened { order: order.id, kind: "PAID", note: None, amount: Some(order.total) }).await?;
    ledger::orders::paid(tx, op, &order).await?;
    let (customer, origin) = (order.customer, order.origin);
    tx.emit(&events::OrderPaid { order: order.id, customer, origin, total: order.total, paid_at: money.paid_at });
    Ok(Arrived::Paid)
}

/// The goods of an order that waited for its money are gone: it is cancelled, so that the money can go back.
pub(crate) async fn give_up(tx: &mut Tx, op: &Op, order: OrderId) -> Result<(), Fault> {
    let order = lock(tx, order).await?;
    if order.status == Status::PendingPayment {
        cancel_locked(tx, op, (order, CancelReason::SoldOut)).await?;
    }
    Ok(())
}

/// A play lets its order go: `AWAITING_TEAM → TO_SHIP`; an order that is not paid yet will not wait once it is. Done
/// already is done.
pub async fn release_hold(op: &Op, order: OrderId) -> Result<Order, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let order = find_locked(&tx, op, order).await?;
    if let Step::To(next) = rules::step(order.status, Move::ReleaseHold).map_err(Refused::from)? {
        let update = to(&order, next).col_expr(table::Column::Hold, Expr::value(false));
        expect_one(update.exec(&*tx).await?.rows_affected, &order)?;
        record(&mut tx, op, Happened { order: order.id, kind: "RELEASED", note: None, amount: None }).await?;
        tx.emit(&events::OrderReleased { order: order.id, customer: order.customer });
        tx.commit().await?;
        return Ok(Order { status: next, hold: false, ..order });
    }
    if order.hold {
        let update = table::Entity::update_many().col_expr(table::Column::Hold, Expr::value(false));
        update.filter(table::Column::Id.eq(order.id)).exec(&*tx).await?;
        tx.commit().await?;
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
    inventory::service::release(tx, op, order.id).await?;
    tx.enqueue(&payment::jobs::CloseCharges { order: order.id });
    tx.emit(&events::OrderCancelled { order: order.id, customer: order.customer, origin: order.origin.clone(), reason });
    Ok(Order { status: Status::Cancelled, cancel_reason: Some(reason.code().to_owned()), ..order })
}

/// A parcel that leaves the house.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShipOrder {
    /// Of which order.
    pub order: OrderId,
    /// Who carries it.
    pub carrier: String,
    /// Their number for it.
    pub tracking_no: String,
}

/// Ships a paid order. Refused while its team gathers, and while all of its money is on its way back.
pub async fn ship(op: &Op, wanted: ShipOrder, key: &str) -> Result<Order, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "order_ship", key, &wanted).map_err(Failure::widen)?;
    let (carrier, tracking_no) = rules::parcel(&wanted.carrier, &wanted.tracking_no).map_err(Refused::from)?;
    let mut tx = op.begin().await?;
    if tx.claim::<OrderId>(&key).await.map_err(Failure::widen)?.is_some() {
        return find_locked(&tx, op, wanted.order).await;
    }
    let order = find_locked(&tx, op, wanted.order).await?;
    let Step::To(next) = rules::step(order.status, Move::Ship).map_err(Refused::from)? else { return Ok(order) };
    if payment::service::is_all_going_back(&tx, &order).await? {
        return Err(Refused::BeingRefunded.into());
    }
    let update = to(&order, next)
        .col_expr(table::Column::Carrier, Expr::value(carrier.clone()))
        .col_expr(table::Column::TrackingNo, Expr::value(tracking_no.clone()))
        .col_expr(table::Column::ShippedAt, Expr::value(op.now().0));
    expect_one(update.exec(&*tx).await?.rows_affected, &order)?;
    record(&mut tx, op, Happened { order: order.id, kind: "SHIPPED", note: Some(format!("{carrier} {tracking_no}")), amount: None })
        .await?;
    let (customer, origin) = (order.customer, order.origin.clone());
    tx.emit(&events::OrderShipped { order: order.id, customer, origin, carrier: carrier.clone(), tracking_no: tracking_no.clone() });
    tx.remember(&key, &order.id).await?;
    tx.commit().await?;
    Ok(Order { status: next, carrier: Some(carrier), tracking_no: Some(tracking_no), shipped_at: Some(op.now()), ..order })
}

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
    let here: Vec<(SkuId, i64)> = back.lines.iter().filter(|line| line.restocked).map(|line| (line.sku, line.quantity)).collect();
    // With the last of the money all returns that never left; else what the refund says.
    let lines = if full && order.status.is_paid_and_here() { None } else { Some(here) };
    if lines.as_ref().is_none_or(|lines| !lines.is_empty()) {
        let all = inventory::service::Restock { order: order.id, reference: back.refund.to_string(), lines };
        match inventory::service::restock(tx, op, all).await {
            Ok(()) => {}
            Err(Failure::Refused(refused)) => return Err(Fault::corrupt(format!("{} does not return to the shelf: {refused}", order.id))),
            Err(Failure::Fault(fault)) => return Err(fault),
        }
    }
    let kind = if full { "REFUNDED" } else { "PARTLY_REFUNDED" };
    record(tx, op, Happened { order: order.id, kind, note: None, amount: Some(back.amount) }).await?;
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

/// Where an order goes.
pub fn address(op: &Op, order: &Order) -> Result<ShippingAddress, Fault> {
    Ok(serde_json::from_str(&op.crypto().open(&address_place(order.id), &order.sealed_address)?)?)
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
    let row = event::ActiveModel {
        id: Set(op.new_id::<EventId>()),
        order_id: Set(happened.order),
        kind: Set(happened.kind.to_owned()),
        actor: Set(op.actor.to_string()),
        note: Set(happened.note),
        amount_minor: Set(happened.amount.map(|amount| amount.minor)),
        at: Set(op.now()),
    };
    event::Entity::insert(row).exec_without_returning(&**tx).await?;
    Ok(())
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
async fn find_locked(tx: &Tx, op: &Op, id: OrderId) -> Result<Order, Failure<Refused>> {
    lock_any(tx, id).await?.filter(|order| visible(op, order)).ok_or_else(|| Refused::NotFound.into())
}

fn visible(op: &Op, order: &Order) -> bool {
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

fn row(order: &Order, quote: kernel::QuoteId) -> Result<table::ActiveModel, Fault> {
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
        created_at: Set(order.created_at),
        pay_by: Set(order.pay_by),
        ..Default::default()
    })
}

fn lines(op: &Op, order: &Order, (quote, skus): (&Quote, &HashMap<SkuId, SkuInfo>)) -> Result<Vec<line::ActiveModel>, Fault> {
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
            return_exception: Set(None),
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
            status: read(row.status),
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
            carrier: row.carrier,
            tracking_no: row.tracking_no,
            cancel_reason: row.cancel_reason,
            external_reference: row.external_reference,
            created_at: row.created_at,
            pay_by: row.pay_by,
            paid_at: row.paid_at,
            shipped_at: row.shipped_at,
            received_at: row.received_at,
        })
    }
}

/// As the table spells it.
pub(crate) fn stored(status: Status) -> table::OrderStatus {
    match status {
        Status::PendingPayment => table::OrderStatus::PendingPayment,
        Status::AwaitingTeam => table::OrderStatus::AwaitingTeam,
        Status::ToShip => table::OrderStatus::ToShip,
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
