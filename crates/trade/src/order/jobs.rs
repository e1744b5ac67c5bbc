//! What is due by the clock.

use entity::trade::trade_order as table;
use kernel::{Failure, Fault, OrderId, days};
use platform::Op;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{ExprTrait, SimpleExpr},
};

use super::{
    Refused,
    rules::{CancelReason, MoveRefused},
    service::{self, CancelOrder},
};

/// How many orders one run moves.
const BATCH: u64 = 200;

/// Cancels orders that were not paid in time.
pub(super) async fn expire(op: Op) -> Result<(), Fault> {
    let late = table::Column::Status.eq(table::OrderStatus::PendingPayment).and(table::Column::PayBy.lte(op.now()));
    for order in due(&op, late).await? {
        settled(service::cancel(&op, CancelOrder { order, reason: CancelReason::Expired }).await.map(drop))?;
    }
    Ok(())
}

/// Takes parcels as received ten days after they left.
pub(super) async fn receive(op: Op) -> Result<(), Fault> {
    let long_gone = table::Column::Status.eq(table::OrderStatus::Shipped).and(table::Column::ShippedAt.lte(op.now() - days(10)));
    for order in due(&op, long_gone).await? {
        settled(service::receive(&op, order).await.map(drop))?;
    }
    Ok(())
}

/// Ends the time for complaints a week after the goods arrived.
pub(super) async fn complete(op: Op) -> Result<(), Fault> {
    let quiet = table::Column::Status.eq(table::OrderStatus::Received).and(table::Column::ReceivedAt.lte(op.now() - days(7)));
    for order in due(&op, quiet).await? {
        settled(service::complete(&op, order).await)?;
    }
    Ok(())
}

async fn due(op: &Op, which: SimpleExpr) -> Result<Vec<OrderId>, Fault> {
    let orders = table::Entity::find().select_only().column(table::Column::Id).filter(which).order_by_asc(table::Column::Id).limit(BATCH);
    Ok(orders.into_tuple().all(op.reader()).await?)
}

/// Somebody else moved it first: that is fine.
fn settled(moved: Result<(), Failure<Refused>>) -> Result<(), Fault> {
    match moved {
        Ok(()) | Err(Failure::Refused(Refused::Move(MoveRefused::Paid | MoveRefused::Refunded | MoveRefused::Cancelled))) => Ok(()),
        Err(Failure::Refused(refused)) => Err(Fault::internal(refused.to_string())),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}
