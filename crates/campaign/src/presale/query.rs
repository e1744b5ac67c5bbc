//! What is read of presales. Every list takes a fixed number of statements, whatever its length.

use std::collections::HashMap;

use entity::campaign::{presale as table, presale_reminder as reminder, presale_reservation as reservation, presale_sku as sku};
use futures_util::Stream;
use kernel::{CursorError, CustomerId, Failure, Fault, Page, PageRequest, PresaleId, PresaleReservationId};
use platform::{
    Op,
    live::{self, Live, LiveRefused},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};
use trade::order::service::Order;

use super::{
    error::{BuyRefused, EditRefused},
    events::{balances_topic, topic},
    service::Ordered,
};

/// Whose eyes look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eyes {
    /// Shoppers: drafts are nobody's business.
    Shop,
    /// Staff.
    Staff,
}

/// One presale.
pub async fn get(op: &Op, id: PresaleId, eyes: Eyes) -> Result<Option<table::Model>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?;
    Ok(row.filter(|row| eyes == Eyes::Staff || row.state != table::PresaleState::Draft))
}

/// Presales, the newest first.
pub async fn list(
    op: &Op,
    (eyes, state): (Eyes, Option<table::PresaleState>),
    page: PageRequest,
) -> Result<Page<table::Model>, Failure<CursorError>> {
    let mut wanted = Condition::all();
    if eyes == Eyes::Shop {
        wanted = wanted.add(table::Column::State.ne(table::PresaleState::Draft));
    }
    if let Some(state) = state {
        wanted = wanted.add(table::Column::State.eq(state));
    }
    if let Some(after) = &page.after {
        wanted = wanted.add(table::Column::Id.lt(after.key::<PresaleId>()?));
    }
    let rows = table::Entity::find().filter(wanted).order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

/// Presales by id.
pub async fn by_ids(op: &Op, ids: &[PresaleId]) -> Result<HashMap<PresaleId, table::Model>, Fault> {
    let rows = table::Entity::find().filter(table::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What these presales ask for what.
pub async fn skus(op: &Op, ids: &[PresaleId]) -> Result<HashMap<PresaleId, Vec<sku::Model>>, Fault> {
    let rows = sku::Entity::find().filter(sku::Column::Presale.is_in(ids.iter().copied())).order_by_asc(sku::Column::Sku);
    let mut found: HashMap<PresaleId, Vec<sku::Model>> = HashMap::new();
    rows.all(op.reader()).await?.into_iter().for_each(|row| found.entry(row.presale).or_default().push(row));
    Ok(found)
}

/// Which reservations.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// Those of whoever asks.
    Mine,
    /// Those of a presale.
    Of(PresaleId, Option<reservation::ReservationState>),
}

/// Reservations, the newest first.
pub async fn reservations(op: &Op, whose: Whose, page: PageRequest) -> Result<Page<reservation::Model>, Failure<CursorError>> {
    let mut wanted = Condition::all();
    match whose {
        Whose::Mine => wanted = wanted.add(reservation::Column::Customer.eq(op.customer()?)),
        Whose::Of(id, state) => {
            let state = state.map(|state| reservation::Column::State.eq(state));
            wanted = wanted.add(reservation::Column::Presale.eq(id)).add_option(state);
        }
    }
    if let Some(after) = &page.after {
        wanted = wanted.add(reservation::Column::Id.lt(after.key::<PresaleReservationId>()?));
    }
    let rows = reservation::Entity::find().filter(wanted).order_by_desc(reservation::Column::Id).limit(page.first + 1);
    Ok(Page::take(rows.all(op.reader()).await?, page.first, |row| row.id))
}

/// What the customers of these reservations were reminded of, the first first.
pub async fn reminders(op: &Op, ids: &[PresaleReservationId]) -> Result<HashMap<PresaleReservationId, Vec<reminder::Model>>, Fault> {
    let rows = reminder::Entity::find().filter(reminder::Column::Reservation.is_in(ids.iter().copied()));
    let rows = rows.order_by_asc(reminder::Column::ToldAt).all(op.reader()).await?;
    let mut found: HashMap<PresaleReservationId, Vec<reminder::Model>> = HashMap::new();
    rows.into_iter().for_each(|row| found.entry(row.reservation).or_default().push(row));
    Ok(found)
}

/// The most balances one customer is shown at once.
const MOST_BALANCES: u64 = 50;

/// What a customer has to pay the balance of, what ends first first.
async fn balances(op: &Op, customer: CustomerId) -> Result<Vec<reservation::Model>, Fault> {
    let due = reservation::Column::State.eq(reservation::ReservationState::BalanceDue).and(reservation::Column::BalanceUntil.gt(op.now()));
    let rows = reservation::Entity::find()
        .filter(reservation::Column::Customer.eq(customer).and(due))
        .order_by_asc(reservation::Column::BalanceUntil)
        .order_by_asc(reservation::Column::Id)
        .limit(MOST_BALANCES);
    Ok(rows.all(op.reader()).await?)
}

/// Watches what the customer who asks has to pay the balance of: whenever they are reminded, when one is paid, and at the
/// very moment the time of the first is over.
pub async fn watch_balances(
    op: &Op,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Vec<reservation::Model>>, Fault>> + use<>, Failure<LiveRefused>> {
    let customer = op.customer()?;
    let load = move |op: Op| async move { balances(&op, customer).await.map(Some) };
    let ends = |due: &Vec<reservation::Model>| due.first().map(|row| row.balance_until);
    live::watch_until(op, balances_topic(customer), after, load, ends).await
}

/// What a command that orders something answers: read after its commit.
pub async fn ordered(op: &Op, ordered: Result<Ordered, Failure<BuyRefused>>) -> Result<(reservation::Model, Order), Failure<BuyRefused>> {
    let ordered = ordered?;
    let gone = || Fault::corrupt(format!("{ordered:?} is gone"));
    let row = reservation::Entity::find_by_id(ordered.reservation).one(op.reader()).await?.ok_or_else(gone)?;
    let order = trade::order::service::get(op, ordered.order).await?.ok_or_else(gone)?;
    Ok((row, order))
}

/// What a command on a presale answers: read after its commit.
pub async fn edited(op: &Op, edited: Result<PresaleId, Failure<EditRefused>>) -> Result<table::Model, Failure<EditRefused>> {
    Ok(get(op, edited?, Eyes::Staff).await?.ok_or(EditRefused::NotFound)?)
}

/// When something about a presale changes by the clock next.
fn next(row: &table::Model, now: kernel::Timestamp) -> Option<kernel::Timestamp> {
    [row.starts_at, row.ends_at, row.balance_from, row.balance_until].into_iter().filter(|at| *at > now).min()
}

/// Watches a presale: after every change, and at the very moment a window opens or closes.
pub async fn watch(
    op: &Op,
    (id, eyes): (PresaleId, Eyes),
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<(table::Model, Option<kernel::Timestamp>)>, Fault>> + use<>, Failure<LiveRefused>> {
    let load = move |op: Op| async move {
        let found = get(&op, id, eyes).await?;
        Ok(found.map(|row| {
            let next = next(&row, op.now());
            if let Some(at) = next {
                op.platform.deadlines.sweep(super::TICK, at);
            }
            (row, next)
        }))
    };
    live::watch_until(op, topic(id), after, load, |(_, next)| *next).await
}
