//! Stock of a play's own.
//!
//! ```text
//!  shelf ─ put_aside ─▶ allotment ─ hand_out ─▶ an order's HELD reservation ─ paid ─▶ COMMITTED
//!    ▲                   │    ▲                            │
//!    └── close ──────────┘    └──── released, still open ──┘   (released after the close: back to the shelf)
//! ```
//!
//! What lies in an allotment counts as promised (`stock.reserved`), so handing out and giving back moves nothing on the
//! shelf: a play that sells thousands in a second never touches the row everybody else buys from.

use std::collections::BTreeMap;

use entity::catalog::{stock_allotment as table, stock_reservation as reservation};
use kernel::{AllotmentId, Failure, Fault, OrderId, SkuId, Timestamp};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    rules::{self, Refused},
    service::{promise, stock_of, tell, value},
};

/// Puts stock aside for a play: all of it or, refused, nothing. Once per allotment.
pub async fn put_aside(tx: &mut Tx, op: &Op, (id, lines): (AllotmentId, &[(SkuId, i64)])) -> Result<(), Failure<Refused>> {
    let known = table::Entity::find().filter(table::Column::Id.eq(id)).limit(1).one(&**tx).await?;
    if known.is_some() {
        return Ok(());
    }
    let steps = rules::plan(&[], lines)?;
    for step in &steps {
        if !promise(tx, op, (step.sku, step.quantity)).await? {
            let available = stock_of(tx, step.sku).await?.available();
            return Err(Refused::InsufficientStock { sku: step.sku, available }.into());
        }
    }
    let now = op.now();
    let rows = steps.iter().map(|step| table::ActiveModel {
        id: Set(id),
        sku: Set(step.sku),
        quantity: Set(step.quantity),
        closed: Set(false),
        created_at: Set(now),
        updated_at: Set(now),
    });
    rows::insert(&**tx, rows).await?;
    tell(tx, steps.into_iter().map(|step| step.sku).collect());
    Ok(())
}

/// A part of an allotment for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// For which order; one it holds nothing of yet.
    pub order: OrderId,
    /// Of what.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// Held no longer than this; the order releases it in time.
    pub until: Timestamp,
}

/// Hands parts of an allotment to many orders at once, in one statement: the transaction must not commit before they are
/// taken out ([`take_out`]).
pub async fn hand_out(tx: &mut Tx, op: &Op, (id, portions): (AllotmentId, &[Portion])) -> Result<(), Fault> {
    let now = op.now();
    let rows = portions.iter().map(|portion| reservation::ActiveModel {
        order_id: Set(portion.order),
        sku: Set(portion.sku),
        quantity: Set(portion.quantity),
        returned: Set(0),
        state: Set(reservation::ReservationState::Held),
        expires_at: Set(portion.until),
        created_at: Set(now),
        updated_at: Set(now),
        allotment: Set(Some(id)),
    });
    rows::insert(&**tx, rows).await?;
    Ok(())
}

/// Takes out what was handed out, one statement per SKU. `false` when there is not that much in it; then the caller's
/// transaction must not commit.
pub async fn take_out(tx: &mut Tx, op: &Op, (id, portions): (AllotmentId, &[Portion])) -> Result<bool, Fault> {
    let now = op.now();
    let mut wanted: BTreeMap<SkuId, i64> = BTreeMap::new();
    for portion in portions {
        *wanted.entry(portion.sku).or_default() += portion.quantity;
    }
    for (sku, quantity) in wanted {
        let update = table::Entity::update_many()
            .col_expr(table::Column::Quantity, Expr::col(table::Column::Quantity).sub(quantity))
            .col_expr(table::Column::UpdatedAt, value(now.0))
            .filter(table::Column::Id.eq(id).and(table::Column::Sku.eq(sku)).and(table::Column::Quantity.gte(quantity)));
        if update.exec(&**tx).await?.rows_affected == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes back what an order gives up, as long as the allotment is open.
pub(super) async fn give_back(tx: &mut Tx, op: &Op, (id, sku, quantity): (AllotmentId, SkuId, i64)) -> Result<bool, Fault> {
    let update = table::Entity::update_many()
        .col_expr(table::Column::Quantity, Expr::col(table::Column::Quantity).add(quantity))
        .col_expr(table::Column::UpdatedAt, value(op.now().0))
        .filter(table::Column::Id.eq(id).and(table::Column::Sku.eq(sku)).and(table::Column::Closed.eq(false)));
    Ok(update.exec(&**tx).await?.rows_affected == 1)
}

/// The play is over: what is left returns to the shelf. Twice is once.
pub async fn close(tx: &mut Tx, op: &Op, id: AllotmentId) -> Result<(), Fault> {
    let open = table::Column::Id.eq(id).and(table::Column::Closed.eq(false));
    let rows = table::Entity::find().filter(open.clone()).order_by_asc(table::Column::Sku).lock_exclusive().all(&**tx).await?;
    if rows.is_empty() {
        return Ok(());
    }
    table::Entity::update_many()
        .col_expr(table::Column::Quantity, value(0_i64))
        .col_expr(table::Column::Closed, value(true))
        .col_expr(table::Column::UpdatedAt, value(op.now().0))
        .filter(open)
        .exec(&**tx)
        .await?;
    for row in rows.iter().filter(|row| row.quantity > 0) {
        promise(tx, op, (row.sku, -row.quantity)).await?;
    }
    tell(tx, rows.into_iter().filter(|row| row.quantity > 0).map(|row| row.sku).collect());
    Ok(())
}

/// What lies in an allotment, by SKU.
pub async fn left(op: &Op, id: AllotmentId) -> Result<BTreeMap<SkuId, i64>, Fault> {
    let rows = table::Entity::find().filter(table::Column::Id.eq(id)).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.sku, row.quantity)).collect())
}
