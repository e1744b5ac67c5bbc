//! Asking for refunds and ending them.

use std::collections::HashMap;

use entity::trade::{
    payment_event::PaymentEventKind,
    refund::{self as table, RefundStatus},
    refund_line as part_row, trade_order_line as order_line,
};
use kernel::{CustomerId, Failure, Fault, Money, OrderId, OrderLineId, PaymentId, RefundId, Timestamp};
use platform::{IdempotencyKey, Op, Tx, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use serde::Serialize;

use super::{
    Refused,
    events::RefundChanged,
    jobs::SendRefund,
    rules::{self, LineBooks, LineWish, OrderBooks, Part, Parts, Shipping, Wish},
};
use crate::{
    ledger,
    order::{
        events::RefundedLine,
        rules::{self as order_rules, Move, Status},
        service::{self as orders, Happened, MoneyBack, Order},
    },
    payment::{
        gateway::RefundState,
        service::{self as payments, NewEvent, Payment, RefundEnd},
    },
};

/// Money on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Which.
    pub id: RefundId,
    /// The number the provider knows it by.
    pub refund_no: String,
    /// Of which order.
    pub order: OrderId,
    /// Of which payment.
    pub payment: PaymentId,
    /// To whom.
    pub customer: CustomerId,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much.
    pub amount: Money,
    /// How much of it is for bringing the goods.
    pub shipping: Money,
    /// Why, as a code.
    pub reason: String,
    /// Why, in words.
    pub reason_text: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    pub(super) provider_refund_id: Option<String>,
    /// What of it belongs to which line; read with the refunds of an order only.
    pub parts: Vec<Part>,
    pub(super) queries: i64,
}

/// Money to give back.
#[derive(Clone, Debug)]
pub struct RequestRefund {
    /// Of which order.
    pub order: OrderId,
    /// How much; all that is left when not said.
    pub amount: Option<Money>,
    /// Why: part of the refund's number, so one reason is one refund of an order.
    pub reason: &'static str,
}

/// Asks for a refund in the caller's transaction; a job sees it through. The same reason again is the same refund;
/// `None` when everything is back, or on its way, already.
pub async fn request(tx: &mut Tx, op: &Op, wanted: RequestRefund) -> Result<Option<Refund>, Failure<Refused>> {
    let order = orders::lock_any(tx, wanted.order).await?.ok_or(Refused::NotFound)?;
    match order_rules::step(order.status, Move::RefundAll) {
        Ok(order_rules::Step::Already) => return Ok(None),
        Ok(order_rules::Step::To(_)) => {}
        Err(refused) => return Err(Refused::from(refused).into()),
    }
    let what = wanted.amount.map_or(Wish::Rest, Wish::Amount);
    let payment = payments::lock(tx, paid_by(&order)?).await?;
    let new = NewRefund { what: What::Order(what), restock: false, reason: wanted.reason.to_owned(), text: None };
    open(tx, op, ((&order, &payment), new)).await
}

fn paid_by(order: &Order) -> Result<PaymentId, Fault> {
    order.paid_by.ok_or_else(|| Fault::corrupt(format!("{} is paid by nothing", order.id)))
}

/// Pieces of an order to give back.
#[derive(Clone, Debug)]
pub struct RequestLines {
    /// Of which order.
    pub order: OrderId,
    /// Which pieces.
    pub lines: Vec<LineWish>,
    /// What becomes of the money for bringing them.
    pub shipping: Shipping,
    /// Whether the pieces return to the shelf with the money. What never left the house does by itself.
    pub restock: bool,
    /// Part of the refund's number, so one reason is one refund of an order.
    pub reason: String,
    /// Why, in words the shopper may read.
    pub text: Option<String>,
}

/// Asks for a refund of pieces in the caller's transaction; a job sees it through. The same reason again is the same
/// refund.
pub async fn request_lines(tx: &mut Tx, op: &Op, wanted: RequestLines) -> Result<Refund, Failure<Refused>> {
    let order = refundable_order(tx, wanted.order).await?;
    let payment = payments::lock(tx, paid_by(&order)?).await?;
    let what = What::Order(Wish::Lines(wanted.lines, wanted.shipping));
    let new = NewRefund { what, restock: wanted.restock, reason: wanted.reason, text: wanted.text };
    open(tx, op, ((&order, &payment), new)).await?.ok_or_else(|| Refused::TooMuch(0).into())
}

/// Money for goods that are kept.
#[derive(Clone, Debug)]
pub struct Goodwill {
    /// Of which order.
    pub order: OrderId,
    /// How much.
    pub amount: Money,
    /// Part of the refund's number, so one reason is one refund of an order.
    pub reason: String,
    /// Why, in words the shopper may read.
    pub text: String,
}

/// Asks for money for goods that are kept, in the caller's transaction; a job sees it through.
pub async fn request_goodwill(tx: &mut Tx, op: &Op, wanted: Goodwill) -> Result<Refund, Failure<Refused>> {
    let order = refundable_order(tx, wanted.order).await?;
    let payment = payments::lock(tx, paid_by(&order)?).await?;
    let new = NewRefund { what: What::Order(Wish::Amount(wanted.amount)), restock: false, reason: wanted.reason, text: Some(wanted.text) };
    open(tx, op, ((&order, &payment), new)).await?.ok_or_else(|| Refused::TooMuch(0).into())
}

/// The locked order, if a part of its money may go back: not while its team gathers.
async fn refundable_order(tx: &Tx, id: OrderId) -> Result<Order, Failure<Refused>> {
    let order = orders::lock_any(tx, id).await?.ok_or(Refused::NotFound)?;
    if order_rules::step(order.status, Move::RefundAll).map_err(Refused::from)? == order_rules::Step::Already {
        return Err(Refused::TooMuch(0).into());
    }
    if order.status == Status::AwaitingTeam {
        return Err(Refused::from(order_rules::MoveRefused::AwaitingTeam).into());
    }
    Ok(order)
}

/// What such a refund would give back now, and what of it is for which line. For those who hold the order's lock, or want
/// to show a number.
pub async fn preview(db: &impl ConnectionTrait, order: &Order, wish: &Wish) -> Result<Parts, Failure<Refused>> {
    let books = books(db, order).await?;
    rules::parts(&books, wish).map_err(|refused| Refused::from(refused).into())
}

/// What of an order is back or on its way back, line by line.
pub async fn books(db: &impl ConnectionTrait, order: &Order) -> Result<OrderBooks, Fault> {
    let left = match order.paid_by {
        Some(payment) => payments::refundable(db, payment).await?.minor,
        None => 0,
    };
    let alive = table::Column::OrderId.eq(order.id).and(table::Column::Status.ne(RefundStatus::Failed));
    let refunds = table::Entity::find().filter(alive).all(db).await?;
    let rows = order_line::Entity::find()
        .filter(order_line::Column::OrderId.eq(order.id))
        .order_by_asc(order_line::Column::Position)
        .all(db)
        .await?;
    let shipped = !order.status.is_paid_and_here() || rows.iter().any(|row| row.shipped_quantity > 0);
    let mut lines: Vec<LineBooks> =
        rows.into_iter().map(|row| LineBooks::new((row.id, row.sku), row.quantity, row.payable_minor)).collect();
    for part in parts_of(db, &refunds.iter().map(|row| row.id).collect::<Vec<_>>()).await? {
        for line in lines.iter_mut().filter(|line| line.line == part.order_line) {
            *line = line.with(&read(&part));
        }
    }
    Ok(OrderBooks {
        lines,
        shipping: order.shipping.minor,
        shipping_back: refunds.iter().map(|row| row.shipping_minor).sum(),
        shipped,
        left,
        currency: order.total.currency,
    })
}

/// What of an order's price without its freight went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodsBack {
    /// The order's number.
    pub order_no: String,
    /// The price of its goods.
    pub price: Money,
    /// What of it is back.
    pub back: Money,
    /// What of it is back, or on its way back.
    pub asked: Money,
}

/// What of an order's price without its freight went back; the order is locked.
pub async fn goods_back(tx: &Tx, id: OrderId) -> Result<GoodsBack, Fault> {
    let order = orders::lock(tx, id).await?;
    let refunds = table::Entity::find().filter(table::Column::OrderId.eq(id).and(table::Column::PaymentId.eq(paid_by(&order)?)));
    let refunds = refunds.filter(table::Column::Status.ne(RefundStatus::Failed)).all(&**tx).await?;
    let sum = |fits: fn(RefundStatus) -> bool| {
        let goods = refunds.iter().filter(|row| fits(row.status)).map(|row| row.amount_minor - row.shipping_minor).sum();
        Money { minor: goods, ..order.total }
    };
    Ok(GoodsBack {
        price: order.total.minus(order.shipping)?,
        back: sum(|status| status == RefundStatus::Succeeded),
        asked: sum(|_| true),
        order_no: order.order_no,
    })
}

/// How many pieces of each line are back or on their way back: they do not ship.
pub async fn pieces_back(db: &impl ConnectionTrait, order: OrderId) -> Result<HashMap<OrderLineId, i64>, Fault> {
    let alive = table::Column::OrderId.eq(order).and(table::Column::Status.ne(RefundStatus::Failed));
    let refunds = table::Entity::find().filter(alive).all(db).await?;
    let mut back = HashMap::new();
    for part in parts_of(db, &refunds.iter().map(|row| row.id).collect::<Vec<_>>()).await? {
        *back.entry(part.order_line).or_default() += part.quantity;
    }
    Ok(back)
}

/// Whether what a failed refund was about is still there to be given.
async fn fits(tx: &Tx, order: &Order, refund: RefundId) -> Result<bool, Fault> {
    let books = books(&**tx, order).await?;
    let fits = |part: &part_row::Model| {
        let line = books.lines.iter().find(|line| line.line == part.order_line);
        line.is_some_and(|line| line.pieces_left() >= part.quantity && line.money_left() >= part.amount_minor)
    };
    Ok(parts_of(&**tx, &[refund]).await?.iter().all(fits))
}

async fn parts_of(db: &impl ConnectionTrait, refunds: &[RefundId]) -> Result<Vec<part_row::Model>, Fault> {
    if refunds.is_empty() {
        return Ok(Vec::new());
    }
    // In the order they were asked for: what pieces are worth depends on what went back before.
    let parts = part_row::Entity::find().filter(part_row::Column::Refund.is_in(refunds.iter().copied()));
    Ok(parts.order_by_asc(part_row::Column::Refund).all(db).await?)
}

fn read(row: &part_row::Model) -> Part {
    Part { line: row.order_line, sku: row.sku, quantity: row.quantity, amount: row.amount_minor, worth: row.worth_minor }
}

/// Gives a whole charge back that its order cannot take.
pub(crate) async fn give_back(tx: &mut Tx, op: &Op, (payment, reason): (&Payment, &str)) -> Result<(), Fault> {
    let order = orders::lock(tx, payment.order).await?;
    // The payment's own number: an order may be paid too late more than once.
    let attempt = payment.payment_no.rsplit('-').next().unwrap_or_default();
    let new = NewRefund { what: What::Charge, restock: false, reason: format!("{attempt}-{reason}"), text: None };
    match open(tx, op, ((&order, payment), new)).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused(refused)) => Err(Fault::corrupt(format!("{} does not go back: {refused}", payment.id))),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// A refund by staff.
#[derive(Clone, Debug, Serialize)]
pub struct StaffRefund {
    /// Of which order.
    pub order: OrderId,
    /// How much; all that is left when neither this nor lines are said.
    pub amount: Option<Money>,
    /// Pieces that go back instead of an amount.
    pub lines: Option<PiecesBack>,
    /// Why, in words the shopper may read.
    pub reason: String,
}

/// Pieces staff give money back for.
#[derive(Clone, Debug, Serialize)]
pub struct PiecesBack {
    /// Which.
    pub lines: Vec<LineWish>,
    /// What becomes of the money for bringing them.
    pub shipping: Shipping,
    /// Whether they return to the shelf. What never left the house does by itself.
    pub restock: bool,
}

/// Staff give money back: all of it, or a part once the team has formed. The same key is one refund.
pub async fn by_staff(op: &Op, wanted: StaffRefund, key: &str) -> Result<Refund, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "order_refund", key, &wanted).map_err(Failure::widen)?;
    let text = wanted.reason.trim().to_owned();
    if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err(Refused::Reason.into());
    }
    let mut tx = op.begin().await?;
    if let Some(known) = tx.claim::<RefundId>(&key).await.map_err(Failure::widen)? {
        let row = table::Entity::find_by_id(known).one(&*tx).await?;
        return row.map(Refund::of).ok_or_else(|| Refused::NotFound.into());
    }
    let order = orders::lock_any(&tx, wanted.order).await?.ok_or(Refused::NotFound)?;
    if order_rules::step(order.status, Move::RefundAll).map_err(Refused::from)? == order_rules::Step::Already {
        return Err(Refused::TooMuch(0).into());
    }
    let a_part = wanted.lines.is_some() || wanted.amount.is_some_and(|amount| amount != order.total);
    if order.status == Status::AwaitingTeam && a_part {
        return Err(Refused::from(order_rules::MoveRefused::AwaitingTeam).into());
    }
    let payment = payments::lock(&tx, paid_by(&order)?).await?;
    let earlier = table::Entity::find().filter(table::Column::OrderId.eq(order.id)).count(&*tx).await?;
    let (what, restock) = match (wanted.lines, wanted.amount) {
        (Some(_), Some(_)) => return Err(Refused::Amount.into()),
        (Some(pieces), None) => (Wish::Lines(pieces.lines, pieces.shipping), pieces.restock),
        (None, Some(amount)) => (Wish::Amount(amount), false),
        (None, None) => (Wish::Rest, false),
    };
    let new = NewRefund { what: What::Order(what), restock, reason: format!("staff-{}", earlier + 1), text: Some(text) };
    let refund = open(&mut tx, op, ((&order, &payment), new)).await?.ok_or(Refused::TooMuch(0))?;
    tx.remember(&key, &refund.id).await?;
    tx.commit().await?;
    Ok(refund)
}

/// A refund to be written.
struct NewRefund {
    what: What,
    restock: bool,
    reason: String,
    text: Option<String>,
}

/// Whose money it is.
enum What {
    /// The order's.
    Order(Wish),
    /// All of a charge that its order cannot take: none of the order's money.
    Charge,
}

/// Order and payment are locked.
async fn open(tx: &mut Tx, op: &Op, ((order, payment), new): ((&Order, &Payment), NewRefund)) -> Result<Option<Refund>, Failure<Refused>> {
    let refund_no = format!("{}-{}", order.order_no, new.reason);
    if let Some(known) = table::Entity::find().filter(table::Column::RefundNo.eq(&refund_no)).one(&**tx).await? {
        return Ok(Some(Refund::of(known)));
    }
    let left = payments::refundable(&**tx, payment.id).await?;
    let (amount, parts) = match &new.what {
        What::Order(Wish::Rest) | What::Charge if left.minor == 0 => return Ok(None),
        What::Charge => (left, Parts::default()),
        What::Order(wish) => {
            let parts = rules::parts(&books(&**tx, order).await?, wish).map_err(Refused::from)?;
            (Money { minor: parts.total(), ..left }, parts)
        }
    };
    if !payments::reserve_refund(tx, payment.id, amount).await? {
        return Err(Refused::TooMuch(left.minor).into());
    }
    let refund = Refund {
        id: op.new_id(),
        refund_no,
        order: order.id,
        payment: payment.id,
        customer: order.customer,
        status: RefundStatus::Requested,
        amount,
        shipping: Money { minor: parts.shipping, ..amount },
        reason: new.reason,
        reason_text: new.text,
        created_at: op.now(),
        finished_at: None,
        provider_refund_id: None,
        parts: parts.lines.clone(),
        queries: 0,
    };
    let row = table::ActiveModel {
        id: Set(refund.id),
        refund_no: Set(refund.refund_no.clone()),
        order_id: Set(refund.order),
        payment_id: Set(refund.payment),
        customer: Set(refund.customer),
        status: Set(RefundStatus::Requested),
        amount_minor: Set(amount.minor),
        shipping_minor: Set(parts.shipping),
        currency: Set(amount.currency),
        reason: Set(refund.reason.clone()),
        reason_text: Set(refund.reason_text.clone()),
        next_query_at: Set(Some(op.now() + payments::pause(0))),
        queries: Set(0),
        requested_by: Set(op.actor.to_string()),
        created_at: Set(op.now()),
        ..Default::default()
    };
    table::Entity::insert(row).exec_without_returning(&**tx).await?;
    // What has not left the house will not: it returns to the shelf with the money.
    let at_hand = at_hand(tx, order).await?;
    let returns = |part: &Part| new.restock || at_hand.get(&part.line).is_some_and(|pieces| part.quantity <= *pieces);
    let rows = parts.lines.iter().map(|part| part_row::ActiveModel {
        refund: Set(refund.id),
        order_line: Set(part.line),
        sku: Set(part.sku),
        quantity: Set(part.quantity),
        amount_minor: Set(part.amount),
        worth_minor: Set(part.worth),
        restock: Set(part.quantity > 0 && returns(part)),
    });
    if !parts.lines.is_empty() {
        rows::insert(&**tx, rows).await?;
    }
    let asked = NewEvent {
        payment: refund.payment,
        kind: PaymentEventKind::RefundRequested,
        reference: &refund.refund_no,
        amount,
        source: "request",
    };
    payments::tell(tx, op, asked).await?;
    let note = Some(refund.reason.clone());
    orders::record(tx, op, Happened { order: refund.order, kind: "REFUND_REQUESTED", note, amount: Some(amount) }).await?;
    tx.enqueue(&SendRefund { refund: refund.id });
    tx.emit(&RefundChanged { refund: refund.id, order: refund.order });
    Ok(Some(refund))
}

/// How many pieces of each line lie here, and are not given back already.
async fn at_hand(tx: &Tx, order: &Order) -> Result<HashMap<OrderLineId, i64>, Fault> {
    if !order.status.is_paid_and_here() {
        return Ok(HashMap::new());
    }
    let back = pieces_back(&**tx, order.id).await?;
    let rows = order_line::Entity::find().filter(order_line::Column::OrderId.eq(order.id)).all(&**tx).await?;
    let here = |row: order_line::Model| (row.id, row.quantity - row.shipped_quantity - back.get(&row.id).copied().unwrap_or(0));
    Ok(rows.into_iter().map(here).collect())
}

/// What a provider says about a refund.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefundFact<'a> {
    pub(crate) refund_no: &'a str,
    pub(crate) amount: Money,
    pub(crate) provider_id: &'a str,
    pub(crate) source: &'static str,
}

/// The one end of every refund: the payment, the ledger and the order say that the money is back. Twice is once. The
/// answer is why it does not fit; then nothing was applied.
pub(crate) async fn settle_refund(tx: &mut Tx, op: &Op, fact: RefundFact<'_>) -> Result<Option<String>, Fault> {
    let Some((order, payment, refund)) = locked(tx, fact.refund_no).await? else { return Ok(Some("there is no such refund".to_owned())) };
    if refund.status == RefundStatus::Succeeded {
        return Ok(None);
    }
    if refund.amount != fact.amount {
        return Ok(Some(format!("{} was asked, {} went back", refund.amount, fact.amount)));
    }
    // The provider came round. Believed, unless a person has promised the same money or pieces anew meanwhile.
    if refund.status == RefundStatus::Failed {
        let still_there = order.paid_by != Some(payment.id) || fits(tx, &order, refund.id).await?;
        if !still_there || !payments::reserve_refund(tx, payment.id, refund.amount).await? {
            return Ok(Some("it had failed, and its money was promised again".to_owned()));
        }
    }
    finish(tx, op, (&refund, RefundStatus::Succeeded, fact.provider_id, None)).await?;
    payments::end_refund(tx, payment.id, (refund.amount, RefundEnd::Back)).await?;
    let back = NewEvent {
        payment: payment.id,
        kind: PaymentEventKind::RefundSucceeded,
        reference: &refund.refund_no,
        amount: refund.amount,
        source: fact.source,
    };
    payments::tell(tx, op, back).await?;
    tx.emit(&RefundChanged { refund: refund.id, order: refund.order });
    // A charge the order could not take never was the order's money.
    if order.paid_by == Some(payment.id) {
        let lines = parts_of(&**tx, &[refund.id]).await?.into_iter().map(|row| RefundedLine {
            line: row.order_line,
            sku: row.sku,
            quantity: row.quantity,
            amount: Money { minor: row.amount_minor, ..refund.amount },
            restocked: row.restock,
        });
        let back = MoneyBack {
            order: order.id,
            refund: refund.id,
            refund_no: refund.refund_no.clone(),
            amount: refund.amount,
            shipping: refund.shipping,
            lines: lines.collect(),
        };
        orders::refunded(tx, op, back).await?;
    }
    let money = ledger::orders::Back { payment: &payment, refund_no: &refund.refund_no, amount: refund.amount };
    ledger::orders::refunded(tx, op, (&order, money)).await?;
    Ok(None)
}

/// The provider could not give the money back: it is ours to give again, and a person must look.
pub(crate) async fn fail(tx: &mut Tx, op: &Op, (fact, why): (RefundFact<'_>, &str)) -> Result<Option<String>, Fault> {
    let Some((order, payment, refund)) = locked(tx, fact.refund_no).await? else { return Ok(Some("there is no such refund".to_owned())) };
    match refund.status {
        RefundStatus::Failed => return Ok(None),
        RefundStatus::Succeeded => return Ok(Some("it had succeeded".to_owned())),
        RefundStatus::Requested | RefundStatus::Processing => {}
    }
    tracing::error!(refund = %refund.id, order = %order.id, why, "a refund failed; a person must look");
    finish(tx, op, (&refund, RefundStatus::Failed, fact.provider_id, Some(why))).await?;
    payments::end_refund(tx, payment.id, (refund.amount, RefundEnd::Stayed)).await?;
    let stayed = NewEvent {
        payment: payment.id,
        kind: PaymentEventKind::RefundFailed,
        reference: &refund.refund_no,
        amount: refund.amount,
        source: fact.source,
    };
    payments::tell(tx, op, stayed).await?;
    tx.emit(&RefundChanged { refund: refund.id, order: refund.order });
    orders::record(tx, op, Happened { order: order.id, kind: "REFUND_FAILED", note: Some(why.to_owned()), amount: Some(refund.amount) })
        .await?;
    Ok(None)
}

async fn finish(tx: &Tx, op: &Op, (refund, status, provider_id, why): (&Refund, RefundStatus, &str, Option<&str>)) -> Result<(), Fault> {
    table::Entity::update_many()
        .col_expr(table::Column::Status, Expr::value(status.to_value()))
        .col_expr(table::Column::ProviderRefundId, Expr::value(provider_id))
        .col_expr(table::Column::Failure, Expr::value(why))
        .col_expr(table::Column::FinishedAt, Expr::value(op.now().0))
        .col_expr(table::Column::NextQueryAt, Expr::value(None::<i64>))
        .filter(table::Column::Id.eq(refund.id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Applies what the provider answered about a refund.
pub(super) async fn heard(op: &Op, refund: &Refund, state: RefundState) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let fact = |amount, provider_id| RefundFact { refund_no: &refund.refund_no, amount, provider_id, source: "answer" };
    let misfit = match &state {
        RefundState::Succeeded { provider_refund_id, amount, .. } => settle_refund(&mut tx, op, fact(*amount, provider_refund_id)).await?,
        RefundState::Failed { provider_refund_id, reason } => fail(&mut tx, op, (fact(refund.amount, provider_refund_id), reason)).await?,
        RefundState::Processing { provider_refund_id } => {
            table::Entity::update_many()
                .col_expr(table::Column::Status, Expr::value(RefundStatus::Processing.to_value()))
                .col_expr(table::Column::ProviderRefundId, Expr::value(provider_refund_id.as_str()))
                .filter(table::Column::Id.eq(refund.id).and(table::Column::Status.eq(RefundStatus::Requested)))
                .exec(&*tx)
                .await?;
            None
        }
        RefundState::Absent => None,
    };
    match misfit {
        Some(note) => Err(Fault::corrupt(format!("{}: {note}", refund.id))),
        None => tx.commit().await,
    }
}

/// Order, payment and refund of a number, locked in this order.
async fn locked(tx: &Tx, refund_no: &str) -> Result<Option<(Order, Payment, Refund)>, Fault> {
    let Some(known) = table::Entity::find().filter(table::Column::RefundNo.eq(refund_no)).one(&**tx).await? else { return Ok(None) };
    let order = orders::lock(tx, known.order_id).await?;
    let payment = payments::lock(tx, known.payment_id).await?;
    let refund = table::Entity::find_by_id(known.id).lock_exclusive().one(&**tx).await?;
    Ok(refund.map(|refund| (order, payment, Refund::of(refund))))
}

/// A refund by its id.
pub(crate) async fn find(op: &Op, id: RefundId) -> Result<Option<Refund>, Fault> {
    Ok(table::Entity::find_by_id(id).one(op.platform.db.writer()).await?.map(Refund::of))
}

/// Where a refund stands.
pub(crate) async fn status(db: &impl ConnectionTrait, id: RefundId) -> Result<Option<RefundStatus>, Fault> {
    Ok(table::Entity::find_by_id(id).one(db).await?.map(|row| row.status))
}

/// The refunds of orders, the first first. For those who may see the orders.
pub(crate) async fn of_orders(op: &Op, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<Refund>>, Fault> {
    let rows = table::Entity::find()
        .filter(table::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(table::Column::Id)
        .all(op.reader())
        .await?;
    let mut found: HashMap<OrderId, Vec<Refund>> = HashMap::new();
    let mut parts: HashMap<RefundId, Vec<Part>> = HashMap::new();
    for row in parts_of(op.reader(), &rows.iter().map(|row| row.id).collect::<Vec<_>>()).await? {
        parts.entry(row.refund).or_default().push(read(&row));
    }
    for row in rows {
        let parts = parts.remove(&row.id).unwrap_or_default();
        found.entry(row.order_id).or_default().push(Refund { parts, ..Refund::of(row) });
    }
    Ok(found)
}

/// Refunds the provider was silent about for too long.
pub(super) async fn silent(op: &Op, limit: u64) -> Result<Vec<Refund>, Fault> {
    let waiting = under_way().and(table::Column::NextQueryAt.lte(op.now()));
    let rows = table::Entity::find().filter(waiting).order_by_asc(table::Column::NextQueryAt).limit(limit).all(op.reader()).await?;
    Ok(rows.into_iter().map(Refund::of).collect())
}

fn under_way() -> SimpleExpr {
    table::Column::Status.is_in([RefundStatus::Requested, RefundStatus::Processing])
}

/// Takes a due refund for one question, and sets the time of the next, later each time; `false` when another node did.
pub(super) async fn take(op: &Op, refund: &Refund) -> Result<bool, Fault> {
    let tx = op.begin().await?;
    let taken = table::Entity::update_many()
        .col_expr(table::Column::NextQueryAt, Expr::value((op.now() + payments::pause(refund.queries)).0))
        .col_expr(table::Column::Queries, Expr::col(table::Column::Queries).add(1))
        .filter(table::Column::Id.eq(refund.id).and(table::Column::Queries.eq(refund.queries)).and(under_way()))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(taken.rows_affected == 1)
}

impl Refund {
    fn of(row: table::Model) -> Self {
        Self {
            id: row.id,
            refund_no: row.refund_no,
            order: row.order_id,
            payment: row.payment_id,
            customer: row.customer,
            status: row.status,
            amount: Money::new(row.amount_minor, row.currency),
            shipping: Money::new(row.shipping_minor, row.currency),
            reason: row.reason,
            reason_text: row.reason_text,
            created_at: row.created_at,
            finished_at: row.finished_at,
            provider_refund_id: row.provider_refund_id,
            parts: Vec::new(),
            queries: row.queries,
        }
    }
}
