//! Commands and reads of the stock.
//!
//! Lock order: the rows of one order's reservations, then rows of `stock` by SKU id.

use std::collections::{BTreeMap, HashMap};

use entity::catalog::{stock, stock_movement, stock_reservation as reservation};
use futures_util::Stream;
use kernel::{CursorError, Failure, Fault, MovementId, OrderId, Page, PageRequest, SkuId, Timestamp};
use platform::{
    IdempotencyKey, Op, Tx,
    live::{self, Live, LiveRefused},
    rows,
};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr},
};
use serde::{Deserialize, Serialize};

use super::{
    allotments,
    error::AdjustRefused,
    events::{StockChanged, StockSold, topic},
    rules::{self, Refused, Reservation, State, Step, Stock},
};
use crate::product;

/// Stock wanted for an order. It replaces what the order holds.
#[derive(Clone, Debug)]
pub struct ReserveStock {
    /// For which order.
    pub order: OrderId,
    /// How many of what; a SKU named twice counts twice.
    pub lines: Vec<(SkuId, i64)>,
    /// Held no longer than this; the order releases it in time.
    pub until: Timestamp,
}

/// Puts stock aside for an order: all of it or, refused, nothing.
pub async fn reserve(tx: &mut Tx, op: &Op, wanted: ReserveStock) -> Result<(), Failure<Refused>> {
    let existing = locked(tx, wanted.order).await?;
    let steps = rules::plan(&existing, &wanted.lines)?;
    let mut done: Vec<(SkuId, i64)> = Vec::new();
    for step in steps.iter().filter(|step| step.delta != 0) {
        if !promise(tx, op, (step.sku, step.delta)).await? {
            for (sku, delta) in done {
                promise(tx, op, (sku, -delta)).await?;
            }
            let available = stock_of(tx, step.sku).await?.available() + step.held;
            return Err(Refused::InsufficientStock { sku: step.sku, available }.into());
        }
        done.push((step.sku, step.delta));
    }
    let now = op.now();
    let (fresh, known): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| !step.known);
    if !fresh.is_empty() {
        let rows = fresh.iter().map(|step| held((wanted.order, wanted.until), step, now));
        rows::insert(&**tx, rows).await?;
    }
    // What is no longer wanted is forgotten, so that a late payment takes only what was ordered last.
    let unwanted: Vec<SkuId> = known.iter().filter(|step| step.quantity == 0).map(|step| step.sku).collect();
    if !unwanted.is_empty() {
        let gone = reservation::Column::OrderId.eq(wanted.order).and(reservation::Column::Sku.is_in(unwanted));
        reservation::Entity::delete_many().filter(gone).exec(&**tx).await?;
    }
    for step in known.iter().filter(|step| step.quantity > 0) {
        reservation::Entity::update_many()
            .col_expr(reservation::Column::State, value(reservation::ReservationState::Held.to_value()))
            .col_expr(reservation::Column::Quantity, value(step.quantity))
            .col_expr(reservation::Column::ExpiresAt, value(wanted.until.0))
            .col_expr(reservation::Column::UpdatedAt, value(now.0))
            .filter(of(wanted.order, step.sku))
            .exec(&**tx)
            .await?;
    }
    tell(tx, done.into_iter().map(|(sku, _)| sku).collect());
    Ok(())
}

/// Puts stock aside for many orders that hold nothing yet: one statement per SKU, in the order of their ids, and one for
/// all reservations. Refused, the caller's transaction must not commit.
pub async fn reserve_first(tx: &mut Tx, op: &Op, orders: &[ReserveStock]) -> Result<(), Failure<Refused>> {
    let now = op.now();
    let (mut wanted, mut rows) = (BTreeMap::<SkuId, i64>::new(), Vec::with_capacity(orders.len()));
    for order in orders {
        for step in rules::plan(&[], &order.lines)? {
            *wanted.entry(step.sku).or_default() += step.quantity;
            rows.push(held((order.order, order.until), &step, now));
        }
    }
    if !rows.is_empty() {
        rows::insert(&**tx, rows).await?;
    }
    for (&sku, &quantity) in &wanted {
        if !promise(tx, op, (sku, quantity)).await? {
            return Err(Refused::InsufficientStock { sku, available: stock_of(tx, sku).await?.available() }.into());
        }
    }
    tell(tx, wanted.into_keys().collect());
    Ok(())
}

fn held((order, until): (OrderId, Timestamp), step: &Step, now: Timestamp) -> reservation::ActiveModel {
    reservation::ActiveModel {
        order_id: Set(order),
        sku: Set(step.sku),
        quantity: Set(step.quantity),
        returned: Set(0),
        state: Set(reservation::ReservationState::Held),
        expires_at: Set(until),
        created_at: Set(now),
        updated_at: Set(now),
        allotment: Set(None),
    }
}

/// The order is paid: what it holds leaves the stock. Twice is once. A hold that lapsed meanwhile is taken anew from
/// what is left, or refused; then the caller's transaction must not commit.
pub async fn commit(tx: &mut Tx, op: &Op, order: OrderId) -> Result<(), Failure<Refused>> {
    let mut rows = locked(tx, order).await?;
    rows.retain(|row| row.state != State::Committed);
    if rows.is_empty() {
        return Ok(());
    }
    settle(tx, op, (order, reservation::ReservationState::Committed)).await?;
    let (mut moved, mut movements) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        let held = if row.state == State::Held { row.quantity } else { 0 };
        let update = stock::Entity::update_many()
            .col_expr(stock::Column::OnHand, Expr::col(stock::Column::OnHand).sub(row.quantity))
            .col_expr(stock::Column::Reserved, Expr::col(stock::Column::Reserved).sub(held))
            .col_expr(stock::Column::Sold, Expr::col(stock::Column::Sold).add(row.quantity))
            .col_expr(stock::Column::UpdatedAt, value(op.now().0))
            .filter(stock::Column::Sku.eq(row.sku))
            .filter(Expr::col(stock::Column::OnHand).sub(Expr::col(stock::Column::Reserved)).gte(row.quantity - held));
        let Some(left) = update.exec_with_returning(&**tx).await?.pop() else {
            let available = stock_of(tx, row.sku).await?.available();
            return Err(Refused::InsufficientStock { sku: row.sku, available }.into());
        };
        let kind = stock_movement::MovementKind::Sold;
        movements.push(NewMovement { left, kind, delta: -row.quantity, reference: order.to_string(), reason: "" });
        moved.push((row.sku, row.quantity));
    }
    record(tx, op, movements).await?;
    sold(tx, order, moved);
    Ok(())
}

/// Gives back what the order holds. What has left the stock stays away: that comes back by [`restock`].
pub async fn release(tx: &mut Tx, op: &Op, order: OrderId) -> Result<(), Fault> {
    let held: Vec<_> = locked(tx, order).await?.into_iter().filter(|row| row.state == State::Held).collect();
    for row in &held {
        let back = match row.allotment {
            Some(allotment) => allotments::give_back(tx, op, (allotment, row.sku, row.quantity)).await?,
            None => false,
        };
        if !back {
            promise(tx, op, (row.sku, -row.quantity)).await?;
        }
    }
    if !held.is_empty() {
        settle(tx, op, (order, reservation::ReservationState::Released)).await?;
        tell(tx, held.into_iter().map(|row| row.sku).collect());
    }
    Ok(())
}

/// Goods that come back after a refund.
#[derive(Clone, Debug)]
pub struct Restock {
    /// Of which order.
    pub order: OrderId,
    /// The refund: the same reference brings a SKU back once.
    pub reference: String,
    /// How many of what; `None` is all that has not come back yet.
    pub lines: Option<Vec<(SkuId, i64)>>,
}

/// Puts sold goods back on the shelf. Nothing happens for an order that never took any.
pub async fn restock(tx: &mut Tx, op: &Op, back: Restock) -> Result<(), Failure<Refused>> {
    restock_but(tx, op, (back, &[])).await
}

/// Puts sold goods back on the shelf, except those that left the house: of these so many never come back with `lines: None`.
pub async fn restock_but(tx: &mut Tx, op: &Op, (back, gone): (Restock, &[(SkuId, i64)])) -> Result<(), Failure<Refused>> {
    let rows: Vec<_> = locked(tx, back.order).await?.into_iter().filter(|row| row.state == State::Committed).collect();
    let (mut moved, mut movements) = (Vec::new(), Vec::new());
    for row in rows {
        let quantity = match &back.lines {
            None => {
                let gone: i64 = gone.iter().filter(|(sku, _)| *sku == row.sku).map(|(_, quantity)| *quantity).sum();
                Ord::max(row.quantity - row.returned - gone, 0)
            }
            Some(lines) => lines.iter().filter(|(sku, _)| *sku == row.sku).map(|(_, quantity)| *quantity).sum(),
        };
        let known = stock_movement::Entity::find()
            .filter(stock_movement::Column::Sku.eq(row.sku))
            .filter(stock_movement::Column::Kind.eq(stock_movement::MovementKind::Returned))
            .filter(stock_movement::Column::Reference.eq(&back.reference))
            .one(&**tx)
            .await?;
        if quantity == 0 || known.is_some() {
            continue;
        }
        if quantity < 0 {
            return Err(Refused::Quantity.into());
        }
        if row.returned + quantity > row.quantity {
            return Err(Refused::ReturnTooLarge.into());
        }
        reservation::Entity::update_many()
            .col_expr(reservation::Column::Returned, Expr::col(reservation::Column::Returned).add(quantity))
            .col_expr(reservation::Column::UpdatedAt, value(op.now().0))
            .filter(of(back.order, row.sku))
            .exec(&**tx)
            .await?;
        let update = stock::Entity::update_many()
            .col_expr(stock::Column::OnHand, Expr::col(stock::Column::OnHand).add(quantity))
            .col_expr(stock::Column::Sold, Expr::col(stock::Column::Sold).sub(quantity))
            .col_expr(stock::Column::UpdatedAt, value(op.now().0))
            .filter(stock::Column::Sku.eq(row.sku));
        let left = update.exec_with_returning(&**tx).await?.pop().ok_or_else(|| Fault::corrupt(format!("{} has no shelf", row.sku)))?;
        let kind = stock_movement::MovementKind::Returned;
        movements.push(NewMovement { left, kind, delta: quantity, reference: back.reference.clone(), reason: "" });
        moved.push((row.sku, quantity));
    }
    if !moved.is_empty() {
        record(tx, op, movements).await?;
        sold(tx, back.order, moved);
    }
    Ok(())
}

/// The first stock of a new SKU.
#[derive(Clone, Copy, Debug)]
pub struct OpenStock {
    /// Of what.
    pub sku: SkuId,
    /// So many lie there; never negative.
    pub on_hand: i64,
    /// So many were sold before the mall knew the SKU.
    pub sold: i64,
}

/// Gives new SKUs their shelves.
pub async fn open(tx: &mut Tx, op: &Op, shelves: &[OpenStock]) -> Result<(), Fault> {
    if shelves.is_empty() {
        return Ok(());
    }
    let now = op.now();
    let rows = shelves.iter().map(|shelf| stock::ActiveModel {
        sku: Set(shelf.sku),
        on_hand: Set(shelf.on_hand),
        reserved: Set(0),
        sold: Set(shelf.sold),
        updated_at: Set(now),
    });
    rows::insert(&**tx, rows).await?;
    let opened: Vec<_> = shelves
        .iter()
        .filter(|shelf| shelf.on_hand > 0)
        .map(|shelf| stock_movement::ActiveModel {
            id: Set(op.new_id::<MovementId>()),
            sku: Set(shelf.sku),
            kind: Set(stock_movement::MovementKind::Opened),
            delta: Set(shelf.on_hand),
            on_hand: Set(shelf.on_hand),
            reference: Set(shelf.sku.to_string()),
            reason: Set(String::new()),
            actor: Set(op.actor.to_string()),
            created_at: Set(now),
        })
        .collect();
    if !opened.is_empty() {
        rows::insert(&**tx, opened).await?;
    }
    Ok(())
}

/// A change of the shelf by staff.
#[derive(Clone, Debug, Serialize)]
pub struct AdjustStock {
    /// Of what.
    pub sku: SkuId,
    /// So many more, or fewer when negative.
    pub delta: i64,
    /// Why, in words.
    pub reason: String,
    /// The caller's key: equal keys have one effect.
    #[serde(skip)]
    pub key: String,
}

/// What lies on the shelf of a SKU, as staff see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    /// Of what.
    pub sku: SkuId,
    /// Lies there.
    pub on_hand: i64,
    /// Is promised to orders.
    pub reserved: i64,
    /// Left for good.
    pub sold: i64,
}

impl Shelf {
    /// What can still be bought.
    pub fn available(&self) -> i64 {
        self.on_hand - self.reserved
    }
}

/// Changes what lies on the shelf: a delivery, a count, breakage.
pub async fn adjust(op: &Op, change: AdjustStock) -> Result<Shelf, Failure<AdjustRefused>> {
    let reason = change.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(AdjustRefused::Reason.into());
    }
    if change.delta == 0 {
        return Err(AdjustRefused::Delta.into());
    }
    let key = IdempotencyKey::new(op, "sku_stock_adjust", &change.key, &change).map_err(Failure::widen)?;
    let mut tx = op.begin().await?;
    if let Some(answer) = tx.claim::<Shelf>(&key).await.map_err(Failure::widen)? {
        return Ok(answer);
    }
    let row = stock::Entity::find_by_id(change.sku).lock_exclusive().one(&*tx).await?.ok_or(AdjustRefused::NoSku)?;
    let after = rules::adjusted(Stock { on_hand: row.on_hand, reserved: row.reserved }, change.delta)
        .map_err(|available| AdjustRefused::OutOfBounds { available })?;
    let left = stock::Model { on_hand: after.on_hand, updated_at: op.now(), ..row };
    stock::Entity::update_many()
        .col_expr(stock::Column::OnHand, value(left.on_hand))
        .col_expr(stock::Column::UpdatedAt, value(left.updated_at.0))
        .filter(stock::Column::Sku.eq(change.sku))
        .exec(&*tx)
        .await?;
    // Keys are kept for a day, the journal for ever: the reference must not meet an old key again.
    let reference = format!("{}:{}", change.key, op.new_id::<MovementId>());
    let kind = stock_movement::MovementKind::Adjusted;
    let shelf = shelf(&left);
    record(&tx, op, vec![NewMovement { left, kind, delta: change.delta, reference, reason }]).await?;
    tx.remember(&key, &shelf).await?;
    tell(&mut tx, vec![change.sku]);
    tx.commit().await?;
    Ok(shelf)
}

/// What can be bought of each SKU now; a SKU without a shelf is not in the answer.
pub async fn available(op: &Op, skus: &[SkuId]) -> Result<HashMap<SkuId, i64>, Fault> {
    Ok(shelves(op, skus).await?.into_iter().map(|(sku, shelf)| (sku, shelf.available())).collect())
}

/// What lies on the shelves of these SKUs.
pub async fn shelves(op: &Op, skus: &[SkuId]) -> Result<HashMap<SkuId, Shelf>, Fault> {
    let rows = stock::Entity::find().filter(stock::Column::Sku.is_in(skus.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.sku, shelf(&row))).collect())
}

/// How many of the SKUs a query answers left the stock for good, all together: for a statement.
pub fn sold_of(skus: SelectStatement) -> SimpleExpr {
    // Postgres sums bigints into numeric.
    let sum = Expr::col((stock::Entity, stock::Column::Sold)).sum().cast_as("bigint");
    let sold = Query::select()
        .expr(Func::coalesce([sum, Expr::value(0_i64)]))
        .from(stock::Entity)
        .and_where(stock::Column::Sku.in_subquery(skus))
        .to_owned();
    SimpleExpr::from(sold)
}

/// What the order holds or has taken.
pub async fn reservations(op: &Op, order: OrderId) -> Result<Vec<Reservation>, Fault> {
    let rows = reservation::Entity::find()
        .filter(reservation::Column::OrderId.eq(order))
        .order_by_asc(reservation::Column::Sku)
        .all(op.reader())
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Watches what can be bought of a SKU that shoppers may see.
pub async fn watch(
    op: &Op,
    sku: SkuId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<i64>, Fault>> + use<>, Failure<LiveRefused>> {
    product::query::shown_sku(op, sku).await?.ok_or(LiveRefused::NotFound)?;
    live::watch(op, topic(sku), after, move |op| async move { Ok(available(&op, &[sku]).await?.get(&sku).copied()) }).await
}

/// The journal of a SKU, the latest first.
pub async fn movements(op: &Op, sku: SkuId, page: PageRequest) -> Result<Page<Movement>, Failure<CursorError>> {
    let mut rows = stock_movement::Entity::find()
        .filter(stock_movement::Column::Sku.eq(sku))
        .order_by_desc(stock_movement::Column::CreatedAt)
        .order_by_desc(stock_movement::Column::Id)
        .limit(page.first + 1);
    if let Some(after) = page.after {
        let (at, id): (Timestamp, MovementId) = after.key()?;
        let same = stock_movement::Column::CreatedAt.eq(at).and(stock_movement::Column::Id.lt(id));
        rows = rows.filter(stock_movement::Column::CreatedAt.lt(at).or(same));
    }
    let rows = rows.all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| (row.created_at, row.id)))
}

fn shelf(row: &stock::Model) -> Shelf {
    Shelf { sku: row.sku, on_hand: row.on_hand, reserved: row.reserved, sold: row.sold }
}

/// The order's reservations, locked, in the order of SKU ids.
async fn locked(tx: &Tx, order: OrderId) -> Result<Vec<Reservation>, Fault> {
    let rows = reservation::Entity::find()
        .filter(reservation::Column::OrderId.eq(order))
        .order_by_asc(reservation::Column::Sku)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

impl From<reservation::Model> for Reservation {
    fn from(row: reservation::Model) -> Self {
        let state = match row.state {
            reservation::ReservationState::Held => State::Held,
            reservation::ReservationState::Committed => State::Committed,
            reservation::ReservationState::Released => State::Released,
        };
        Self { sku: row.sku, quantity: row.quantity, returned: row.returned, state, expires_at: row.expires_at, allotment: row.allotment }
    }
}

/// Promises `delta` more of a SKU, if so many are left: one guarded statement.
pub(super) async fn promise(tx: &Tx, op: &Op, (sku, delta): (SkuId, i64)) -> Result<bool, Fault> {
    let update = stock::Entity::update_many()
        .col_expr(stock::Column::Reserved, Expr::col(stock::Column::Reserved).add(delta))
        .col_expr(stock::Column::UpdatedAt, value(op.now().0))
        .filter(stock::Column::Sku.eq(sku))
        .filter(Expr::col(stock::Column::OnHand).sub(Expr::col(stock::Column::Reserved)).gte(delta));
    Ok(update.exec(&**tx).await?.rows_affected == 1)
}

pub(super) async fn stock_of(tx: &Tx, sku: SkuId) -> Result<Stock, Fault> {
    let row = stock::Entity::find_by_id(sku).one(&**tx).await?;
    Ok(row.map_or_else(Stock::default, |row| Stock { on_hand: row.on_hand, reserved: row.reserved }))
}

/// A line of the journal.
pub type Movement = stock_movement::Model;

/// A line for the journal.
struct NewMovement<'a> {
    /// The shelf after it.
    left: stock::Model,
    kind: stock_movement::MovementKind,
    delta: i64,
    reference: String,
    reason: &'a str,
}

/// Writes what changed on shelves, after it changed.
async fn record(tx: &Tx, op: &Op, movements: Vec<NewMovement<'_>>) -> Result<(), Fault> {
    let rows = movements.into_iter().map(|movement| stock_movement::ActiveModel {
        id: Set(op.new_id::<MovementId>()),
        sku: Set(movement.left.sku),
        kind: Set(movement.kind),
        delta: Set(movement.delta),
        on_hand: Set(movement.left.on_hand),
        reference: Set(movement.reference),
        reason: Set(movement.reason.to_owned()),
        actor: Set(op.actor.to_string()),
        created_at: Set(op.now()),
    });
    rows::insert(&**tx, rows).await?;
    Ok(())
}

/// Moves the order's reservations that are not committed to their last state.
async fn settle(tx: &Tx, op: &Op, (order, state): (OrderId, reservation::ReservationState)) -> Result<(), Fault> {
    reservation::Entity::update_many()
        .col_expr(reservation::Column::State, value(state.to_value()))
        .col_expr(reservation::Column::UpdatedAt, value(op.now().0))
        .filter(reservation::Column::OrderId.eq(order))
        .filter(reservation::Column::State.ne(reservation::ReservationState::Committed))
        .exec(&**tx)
        .await?;
    Ok(())
}

fn sold(tx: &mut Tx, order: OrderId, moved: Vec<(SkuId, i64)>) {
    let skus: Vec<SkuId> = moved.into_iter().map(|(sku, _)| sku).collect();
    tx.emit(&StockSold { order, skus: skus.clone() });
    tell(tx, skus);
}

pub(super) fn tell(tx: &mut Tx, skus: Vec<SkuId>) {
    if !skus.is_empty() {
        tx.emit(&StockChanged { skus });
    }
}

fn of(order: OrderId, sku: SkuId) -> SimpleExpr {
    reservation::Column::OrderId.eq(order).and(reservation::Column::Sku.eq(sku))
}

pub(super) fn value(value: impl Into<sea_orm::Value>) -> SimpleExpr {
    Expr::value(value)
}
