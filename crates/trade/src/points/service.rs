//! Earning, spending and taking back points. One function per command; those of an order run in its transaction.

use std::collections::HashMap;

use entity::trade::{
    points_hold::{self as hold_table, PointsHoldState},
    points_lot as lot,
};
use kernel::{CursorError, CustomerId, Failure, Fault, OrderId, Page, PageRequest, PointsLotId, Timestamp};
use platform::{IdempotencyKey, Op, Tx};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};

use super::{
    Refused,
    rules::{self, FROZEN, GRACE, LIFETIME, Lot, MOST, Part},
    store,
};
use crate::{
    ledger::{
        Account, Amount, Posting, Unit,
        service::{self as ledger, Period, StatementLine},
    },
    order::service as orders,
};

/// Points an order puts aside.
#[derive(Clone, Copy, Debug)]
pub struct HoldPoints {
    /// Which order.
    pub order: OrderId,
    /// Whose points.
    pub customer: CustomerId,
    /// How many; none is fine.
    pub points: i64,
}

/// Puts points aside for an order, of what expires first. Refused when there are not so many: the transaction must then
/// be given up. The same order again changes nothing.
pub async fn hold(tx: &mut Tx, op: &Op, wanted: HoldPoints) -> Result<(), Failure<Refused>> {
    if wanted.points == 0 {
        return Ok(());
    }
    if !(1..=MOST).contains(&wanted.points) {
        return Err(Refused::Amount.into());
    }
    let HoldPoints { order, customer, points } = wanted;
    if !store::held(tx, op, (order, customer, points)).await? {
        return Ok(());
    }
    lock(tx, customer).await?;
    release_due(tx, op, customer).await?;
    let lots: Vec<Lot> = store::lots(tx, customer).await?.iter().map(Lot::from).collect();
    let parts = rules::take(&lots, points, op.now()).map_err(Refused::NotEnough)?;
    for part in &parts {
        store::change(tx, (part.lot, -part.points)).await?;
    }
    store::parts_held(tx, order, &parts).await?;
    let posting = Posting::transfer(
        "points_held",
        order.to_string(),
        Account::PointsHeld(customer),
        Account::Points(customer),
        Amount::points(points),
    );
    ledger::post(tx, op, posting).await?;
    Ok(())
}

/// The order was paid: what it held is spent. Twice is once; an order without points has none to spend.
pub async fn spend(tx: &mut Tx, op: &Op, order: OrderId) -> Result<(), Fault> {
    let Some(held) = store::hold_of(tx, order).await? else { return Ok(()) };
    match held.state {
        PointsHoldState::Spent => Ok(()),
        PointsHoldState::Returned => Err(Fault::corrupt(format!("the points of {order} went back before it was paid"))),
        PointsHoldState::Held => {
            lock(tx, held.customer).await?;
            store::ended(tx, op, (order, PointsHoldState::Spent)).await?;
            let (from, to) = (Account::PointsRedeemed, Account::PointsHeld(held.customer));
            ledger::post(tx, op, Posting::transfer("points_spent", order.to_string(), from, to, Amount::points(held.points))).await
        }
    }
}

/// The order came to nothing: what it held goes back. Twice is once; what is spent stays spent.
pub async fn give_back(tx: &mut Tx, op: &Op, order: OrderId) -> Result<(), Fault> {
    let Some(held) = store::hold_of(tx, order).await? else { return Ok(()) };
    if held.state != PointsHoldState::Held {
        return Ok(());
    }
    lock(tx, held.customer).await?;
    store::ended(tx, op, (order, PointsHoldState::Returned)).await?;
    let (from, to) = (Account::Points(held.customer), Account::PointsHeld(held.customer));
    ledger::post(tx, op, Posting::transfer("points_returned", order.to_string(), from, to, Amount::points(held.points))).await?;
    into_lots(tx, op, (&held, held.points, &order.to_string())).await?;
    pay_debt(tx, op, (held.customer, &format!("returned:{order}"))).await
}

/// What a refund does to an order's points.
#[derive(Clone, Debug)]
pub struct ReversePoints {
    /// Of which order.
    pub order: OrderId,
    /// By which refund; one refund reverses once.
    pub refund_no: String,
    /// How many of the spent points go back to the shopper.
    pub spent_back: i64,
    /// How many of the earned points the mall takes back.
    pub earned_back: i64,
}

/// A refund: spent points go back to the lots they were of, earned ones are taken back, or owed when they are spent. Never
/// more than was spent or earned; twice is once.
pub async fn reverse(tx: &mut Tx, op: &Op, wanted: ReversePoints) -> Result<(), Fault> {
    let held = store::hold_of(tx, wanted.order).await?.filter(|held| held.state == PointsHoldState::Spent);
    let order = wanted.order.to_string();
    let source = ("order", order.as_str());
    let earned = store::lot_of(tx, source).await?;
    let Some(customer) = held.as_ref().map(|held| held.customer).or(earned.as_ref().map(|lot| lot.customer)) else { return Ok(()) };
    lock(tx, customer).await?;
    if let Some(held) = held {
        let points = wanted.spent_back.clamp(0, held.points - held.given_back);
        if points > 0 && !ledger::is_booked(&**tx, "points_refunded", &wanted.refund_no).await? {
            let (from, to) = (Account::Points(customer), Account::PointsRedeemed);
            ledger::post(tx, op, Posting::transfer("points_refunded", &wanted.refund_no, from, to, Amount::points(points))).await?;
            store::given_back(tx, (wanted.order, points)).await?;
            into_lots(tx, op, (&held, points, &wanted.refund_no)).await?;
        }
    }
    if wanted.earned_back > 0
        && !ledger::is_booked(&**tx, "points_taken_back", &wanted.refund_no).await?
        && let Some(earned) = store::lot_of(tx, source).await?
    {
        take_back(tx, op, (&earned, Ord::min(wanted.earned_back, earned.points - earned.taken_back), &wanted.refund_no)).await?;
    }
    pay_debt(tx, op, (customer, &format!("refunded:{}", wanted.refund_no))).await
}

/// Takes back what a lot had earned; what is not there any more is owed.
async fn take_back(tx: &mut Tx, op: &Op, (earned, points, refund_no): (&lot::Model, i64, &str)) -> Result<(), Fault> {
    if points <= 0 {
        return Ok(());
    }
    let customer = earned.customer;
    let rows = store::lots(tx, customer).await?;
    let lots: Vec<Lot> = rows.iter().map(Lot::from).collect();
    let (parts, owed) = rules::take_back(&lots, earned.id, points);
    let (mut available, mut frozen) = (0, 0);
    for part in &parts {
        store::change(tx, (part.lot, -part.points)).await?;
        if lots.iter().any(|lot| lot.id == part.lot && lot.released) { available += part.points } else { frozen += part.points }
    }
    store::taken_back(tx, (earned.id, points)).await?;
    let legs = [
        (Account::PointsIssued, -points),
        (Account::PointsFrozen(customer), frozen),
        (Account::Points(customer), available),
        (Account::PointsDebt(customer), owed),
    ];
    ledger::post(tx, op, Posting::of("points_taken_back", refund_no, legs.map(|(account, n)| (account, Amount::points(n))))).await
}

/// Points an order earns.
#[derive(Clone, Copy, Debug)]
pub struct EarnPoints {
    /// Which order; it earns once.
    pub order: OrderId,
    /// Who earns.
    pub customer: CustomerId,
    /// How many; none is fine.
    pub points: i64,
    /// They are frozen until then.
    pub available_at: Timestamp,
}

/// Gives an order's points, frozen until the time to send goods back is over. Twice is once.
pub async fn earn(tx: &mut Tx, op: &Op, earned: EarnPoints) -> Result<(), Fault> {
    let EarnPoints { order, customer, points, available_at } = earned;
    grant(tx, op, GrantPoints { customer, source_kind: "order", source_id: order.to_string(), points, available_at }).await
}

/// The goods of an order arrived: what was paid for them and stays earns points, once.
pub(super) async fn received(op: &Op, order: OrderId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let order = orders::lock(&tx, order).await?;
    let points = rules::earned(stays(&order));
    let available_at = order.received_at.unwrap_or(op.now()) + FROZEN;
    earn(&mut tx, op, EarnPoints { order: order.id, customer: order.customer, points, available_at }).await?;
    tx.commit().await
}

/// Money of an order went back: spent points go back and earned ones are taken back, in proportion to all that went back.
pub(super) async fn refunded(op: &Op, order: OrderId, refund_no: &str) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let order = orders::lock(&tx, order).await?;
    let did = of_orders(&*tx, &[order.id]).await?.remove(&order.id).unwrap_or_default();
    let due = rules::share(did.used, order.refunded.minor, order.total.minor);
    let keeps = rules::earned(stays(&order));
    let wanted = ReversePoints {
        order: order.id,
        refund_no: refund_no.to_owned(),
        spent_back: due - did.given_back,
        earned_back: did.earned - did.taken_back - keeps,
    };
    reverse(&mut tx, op, wanted).await?;
    tx.commit().await
}

/// What was paid for an order's goods and did not go back.
fn stays(order: &orders::Order) -> i64 {
    order.total.minor - order.shipping.minor - order.refunded.minor
}

/// Points somebody gets for something.
#[derive(Clone, Debug)]
pub struct GrantPoints {
    /// Who.
    pub customer: CustomerId,
    /// For what kind of thing: `order`, `check_in`, `task`.
    pub source_kind: &'static str,
    /// For which one; granted once.
    pub source_id: String,
    /// How many; none is fine.
    pub points: i64,
    /// They are frozen until then.
    pub available_at: Timestamp,
}

/// Gives points for something, once.
pub async fn grant(tx: &mut Tx, op: &Op, wanted: GrantPoints) -> Result<(), Fault> {
    if wanted.points <= 0 {
        return Ok(());
    }
    let (customer, points) = (wanted.customer, Ord::min(wanted.points, MOST));
    lock(tx, customer).await?;
    let released = wanted.available_at <= op.now();
    let name = format!("{}:{}", wanted.source_kind, wanted.source_id);
    let row = lot::Model {
        id: op.new_id(),
        customer,
        source_kind: wanted.source_kind.to_owned(),
        source_id: wanted.source_id,
        points,
        remaining: points,
        taken_back: 0,
        released,
        available_at: wanted.available_at,
        expires_at: wanted.available_at + LIFETIME,
        created_at: op.now(),
    };
    if !store::open(tx, row).await? {
        return Ok(());
    }
    let into = if released { Account::Points(customer) } else { Account::PointsFrozen(customer) };
    ledger::post(tx, op, Posting::transfer("points_earned", &name, into, Account::PointsIssued, Amount::points(points))).await?;
    if released { pay_debt(tx, op, (customer, &format!("earned:{name}"))).await } else { Ok(()) }
}

/// Staff give or take points.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdjustPoints {
    /// Whose.
    pub customer: CustomerId,
    /// More than nothing to give, less to take.
    pub points: i64,
    /// Why, in words.
    pub reason: String,
}

/// Staff give or take points; the same key is one change. Answers what the customer has then.
pub async fn adjust(op: &Op, wanted: AdjustPoints, key: &str) -> Result<Points, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "points_adjust", key, &wanted).map_err(Failure::widen)?;
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 || reason.chars().any(char::is_control) {
        return Err(Refused::Reason.into());
    }
    if wanted.points == 0 || wanted.points.checked_abs().is_none_or(|points| points > MOST) {
        return Err(Refused::Amount.into());
    }
    if identity::customer::query::registered_at(op, wanted.customer).await?.is_none() {
        return Err(Refused::NoCustomer.into());
    }
    let mut tx = op.begin().await?;
    if tx.claim::<String>(&key).await.map_err(Failure::widen)?.is_some() {
        drop(tx);
        return Ok(balance(op, wanted.customer).await?);
    }
    let id: PointsLotId = op.new_id();
    if wanted.points > 0 {
        let source_id = format!("{id} {reason}");
        let new = GrantPoints { customer: wanted.customer, source_kind: "staff", source_id, points: wanted.points, available_at: op.now() };
        grant(&mut tx, op, new).await?;
    } else {
        lock(&tx, wanted.customer).await?;
        release_due(&mut tx, op, wanted.customer).await?;
        let lots: Vec<Lot> = store::lots(&tx, wanted.customer).await?.iter().map(Lot::from).collect();
        let parts = rules::take(&lots, -wanted.points, op.now()).map_err(Refused::NotEnough)?;
        for part in &parts {
            store::change(&tx, (part.lot, -part.points)).await?;
        }
        let (from, to) = (Account::PointsIssued, Account::Points(wanted.customer));
        let name = format!("staff:{id} {reason}");
        ledger::post(&mut tx, op, Posting::transfer("points_withdrawn", name, from, to, Amount::points(-wanted.points))).await?;
    }
    tx.remember(&key, &id.to_string()).await?;
    tx.commit().await?;
    Ok(balance(op, wanted.customer).await?)
}

/// What a customer has in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Points {
    /// Can be spent.
    pub available: i64,
    /// Will be available later.
    pub frozen: i64,
    /// Put aside for orders that are not paid yet.
    pub held: i64,
    /// Owed: taken back after they were spent.
    pub debt: i64,
    /// The next that expire: how many, and when.
    pub expiring: Option<(i64, Timestamp)>,
}

/// What a customer has in points. For those who may know.
pub async fn balance(op: &Op, customer: CustomerId) -> Result<Points, Fault> {
    let accounts =
        [Account::Points(customer), Account::PointsFrozen(customer), Account::PointsHeld(customer), Account::PointsDebt(customer)];
    let stands = ledger::personal(op.reader(), &accounts, Unit::Points).await?;
    let at = |account: &Account| stands.get(&account.to_string()).copied().unwrap_or_default();
    let next = lot::Entity::find()
        .filter(lot::Column::Customer.eq(customer).and(lot::Column::Remaining.gt(0)).and(lot::Column::Released.eq(true)))
        .order_by_asc(lot::Column::ExpiresAt)
        .limit(1)
        .one(op.reader())
        .await?;
    Ok(Points {
        available: -at(&accounts[0]),
        frozen: -at(&accounts[1]),
        held: -at(&accounts[2]),
        debt: at(&accounts[3]),
        expiring: next.map(|lot| (lot.remaining, lot.expires_at)),
    })
}

/// How many points a customer could spend now, also of those whose time has just come.
pub async fn spendable(op: &Op, customer: CustomerId) -> Result<i64, Fault> {
    let due = lot::Column::Released.eq(true).or(lot::Column::AvailableAt.lte(op.now()));
    let left = Expr::col(lot::Column::Remaining).sum().cast_as("bigint");
    let sum: Option<Option<i64>> = lot::Entity::find()
        .select_only()
        .column_as(left, "total")
        .filter(lot::Column::Customer.eq(customer).and(lot::Column::ExpiresAt.gt(op.now())).and(due))
        .into_tuple()
        .one(op.reader())
        .await?;
    let owed = ledger::personal(op.reader(), &[Account::PointsDebt(customer)], Unit::Points).await?.into_values().sum::<i64>();
    Ok(Ord::max(sum.flatten().unwrap_or_default() - owed, 0))
}

/// What an order did with points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderPoints {
    /// Put aside or spent.
    pub used: i64,
    /// Of those, given back by refunds or because the order came to nothing.
    pub given_back: i64,
    /// Earned.
    pub earned: i64,
    /// Of those, taken back by refunds.
    pub taken_back: i64,
}

/// What orders did with points. For those who may see the orders.
pub async fn of_orders(db: &impl ConnectionTrait, orders: &[OrderId]) -> Result<HashMap<OrderId, OrderPoints>, Fault> {
    let mut found: HashMap<OrderId, OrderPoints> = HashMap::new();
    for row in hold_table::Entity::find().filter(hold_table::Column::OrderId.is_in(orders.iter().copied())).all(db).await? {
        let given_back = if row.state == PointsHoldState::Returned { row.points } else { row.given_back };
        let of = found.entry(row.order_id).or_default();
        (of.used, of.given_back) = (row.points, given_back);
    }
    let names: HashMap<String, OrderId> = orders.iter().map(|order| (order.to_string(), *order)).collect();
    let earned = lot::Column::SourceKind.eq("order").and(lot::Column::SourceId.is_in(names.keys()));
    for row in lot::Entity::find().filter(earned).all(db).await? {
        if let Some(order) = names.get(&row.source_id) {
            let of = found.entry(*order).or_default();
            (of.earned, of.taken_back) = (row.points, row.taken_back);
        }
    }
    Ok(found)
}

/// Which points a statement is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those that can be spent.
    #[default]
    Available,
    /// Those that wait.
    Frozen,
}

/// A customer's points, line by line, the latest first. For those who may know.
pub async fn statement(
    op: &Op,
    (customer, which): (CustomerId, Which),
    (period, page): (Period, PageRequest),
) -> Result<Page<StatementLine>, Failure<CursorError>> {
    let account = match which {
        Which::Available => Account::Points(customer),
        Which::Frozen => Account::PointsFrozen(customer),
    };
    ledger::statement(op, (&account, Unit::Points), (period, page)).await
}

/// Locks a customer's points: whoever moves them comes here first.
async fn lock(tx: &Tx, customer: CustomerId) -> Result<i64, Fault> {
    ledger::lock_account(tx, &Account::Points(customer), Unit::Points).await
}

/// Makes the lots of a customer spendable whose time has come. The account is locked.
async fn release_due(tx: &mut Tx, op: &Op, customer: CustomerId) -> Result<(), Fault> {
    let due = store::lots(tx, customer).await?.into_iter().filter(|lot| !lot.released && lot.available_at <= op.now());
    for lot in due.collect::<Vec<_>>() {
        release_lot(tx, op, &lot).await?;
    }
    Ok(())
}

async fn release_lot(tx: &mut Tx, op: &Op, lot: &lot::Model) -> Result<(), Fault> {
    if !store::released(tx, lot.id).await? || lot.remaining == 0 {
        return Ok(());
    }
    let (from, to) = (Account::Points(lot.customer), Account::PointsFrozen(lot.customer));
    let name = lot.id.to_string();
    ledger::post(tx, op, Posting::transfer("points_released", &name, from, to, Amount::points(lot.remaining))).await?;
    pay_debt(tx, op, (lot.customer, &format!("released:{name}"))).await
}

/// What a customer owes is paid of what they have now. The account is locked; one cause pays once.
async fn pay_debt(tx: &mut Tx, op: &Op, (customer, cause): (CustomerId, &str)) -> Result<(), Fault> {
    let debt = Account::PointsDebt(customer);
    let owed = ledger::personal(&**tx, std::slice::from_ref(&debt), Unit::Points).await?.into_values().sum::<i64>();
    if owed == 0 {
        return Ok(());
    }
    let lots: Vec<Lot> = store::lots(tx, customer).await?.iter().map(Lot::from).collect();
    let there: i64 = lots.iter().filter(|lot| lot.released && lot.expires_at > op.now()).map(|lot| lot.remaining).sum();
    let parts = rules::take(&lots, Ord::min(owed, there), op.now()).unwrap_or_default();
    let paid: i64 = parts.iter().map(|part| part.points).sum();
    if paid == 0 {
        return Ok(());
    }
    for part in &parts {
        store::change(tx, (part.lot, -part.points)).await?;
    }
    ledger::post(tx, op, Posting::transfer("points_debt_paid", cause, debt, Account::Points(customer), Amount::points(paid))).await
}

/// Puts points of a hold back into the lots they were taken of; those of lots that are over get a new one.
async fn into_lots(tx: &mut Tx, op: &Op, (held, points, cause): (&hold_table::Model, i64, &str)) -> Result<(), Fault> {
    let rows = store::parts_of(tx, held.order_id).await?;
    let taken: Vec<Part> = rows.iter().map(|row| Part { lot: row.lot, points: row.points - row.given_back }).collect();
    let back = rules::give_back(&taken, points);
    let lots: HashMap<PointsLotId, lot::Model> = lot::Entity::find()
        .filter(lot::Column::Id.is_in(back.iter().map(|part| part.lot)))
        .all(&**tx)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let mut late = 0;
    for part in &back {
        if let Some(row) = rows.iter().find(|row| row.lot == part.lot) {
            store::part_given_back(tx, (row, part.points)).await?;
        }
        if lots.get(&part.lot).is_some_and(|lot| lot.expires_at > op.now()) {
            store::change(tx, (part.lot, part.points)).await?;
        } else {
            late += part.points;
        }
    }
    if late == 0 {
        return Ok(());
    }
    let again = lot::Model {
        id: op.new_id(),
        customer: held.customer,
        source_kind: "returned".to_owned(),
        source_id: cause.to_owned(),
        points: late,
        remaining: late,
        taken_back: 0,
        released: true,
        available_at: op.now(),
        expires_at: op.now() + GRACE,
        created_at: op.now(),
    };
    if store::open(tx, again).await? { Ok(()) } else { Err(Fault::corrupt(format!("{cause} gave points back twice"))) }
}

/// The customers with frozen lots whose time has come, and those with lots that are over.
pub(super) async fn due(op: &Op, which: Due, limit: u64) -> Result<Vec<lot::Model>, Fault> {
    let condition = match which {
        Due::Release => Condition::all().add(lot::Column::Released.eq(false)).add(lot::Column::AvailableAt.lte(op.now())),
        Due::Expire => {
            Condition::all().add(lot::Column::Released.eq(true)).add(lot::Column::Remaining.gt(0)).add(lot::Column::ExpiresAt.lte(op.now()))
        }
    };
    Ok(lot::Entity::find().filter(condition).order_by_asc(lot::Column::Id).limit(limit).all(op.reader()).await?)
}

/// What may be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Frozen points can be spent.
    Release,
    /// Points are over.
    Expire,
}

/// Releases or expires one lot in a transaction of its own.
pub(super) async fn run(op: &Op, which: Due, lot: &lot::Model) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    lock(&tx, lot.customer).await?;
    let Some(lot) = lot::Entity::find_by_id(lot.id).one(&*tx).await? else { return Ok(()) };
    match which {
        Due::Release => release_lot(&mut tx, op, &lot).await?,
        Due::Expire if lot.remaining > 0 => {
            store::change(&tx, (lot.id, -lot.remaining)).await?;
            let (from, to) = (Account::PointsExpired, Account::Points(lot.customer));
            ledger::post(&mut tx, op, Posting::transfer("points_expired", lot.id.to_string(), from, to, Amount::points(lot.remaining)))
                .await?;
        }
        Due::Expire => return Ok(()),
    }
    tx.commit().await
}
