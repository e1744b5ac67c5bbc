//! What happens behind the requests.

use entity::trade::refund::RefundStatus;
use futures_util::{StreamExt, stream};
use kernel::{Fault, RefundId};
use platform::Op;

use super::service;
use crate::{
    order::events::OrderRefunded,
    refund::{events::RefundChanged, service as refunds},
};

/// How many cases one run moves.
const BATCH: u64 = 200;

/// How many at once.
const AT_ONCE: usize = 8;

/// Money of an order is back: if it was a case's, the case is done.
pub(super) async fn refunded(op: Op, refunded: OrderRefunded) -> Result<(), Fault> {
    look_at(&op, refunded.refund).await
}

/// A refund stands elsewhere: one that failed is told in its case.
pub(super) async fn refund_changed(op: Op, changed: RefundChanged) -> Result<(), Fault> {
    look_at(&op, changed.refund).await
}

async fn look_at(op: &Op, refund: RefundId) -> Result<(), Fault> {
    match refunds::find(op, refund).await? {
        Some(refund) if matches!(refund.status, RefundStatus::Succeeded | RefundStatus::Failed) => service::refund_ended(op, &refund).await,
        _ => Ok(()),
    }
}

/// Moves cases somebody was silent about for too long. One that cannot be moved never holds up the others.
pub(super) async fn lapse(op: Op) -> Result<(), Fault> {
    let overdue = service::overdue(&op, BATCH).await?;
    stream::iter(overdue)
        .for_each_concurrent(AT_ONCE, |case| {
            let op = op.clone();
            async move {
                if let Err(fault) = service::lapse(&op, case).await {
                    tracing::error!(%case, %fault, "a case could not be moved at its deadline");
                }
            }
        })
        .await;
    Ok(())
}
