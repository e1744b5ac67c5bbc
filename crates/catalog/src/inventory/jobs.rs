//! The sweep of forgotten reservations.

use std::{collections::BTreeSet, time::Duration};

use entity::catalog::stock_reservation as table;
use kernel::{Fault, OrderId, minutes};
use platform::Op;
use sea_orm::{
    ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::service;

/// How long after its time a reservation is left to its order to release.
pub const GRACE: Duration = minutes(10);

/// Orders released per run.
const BATCH: u64 = 200;

/// Releases what nobody released: an order gives its own holds back when it is cancelled or expires, this only catches
/// the orphans.
pub async fn expire(op: Op) -> Result<(), Fault> {
    // Spelt out, not bound: only so can the planner use the index of what is held.
    let held = SimpleExpr::Constant(table::ReservationState::Held.to_value().into());
    let due = Expr::col(table::Column::State).eq(held).and(table::Column::ExpiresAt.lte(op.now() - GRACE));
    let rows: Vec<OrderId> =
        table::Entity::find().select_only().column(table::Column::OrderId).filter(due).limit(BATCH).into_tuple().all(op.reader()).await?;
    for order in rows.into_iter().collect::<BTreeSet<_>>() {
        let mut tx = op.begin().await?;
        service::release(&mut tx, &op, order).await?;
        tx.commit().await?;
        tracing::warn!(%order, "a forgotten reservation was released");
    }
    Ok(())
}
