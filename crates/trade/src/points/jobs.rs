//! What happens to points by the clock, and because of what became of orders.

use futures_util::{StreamExt, stream};
use kernel::Fault;
use platform::Op;

use super::service::{self, Due};
use crate::order::events::{OrderReceived, OrderRefunded};

/// How many lots one run moves.
const BATCH: u64 = 500;

/// How many at once.
const AT_ONCE: usize = 4;

/// Goods arrived: what was paid for them and did not go back earns points.
pub(super) async fn earn(op: Op, received: OrderReceived) -> Result<(), Fault> {
    service::received(&op, received.order).await
}

/// Money of an order went back: so do its points, in proportion.
pub(super) async fn reverse(op: Op, refunded: OrderRefunded) -> Result<(), Fault> {
    service::refunded(&op, refunded.order, &refunded.refund_no).await
}

/// Makes points spendable whose time has come.
pub(super) async fn release(op: Op) -> Result<(), Fault> {
    each(&op, Due::Release).await
}

/// Takes away points nobody spent in time.
pub(super) async fn expire(op: Op) -> Result<(), Fault> {
    each(&op, Due::Expire).await
}

async fn each(op: &Op, which: Due) -> Result<(), Fault> {
    let due = service::due(op, which, BATCH).await?;
    stream::iter(due)
        .for_each_concurrent(AT_ONCE, |lot| async move {
            if let Err(fault) = service::run(op, which, &lot).await {
                tracing::error!(lot = %lot.id, %fault, "points could not be moved at their time");
            }
        })
        .await;
    Ok(())
}
