//! What happens to reservations: one function per command, each one transaction — lock, decide, store, tell, commit.

use catalog::inventory::service::{self as inventory, ReserveStock, Restock};
use entity::campaign::{presale as campaign, presale_reservation as table, presale_sku as sku};
use kernel::{CustomerId, Failure, Fault, Money, OrderId, PresaleId, PresaleReservationId, QuoteId, SkuId, Timestamp, hours};
use platform::{IdempotencyKey, Op, Tx, messages::sentence};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use trade::{
    order::{
        rules::{Delivery, Origin, ShippingAddress},
        service::{PlaceOrder, Prepared},
    },
    quote::PlayRef,
    refund::service::Goodwill,
};

use super::{
    KIND, TICK, campaigns,
    error::BuyRefused,
    events::{About, BalanceDue, ReservationChanged},
    jobs::{Forfeit, GiveBack, LetGo, Reason},
    reminders,
    rules::{self, Lapse, Part, ReserveRefused, Shelf, State, Terms},
};
use crate::console::rules::{Stand, runs};

/// How many reservations one run of the sweep moves.
const BATCH: u64 = 200;

/// What somebody says who reserves.
#[derive(Clone, Debug, Serialize)]
pub struct Reserve {
    /// In which presale.
    pub presale: PresaleId,
    /// The price they were promised.
    pub quote: QuoteId,
    /// What they expect to pay.
    pub expected_total: Money,
    /// Where it goes, when everything is paid at once.
    pub address: Option<ShippingAddress>,
    /// Whether they confirm which of the goods cannot be given back without a reason.
    pub confirms_exceptions: bool,
    /// One effect per key.
    pub idempotency_key: String,
}

/// What somebody says who pays the balance.
#[derive(Clone, Debug, Serialize)]
pub struct PayBalance {
    /// Of which reservation.
    pub reservation: PresaleReservationId,
    /// The price they were promised.
    pub quote: QuoteId,
    /// What they expect to pay.
    pub expected_total: Money,
    /// Where it goes.
    pub address: ShippingAddress,
    /// Whether they confirm which of the goods cannot be given back without a reason.
    pub confirms_exceptions: bool,
    /// One effect per key.
    pub idempotency_key: String,
}

/// A reservation, and the order to pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The reservation.
    pub reservation: PresaleReservationId,
    /// Its order.
    pub order: OrderId,
}

/// The same words on both sides of the border between table and rules.
macro_rules! same { ($($word:ident),*) => {
    /// Where a row stands, for the rules.
    pub fn state(word: table::ReservationState) -> State {
        match word { $(table::ReservationState::$word => State::$word),* }
    }

    fn stored(word: State) -> table::ReservationState {
        match word { $(State::$word => table::ReservationState::$word),* }
    }
}; }

same!(DepositDue, DepositPaid, BalanceDue, Paid, Forfeited, Refunded, Released);

async fn prepared(op: &Op, order: PlaceOrder) -> Result<Result<Prepared, Failure<trade::order::Refused>>, Fault> {
    match trade::order::service::prepare(op, order).await {
        Err(Failure::Fault(fault)) => Err(fault),
        answer => Ok(answer),
    }
}

/// The one line of a quote that was made for this play.
fn promised(order: &Prepared, id: &str) -> Result<(SkuId, i64), BuyRefused> {
    let made_for = |play: &PlayRef| play.kind == KIND && play.id == id;
    match order.quote().lines.as_slice() {
        [line] if order.quote().play.as_ref().is_some_and(made_for) => Ok((line.sku, line.quantity)),
        _ => Err(BuyRefused::NotFound("quoteId")),
    }
}

/// Reserves: the pieces are taken and the order of the deposit placed, in one transaction. The presale is locked, so the
/// last piece is one customer's.
pub async fn reserve(op: &Op, wanted: Reserve) -> Result<Ordered, Failure<BuyRefused>> {
    let customer = op.customer()?;
    let key = IdempotencyKey::new(op, "presale_reserve", &wanted.idempotency_key, &wanted).map_err(Failure::widen)?;
    let known = campaign::Entity::find_by_id(wanted.presale).one(op.reader()).await?.ok_or(BuyRefused::NotFound("presaleId"))?;
    let delivery = match (known.mode, wanted.address.clone()) {
        (campaign::PresaleMode::Deposit, _) => Delivery::Later,
        (campaign::PresaleMode::Full, Some(address)) => Delivery::Parcel(address),
        (campaign::PresaleMode::Full, None) => Delivery::Virtual,
    };
    let order = PlaceOrder {
        hold: known.mode == campaign::PresaleMode::Deposit,
        confirms_exceptions: wanted.confirms_exceptions,
        ..PlaceOrder::new(wanted.quote, wanted.expected_total, delivery)
    };
    let order = prepared(op, order).await?;
    let mut tx = op.begin().await?;
    if let Some(ordered) = tx.claim(&key).await.map_err(Failure::widen)? {
        return Ok(ordered);
    }
    let row = campaigns::lock(&tx, wanted.presale).await?.ok_or(BuyRefused::NotFound("presaleId"))?;
    if !runs(campaigns::stand(row.state), campaigns::window(&row), op.now()) {
        return Err(ReserveRefused::NotSelling.into());
    }
    let order = order.map_err(Failure::widen)?;
    let (sku_id, quantity) = promised(&order, &row.id.to_string())?;
    let known = sku::Entity::find_by_id((row.id, sku_id)).one(&*tx).await?.ok_or(BuyRefused::NotFound("quoteId"))?;
    let terms = campaigns::terms(&row, &known);
    let shelf = Shelf { stock: known.stock, taken: known.taken, most_per_customer: row.most_per_customer };
    rules::reserve(shelf, owned(&tx, (row.id, customer)).await?, quantity)?;
    take(&tx, (row.id, sku_id), quantity).await?;
    let ordered = Ordered { reservation: op.new_id(), order: order.order() };
    let new = table::Model {
        id: ordered.reservation,
        presale: row.id,
        customer,
        sku: sku_id,
        quantity,
        state: table::ReservationState::DepositDue,
        terms: serde_json::to_value(terms)?,
        deposit_order: ordered.order,
        balance_order: None,
        set_aside: false,
        refund_reason: None,
        balance_from: row.balance_from,
        balance_until: row.balance_until,
        reminded_at: None,
        created_at: op.now(),
        deposit_paid_at: None,
        paid_at: None,
        ended_at: None,
    };
    table::Entity::insert(new.clone().into_active_model()).exec_without_returning(&*tx).await?;
    let origin = Origin { kind: KIND.to_owned(), id: ordered.reservation.to_string() };
    trade::order::service::place(&mut tx, op, order.with_origin(origin)).await.map_err(Failure::widen)?;
    tell(&mut tx, &new);
    tx.remember(&key, &ordered).await?;
    tx.commit().await?;
    Ok(ordered)
}

/// Orders the balance: the goods of the deposit return to the shelf and are put aside for the new order, in one
/// transaction.
pub async fn balance(op: &Op, wanted: PayBalance) -> Result<Ordered, Failure<BuyRefused>> {
    let customer = op.customer()?;
    let key = IdempotencyKey::new(op, "presale_balance", &wanted.idempotency_key, &wanted).map_err(Failure::widen)?;
    let order = PlaceOrder {
        confirms_exceptions: wanted.confirms_exceptions,
        ..PlaceOrder::new(wanted.quote, wanted.expected_total, wanted.address.clone())
    };
    let order = prepared(op, order).await?;
    let mut tx = op.begin().await?;
    if let Some(ordered) = tx.claim(&key).await.map_err(Failure::widen)? {
        return Ok(ordered);
    }
    let (_, row) = lock(&tx, wanted.reservation).await?.ok_or(BuyRefused::NotFound("reservationId"))?;
    if row.customer != customer {
        return Err(BuyRefused::NotFound("reservationId").into());
    }
    rules::balance(state(row.state), (row.balance_from, row.balance_until), op.now())?;
    if row.balance_order.is_some() {
        return Err(ReserveRefused::NoBalance.into());
    }
    let order = order.map_err(Failure::widen)?;
    if promised(&order, &row.id.to_string())? != (row.sku, row.quantity) {
        return Err(BuyRefused::NotFound("quoteId").into());
    }
    goods_back(&mut tx, op, &row).await?;
    let ordered = Ordered { reservation: row.id, order: order.order() };
    let update = table::ActiveModel {
        id: Set(row.id),
        balance_order: Set(Some(ordered.order)),
        set_aside: Set(false),
        state: Set(table::ReservationState::BalanceDue),
        ..Default::default()
    };
    table::Entity::update(update).exec(&*tx).await?;
    let origin = Origin { kind: KIND.to_owned(), id: row.id.to_string() };
    trade::order::service::place(&mut tx, op, order.with_origin(origin)).await.map_err(Failure::widen)?;
    tell(&mut tx, &row);
    tx.remember(&key, &ordered).await?;
    tx.commit().await?;
    Ok(ordered)
}

/// The goods of a reservation return to the shelf: those its deposit took, or those that lie aside under its own id.
async fn goods_back(tx: &mut Tx, op: &Op, row: &table::Model) -> Result<(), Fault> {
    if row.set_aside {
        return inventory::release(tx, op, aside(row)).await;
    }
    let all = Restock { order: row.deposit_order, reference: row.id.to_string(), lines: None };
    match inventory::restock(tx, op, all).await {
        Ok(()) => Ok(()),
        Err(Failure::Refused(refused)) => Err(Fault::corrupt(format!("{} does not return to the shelf: {refused}", row.id))),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// What the stock calls the goods of a reservation that lie aside under its own id.
fn aside(row: &table::Model) -> OrderId {
    OrderId(row.id.0)
}

/// Pieces a customer has in a presale.
async fn owned(tx: &Tx, (presale, customer): (PresaleId, CustomerId)) -> Result<i64, Fault> {
    let given_up = [table::ReservationState::Released, table::ReservationState::Refunded, table::ReservationState::Forfeited];
    let rows = table::Entity::find()
        .filter(table::Column::Presale.eq(presale).and(table::Column::Customer.eq(customer)))
        .filter(table::Column::State.is_not_in(given_up))
        .all(&**tx)
        .await?;
    Ok(rows.iter().map(|row| row.quantity).sum())
}

/// A reservation and its presale, both locked.
pub(super) async fn lock(tx: &Tx, id: PresaleReservationId) -> Result<Option<(campaign::Model, table::Model)>, Fault> {
    let Some(known) = table::Entity::find_by_id(id).one(&**tx).await? else { return Ok(None) };
    let gone = || Fault::corrupt(format!("{id} is gone"));
    let presale = campaigns::lock(tx, known.presale).await?.ok_or_else(gone)?;
    let row = table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or_else(gone)?;
    Ok(Some((presale, row)))
}

/// The reservation an order belongs to, locked with its presale, and which part of it the order pays.
async fn of_order(tx: &Tx, order: OrderId) -> Result<Option<(table::Model, Part)>, Fault> {
    let belongs = table::Column::DepositOrder.eq(order).or(table::Column::BalanceOrder.eq(order));
    let Some(known) = table::Entity::find().filter(belongs).one(&**tx).await? else { return Ok(None) };
    let Some((_, row)) = lock(tx, known.id).await? else { return Ok(None) };
    let part = if row.deposit_order == order { Part::First } else { Part::Balance };
    Ok(Some((row, part)))
}

fn terms(row: &table::Model) -> Result<Terms, Fault> {
    Ok(serde_json::from_value(row.terms.clone())?)
}

/// An order was paid: the reservation goes on, or the money goes back. Told twice, it has one effect.
pub async fn paid(op: &Op, (order, paid_at): (OrderId, Timestamp)) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((row, part)) = of_order(&tx, order).await? else { return Ok(()) };
    let had_its_effect = match part {
        Part::First => row.deposit_paid_at.is_some(),
        Part::Balance => row.paid_at.is_some(),
    };
    if had_its_effect {
        return Ok(());
    }
    let terms = terms(&row)?;
    let too_late = part == Part::First && !terms.in_full && op.now() >= row.balance_until;
    let next = rules::paid(state(row.state), part, terms.in_full).filter(|_| !too_late);
    let Some(next) = next else {
        if too_late {
            take(&tx, (row.presale, row.sku), -row.quantity).await?;
            moved(&tx, op, (&row, State::Refunded)).await?;
        }
        owe(&mut tx, (&row, order), Reason::PresaleClosed).await?;
        tell(&mut tx, &row);
        return tx.commit().await;
    };
    let mut update = table::ActiveModel { id: Set(row.id), state: Set(stored(next)), ..Default::default() };
    if part == Part::First {
        update.deposit_paid_at = Set(Some(paid_at));
        count(&tx, row.presale, (row.quantity, 0)).await?;
    }
    if next == State::Paid {
        update.paid_at = Set(Some(paid_at));
        count(&tx, row.presale, (0, row.quantity)).await?;
        if part == Part::Balance {
            tx.enqueue(&LetGo { order: row.deposit_order });
        }
    } else {
        op.platform.deadlines.sweep(TICK, row.balance_from);
    }
    table::Entity::update(update).exec(&*tx).await?;
    tell(&mut tx, &row);
    tx.commit().await
}

/// An order was cancelled unpaid: the pieces are free, or their goods are put aside again for another try at the balance.
pub async fn cancelled(op: &Op, order: OrderId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((row, part)) = of_order(&tx, order).await? else { return Ok(()) };
    match (part, state(row.state)) {
        (Part::First, State::DepositDue) => {
            take(&tx, (row.presale, row.sku), -row.quantity).await?;
            moved(&tx, op, (&row, State::Released)).await?;
        }
        (Part::Balance, State::DepositPaid | State::BalanceDue) => {
            let kept = ReserveStock { order: aside(&row), lines: vec![(row.sku, row.quantity)], until: row.balance_until + hours(24) };
            let set_aside = match inventory::reserve(&mut tx, op, kept).await {
                Ok(()) => true,
                Err(Failure::Refused(_)) => false,
                Err(Failure::Fault(fault)) => return Err(fault),
            };
            let update = table::ActiveModel { id: Set(row.id), balance_order: Set(None), set_aside: Set(set_aside), ..Default::default() };
            table::Entity::update(update).exec(&*tx).await?;
            if !set_aside {
                // Somebody was faster: the merchant cannot deliver, the customer does not pay for it.
                lapse(&mut tx, op, (&row, State::Refunded, Reason::PresaleSoldOut)).await?;
            }
        }
        _ => return Ok(()),
    }
    tell(&mut tx, &row);
    tx.commit().await
}

/// All of an order's money went back: the deposit follows its balance, and a reservation without money is none.
pub async fn refunded(op: &Op, order: OrderId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((row, part)) = of_order(&tx, order).await? else { return Ok(()) };
    match (part, state(row.state)) {
        (_, State::Refunded | State::Released | State::Forfeited) => return Ok(()),
        (Part::Balance, _) => owe(&mut tx, (&row, row.deposit_order), Reason::PresaleReturned).await?,
        (Part::First, State::DepositPaid | State::BalanceDue) => {
            if row.set_aside {
                goods_back(&mut tx, op, &row).await?;
            }
            take(&tx, (row.presale, row.sku), -row.quantity).await?;
            count(&tx, row.presale, (-row.quantity, 0)).await?;
        }
        (Part::First, _) => {}
    }
    moved(&tx, op, (&row, State::Refunded)).await?;
    tell(&mut tx, &row);
    tx.commit().await
}

/// A part of the balance went back: the same share of the deposit follows it.
pub async fn partly_refunded(op: &Op, (order, refund_no): (OrderId, &str)) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((row, part)) = of_order(&tx, order).await? else { return Ok(()) };
    if part == Part::First || state(row.state) != State::Paid {
        return Ok(());
    }
    let balance = trade::refund::service::goods_back(&tx, order).await?;
    let deposit = trade::refund::service::goods_back(&tx, row.deposit_order).await?;
    let parts = rules::Parts {
        balance: balance.price.minor,
        balance_back: balance.back.minor,
        deposit: deposit.price.minor,
        deposit_back: deposit.asked.minor,
    };
    let amount = Money { minor: rules::follows(parts), ..deposit.price };
    if amount.minor == 0 {
        return Ok(());
    }
    let reason = format!("presale-{}", refund_no.strip_prefix(&balance.order_no).unwrap_or(refund_no).trim_start_matches('-'));
    let text = sentence(op.locale, "PRESALE_DEPOSIT_FOLLOWS", []).unwrap_or_default();
    let asked = Goodwill { order: row.deposit_order, amount, reason, text };
    match trade::refund::service::request_goodwill(&mut tx, op, asked).await {
        Ok(_) => {}
        Err(Failure::Refused(refused)) => return Err(Fault::internal(format!("{} cannot be refunded: {refused}", row.deposit_order))),
        Err(Failure::Fault(fault)) => return Err(fault),
    }
    tell(&mut tx, &row);
    tx.commit().await
}

/// Opens balance windows, reminds of them, closes them, and ends presales whose time is over. Everybody gets their turn,
/// even behind one that fails.
pub async fn tick(op: &Op) -> Result<(), Fault> {
    let now = op.now();
    let opens = table::Column::State.eq(table::ReservationState::DepositPaid).and(table::Column::BalanceFrom.lte(now));
    let waits = [table::ReservationState::DepositPaid, table::ReservationState::BalanceDue];
    // Whose balance is ordered may still pay it; its cancellation brings the reservation back here.
    let closes = table::Column::State.is_in(waits).and(table::Column::BalanceUntil.lte(now)).and(table::Column::BalanceOrder.is_null());
    let due: Vec<PresaleReservationId> = table::Entity::find()
        .select_only()
        .column(table::Column::Id)
        .filter(opens.or(closes))
        .limit(BATCH)
        .into_tuple()
        .all(op.reader())
        .await?;
    let mut first = None;
    for id in due {
        if let Err(fault) = advance(op, id).await {
            tracing::error!(reservation = %id, %fault, "a reservation cannot go on; the others do");
            first.get_or_insert(fault);
        }
    }
    for id in reminders::last_calls(op, BATCH).await? {
        if let Err(fault) = reminders::last_call(op, id).await {
            tracing::error!(reservation = %id, %fault, "a customer is not reminded; the others are");
            first.get_or_insert(fault);
        }
    }
    let lives = [campaign::PresaleState::Published, campaign::PresaleState::Paused];
    let over: Vec<PresaleId> = campaign::Entity::find()
        .select_only()
        .column(campaign::Column::Id)
        .filter(campaign::Column::State.is_in(lives).and(campaign::Column::EndsAt.lte(now)))
        .limit(BATCH)
        .into_tuple()
        .all(op.reader())
        .await?;
    for id in over {
        let mut tx = op.begin().await?;
        if let Some(row) = campaigns::lock(&tx, id).await?.filter(|row| row.ends_at <= now) {
            campaigns::go(&mut tx, op, (&row, Stand::Ended)).await?;
            tx.commit().await?;
        }
    }
    first.map_or(Ok(()), Err)
}

/// One reservation, one transaction: where the clock leads it.
async fn advance(op: &Op, id: PresaleReservationId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((_, row)) = lock(&tx, id).await? else { return Ok(()) };
    let terms = terms(&row)?;
    let next = rules::tick(state(row.state), ((row.balance_from, row.balance_until), terms.lapse), op.now());
    match next {
        _ if next == state(row.state) => return Ok(()),
        State::BalanceDue => {
            let update = table::ActiveModel {
                id: Set(row.id),
                state: Set(table::ReservationState::BalanceDue),
                reminded_at: Set(Some(op.now())),
                ..Default::default()
            };
            table::Entity::update(update).exec(&*tx).await?;
            op.platform.deadlines.sweep(TICK, row.balance_until);
            let (presale, customer, until) = (row.presale, row.customer, row.balance_until);
            tx.emit(&BalanceDue { presale, reservation: row.id, customer, until });
            reminders::remind(&mut tx, op, (&row, About::Opened)).await?;
        }
        _ if row.balance_order.is_some() => return Ok(()),
        _ => lapse(&mut tx, op, (&row, next, Reason::PresaleLapsed)).await?,
    }
    tell(&mut tx, &row);
    tx.commit().await
}

/// A reservation that was paid down is over: its goods and pieces are free, its deposit is earned or goes back.
async fn lapse(tx: &mut Tx, op: &Op, (row, next, reason): (&table::Model, State, Reason)) -> Result<(), Fault> {
    if row.balance_order.is_none() {
        goods_back(tx, op, row).await?;
    }
    take(tx, (row.presale, row.sku), -row.quantity).await?;
    count(tx, row.presale, (-row.quantity, 0)).await?;
    moved(tx, op, (row, next)).await?;
    if next == State::Forfeited && terms(row)?.lapse == Lapse::Forfeit {
        tx.enqueue(&Forfeit { order: row.deposit_order });
        Ok(())
    } else {
        owe(tx, (row, row.deposit_order), reason).await
    }
}

/// Takes pieces of a presale, or gives them back when negative.
async fn take(tx: &Tx, (presale, sku): (PresaleId, SkuId), quantity: i64) -> Result<(), Fault> {
    sku::Entity::update_many()
        .col_expr(sku::Column::Taken, Expr::col(sku::Column::Taken).add(quantity))
        .filter(sku::Column::Presale.eq(presale).and(sku::Column::Sku.eq(sku)))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Counts pieces that are paid down, and paid.
async fn count(tx: &Tx, presale: PresaleId, (reserved, paid): (i64, i64)) -> Result<(), Fault> {
    campaign::Entity::update_many()
        .col_expr(campaign::Column::Reserved, Expr::col(campaign::Column::Reserved).add(reserved))
        .col_expr(campaign::Column::Paid, Expr::col(campaign::Column::Paid).add(paid))
        .filter(campaign::Column::Id.eq(presale))
        .exec(&**tx)
        .await?;
    Ok(())
}

async fn moved(tx: &Tx, op: &Op, (row, next): (&table::Model, State)) -> Result<(), Fault> {
    let update = table::ActiveModel {
        id: Set(row.id),
        state: Set(stored(next)),
        set_aside: Set(false),
        ended_at: Set(Some(op.now())),
        ..Default::default()
    };
    table::Entity::update(update).exec(&**tx).await?;
    Ok(())
}

/// Asks the money of an order back.
async fn owe(tx: &mut Tx, (row, order): (&table::Model, OrderId), reason: Reason) -> Result<(), Fault> {
    let update = table::ActiveModel { id: Set(row.id), refund_reason: Set(Some(reason.code().to_owned())), ..Default::default() };
    table::Entity::update(update).exec(&**tx).await?;
    tx.enqueue(&GiveBack { order, reason });
    Ok(())
}

fn tell(tx: &mut Tx, row: &table::Model) {
    tx.emit(&ReservationChanged { presale: row.presale, reservation: row.id, customer: row.customer });
}
