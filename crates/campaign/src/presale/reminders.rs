//! Reminding customers of their balances: written down for them, told live, and sent by text message where somebody does.

use entity::campaign::{
    presale_reminder::{self as table, ReminderKind},
    presale_reservation::{self as reservation, ReservationState},
};
use identity::customer::{Due, service as customers};
use kernel::{Fault, PresaleReservationId, hours};
use platform::{Op, Tx};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict, Query, SimpleExpr},
};

use super::{
    TICK,
    events::{About, BalanceReminded},
    query, rules, service,
};

fn kind(about: About) -> ReminderKind {
    match about {
        About::Opened => ReminderKind::Opened,
        About::Closing => ReminderKind::Closing,
    }
}

/// Writes down that a customer is reminded, once; the reservation is locked.
pub(super) async fn remind(tx: &mut Tx, op: &Op, (row, about): (&reservation::Model, About)) -> Result<(), Fault> {
    let new = table::Model { reservation: row.id, kind: kind(about), told_at: op.now(), texted_at: None };
    let once = OnConflict::new().do_nothing().to_owned();
    if table::Entity::insert(new.into_active_model()).on_conflict(once).exec_without_returning(&**tx).await? == 1 {
        let (presale, reservation, customer, until) = (row.presale, row.id, row.customer, row.balance_until);
        tx.emit(&BalanceReminded { presale, reservation, customer, about, until });
    }
    if about == About::Opened {
        op.platform.deadlines.sweep(TICK, rules::last_call((row.balance_from, row.balance_until)));
    }
    Ok(())
}

/// Reservations whose customer is to be reminded a last time.
pub(super) async fn last_calls(op: &Op, limit: u64) -> Result<Vec<PresaleReservationId>, Fault> {
    let now = op.now();
    let closing = Query::select()
        .column(table::Column::Reservation)
        .from(table::Entity)
        .and_where(table::Column::Kind.eq(ReminderKind::Closing))
        .to_owned();
    // Where `rules::last_call` is past.
    let half_over: SimpleExpr =
        Expr::col(reservation::Column::BalanceFrom).add(Expr::col(reservation::Column::BalanceUntil)).lte(now.0.saturating_mul(2));
    let due = reservation::Column::State
        .eq(ReservationState::BalanceDue)
        .and(reservation::Column::BalanceUntil.gt(now))
        .and(reservation::Column::BalanceUntil.lte(now + hours(24)))
        .and(half_over)
        .and(reservation::Column::Id.not_in_subquery(closing));
    let rows = reservation::Entity::find().select_only().column(reservation::Column::Id).filter(due).limit(limit);
    Ok(rows.into_tuple().all(op.reader()).await?)
}

/// Reminds one customer a last time, unless they paid meanwhile.
pub(super) async fn last_call(op: &Op, id: PresaleReservationId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((_, row)) = service::lock(&tx, id).await? else { return Ok(()) };
    let closing = rules::last_call((row.balance_from, row.balance_until)) <= op.now() && op.now() < row.balance_until;
    if row.state != ReservationState::BalanceDue || !closing {
        return Ok(());
    }
    remind(&mut tx, op, (&row, About::Closing)).await?;
    tx.commit().await
}

/// Sends the text message of a reminder. Nobody is reminded of what is paid or over, and hardly ever twice: only when the
/// messenger took a message and the crash came before that was written down.
pub async fn text(op: Op, reminded: BalanceReminded) -> Result<(), Fault> {
    let this = table::Column::Reservation.eq(reminded.reservation).and(table::Column::Kind.eq(kind(reminded.about)));
    let sent = table::Entity::find().filter(this.clone().and(table::Column::TextedAt.is_not_null())).one(op.reader()).await?;
    let row = reservation::Entity::find_by_id(reminded.reservation).one(op.reader()).await?;
    let waits = row.is_some_and(|row| row.state == ReservationState::BalanceDue && op.now() < row.balance_until);
    let Some(presale) = query::get(&op, reminded.presale, query::Eyes::Staff).await?.filter(|_| waits && sent.is_none()) else {
        return Ok(());
    };
    let due = |locale| Due { name: presale.title.get(locale).to_owned(), until: reminded.until };
    if customers::remind(&op, reminded.customer, due).await? {
        let tx = op.begin().await?;
        let update = table::Entity::update_many().col_expr(table::Column::TextedAt, Expr::value(op.now().0));
        update.filter(this).exec(&*tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
