//! Lots and holds as the tables keep them. Whoever calls has locked the customer's account.

use entity::trade::{
    points_hold::{self as hold, PointsHoldState},
    points_hold_part as part, points_lot as lot,
};
use kernel::{CustomerId, Fault, OrderId, PointsLotId};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::rules::{Lot, Part};

impl From<&lot::Model> for Lot {
    fn from(row: &lot::Model) -> Self {
        Self { id: row.id, remaining: row.remaining, released: row.released, expires_at: row.expires_at }
    }
}

/// What is left in a customer's lots.
pub(super) async fn lots(tx: &Tx, customer: CustomerId) -> Result<Vec<lot::Model>, Fault> {
    Ok(lot::Entity::find()
        .filter(lot::Column::Customer.eq(customer).and(lot::Column::Remaining.gt(0)))
        .order_by_asc(lot::Column::ExpiresAt)
        .order_by_asc(lot::Column::Id)
        .all(&**tx)
        .await?)
}

/// The lot something was earned in.
pub(super) async fn lot_of(tx: &Tx, (kind, id): (&str, &str)) -> Result<Option<lot::Model>, Fault> {
    let source = lot::Column::SourceKind.eq(kind).and(lot::Column::SourceId.eq(id));
    Ok(lot::Entity::find().filter(source).one(&**tx).await?)
}

/// Opens a lot; `false` when its source has one.
pub(super) async fn open(tx: &Tx, row: lot::Model) -> Result<bool, Fault> {
    let once = OnConflict::columns([lot::Column::SourceKind, lot::Column::SourceId]).do_nothing().to_owned();
    let row = lot::ActiveModel {
        id: Set(row.id),
        customer: Set(row.customer),
        source_kind: Set(row.source_kind),
        source_id: Set(row.source_id),
        points: Set(row.points),
        remaining: Set(row.remaining),
        taken_back: Set(row.taken_back),
        released: Set(row.released),
        available_at: Set(row.available_at),
        expires_at: Set(row.expires_at),
        created_at: Set(row.created_at),
    };
    Ok(lot::Entity::insert(row).on_conflict(once).exec_without_returning(&**tx).await? == 1)
}

/// Changes what is left of a lot; the table refuses what cannot be.
pub(super) async fn change(tx: &Tx, (id, by): (PointsLotId, i64)) -> Result<(), Fault> {
    let update = lot::Entity::update_many()
        .col_expr(lot::Column::Remaining, Expr::col(lot::Column::Remaining).add(by))
        .filter(lot::Column::Id.eq(id));
    expect_one(update.exec(&**tx).await?.rows_affected, id)
}

/// Marks a frozen lot as spendable.
pub(super) async fn released(tx: &Tx, id: PointsLotId) -> Result<bool, Fault> {
    let update = lot::Entity::update_many()
        .col_expr(lot::Column::Released, Expr::value(true))
        .filter(lot::Column::Id.eq(id).and(lot::Column::Released.eq(false)));
    Ok(update.exec(&**tx).await?.rows_affected == 1)
}

/// Counts what was taken back of what a lot had earned.
pub(super) async fn taken_back(tx: &Tx, (id, points): (PointsLotId, i64)) -> Result<(), Fault> {
    let update = lot::Entity::update_many()
        .col_expr(lot::Column::TakenBack, Expr::col(lot::Column::TakenBack).add(points))
        .filter(lot::Column::Id.eq(id));
    expect_one(update.exec(&**tx).await?.rows_affected, id)
}

fn expect_one(rows: u64, id: PointsLotId) -> Result<(), Fault> {
    if rows == 1 { Ok(()) } else { Err(Fault::corrupt(format!("{id} is gone"))) }
}

/// The hold of an order, locked.
pub(super) async fn hold_of(tx: &Tx, order: OrderId) -> Result<Option<hold::Model>, Fault> {
    use sea_orm::QuerySelect;
    Ok(hold::Entity::find_by_id(order).lock_exclusive().one(&**tx).await?)
}

/// Puts points aside for an order; `false` when it has put some aside before.
pub(super) async fn held(tx: &Tx, op: &Op, (order, customer, points): (OrderId, CustomerId, i64)) -> Result<bool, Fault> {
    let row = hold::ActiveModel {
        order_id: Set(order),
        customer: Set(customer),
        points: Set(points),
        state: Set(PointsHoldState::Held),
        given_back: Set(0),
        created_at: Set(op.now()),
        ended_at: Set(None),
    };
    let once = OnConflict::column(hold::Column::OrderId).do_nothing().to_owned();
    Ok(hold::Entity::insert(row).on_conflict(once).exec_without_returning(&**tx).await? == 1)
}

/// Remembers of which lots a hold is.
pub(super) async fn parts_held(tx: &Tx, order: OrderId, parts: &[Part]) -> Result<(), Fault> {
    let rows = parts.iter().zip(0..).map(|(taken, position)| part::ActiveModel {
        order_id: Set(order),
        position: Set(position),
        lot: Set(taken.lot),
        points: Set(taken.points),
        given_back: Set(0),
    });
    rows::insert(&**tx, rows).await?;
    Ok(())
}

/// Of which lots a hold still is, in the order they were taken.
pub(super) async fn parts_of(tx: &Tx, order: OrderId) -> Result<Vec<part::Model>, Fault> {
    Ok(part::Entity::find().filter(part::Column::OrderId.eq(order)).order_by_asc(part::Column::Position).all(&**tx).await?)
}

/// Counts what went back of a part.
pub(super) async fn part_given_back(tx: &Tx, (row, points): (&part::Model, i64)) -> Result<(), Fault> {
    part::Entity::update_many()
        .col_expr(part::Column::GivenBack, Expr::col(part::Column::GivenBack).add(points))
        .filter(part::Column::OrderId.eq(row.order_id).and(part::Column::Position.eq(row.position)))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Ends a hold.
pub(super) async fn ended(tx: &Tx, op: &Op, (order, state): (OrderId, PointsHoldState)) -> Result<(), Fault> {
    hold::Entity::update_many()
        .col_expr(hold::Column::State, Expr::value(state.to_value()))
        .col_expr(hold::Column::EndedAt, Expr::value(op.now().0))
        .filter(hold::Column::OrderId.eq(order))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Counts what went back of spent points.
pub(super) async fn given_back(tx: &Tx, (order, points): (OrderId, i64)) -> Result<(), Fault> {
    hold::Entity::update_many()
        .col_expr(hold::Column::GivenBack, Expr::col(hold::Column::GivenBack).add(points))
        .filter(hold::Column::OrderId.eq(order))
        .exec(&**tx)
        .await?;
    Ok(())
}
