//! What is due by the clock.

use std::pin::pin;

use entity::trade::{after_sale, trade_order as table};
use futures_util::{StreamExt, stream};
use kernel::{Failure, Fault, OrderId, days};
use platform::Op;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{ExprTrait, SimpleExpr},
};

use super::{
    Refused,
    rules::CancelReason,
    service::{self, CancelOrder},
};

/// How many orders one run moves.
const BATCH: u64 = 200;

/// How many at once.
const AT_ONCE: usize = 8;

/// Cancels orders that were not paid in time.
pub(super) async fn expire(op: Op) -> Result<(), Fault> {
    let late = table::Column::Status.eq(table::OrderStatus::PendingPayment).and(table::Column::PayBy.lte(op.now()));
    each(due(&op, late).await?, |order| {
        let op = op.clone();
        async move { service::cancel(&op, CancelOrder { order, reason: CancelReason::Expired }).await.map(drop) }
    })
    .await;
    Ok(())
}

/// Takes parcels as received a week after they arrived, or ten days after the carrier's last word.
pub(super) async fn receive(op: Op) -> Result<(), Fault> {
    let long_gone = table::Column::Status.eq(table::OrderStatus::Shipped).and(table::Column::ReceiveBy.lte(op.now()));
    each(due(&op, long_gone).await?, |order| {
        let op = op.clone();
        async move { service::receive(&op, order).await.map(drop) }
    })
    .await;
    Ok(())
}

/// Ends the time for complaints a week after the goods arrived, unless an after-sale case is open.
pub(super) async fn complete(op: Op) -> Result<(), Fault> {
    let quiet = table::Column::Status.eq(table::OrderStatus::Received).and(table::Column::ReceivedAt.lte(op.now() - days(7)));
    let disputed =
        after_sale::Entity::find().select_only().column(after_sale::Column::OrderId).filter(after_sale::Column::ClosedAt.is_null());
    let quiet = quiet.and(table::Column::Id.not_in_subquery(disputed.into_query()));
    each(due(&op, quiet).await?, |order| {
        let op = op.clone();
        async move { service::complete(&op, order).await }
    })
    .await;
    Ok(())
}

async fn due(op: &Op, which: SimpleExpr) -> Result<Vec<OrderId>, Fault> {
    let orders = table::Entity::find().select_only().column(table::Column::Id).filter(which).order_by_asc(table::Column::Id).limit(BATCH);
    Ok(orders.into_tuple().all(op.reader()).await?)
}

/// Moves some orders at once: each may wait for its provider, and one that cannot be moved never holds up the others.
async fn each<F: Future<Output = Result<(), Failure<Refused>>>>(orders: Vec<OrderId>, run: impl Fn(OrderId) -> F) {
    let moves = stream::iter(orders).map(|order| {
        let moved = run(order);
        async move { (order, moved.await) }
    });
    let mut moves = pin!(moves.buffer_unordered(AT_ONCE));
    while let Some((order, moved)) = moves.next().await {
        match moved {
            Ok(()) => {}
            // Somebody else moved it first.
            Err(Failure::Refused(refused)) => tracing::info!(%order, %refused, "an order did not move at its deadline"),
            Err(Failure::Fault(fault)) => tracing::error!(%order, %fault, "an order could not be moved at its deadline"),
        }
    }
}
