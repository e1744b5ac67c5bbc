//! What is done about payments behind the requests.

use futures_util::{StreamExt, stream};
use kernel::{Fault, OrderId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};

use super::service::{self, Payment};

/// How many silent payments one run asks about.
const BATCH: u64 = 50;

/// How many at once.
const AT_ONCE: usize = 8;

/// The charges of a cancelled order can no longer be paid; one that was paid meanwhile goes back.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CloseCharges {
    pub(crate) order: OrderId,
}

impl Job for CloseCharges {
    const KIND: &'static str = "payment.close_charges";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// Closes what is open at the provider. What it does not answer now is asked by the sweep once the charge has run out.
pub(super) async fn close_charges(op: Op, job: CloseCharges) -> Result<(), Fault> {
    service::close_open(&op, job.order).await
}

/// Asks about payments nobody reported on. One that cannot be asked about never holds up the others.
pub(crate) async fn query_pending(op: Op) -> Result<(), Fault> {
    let silent = service::silent(&op, BATCH).await?;
    stream::iter(silent)
        .for_each_concurrent(AT_ONCE, |payment| {
            let op = op.clone();
            async move {
                if let Err(fault) = look(&op, &payment).await {
                    tracing::warn!(payment = %payment.id, %fault, "a silent payment could not be asked about");
                }
            }
        })
        .await;
    Ok(())
}

async fn look(op: &Op, payment: &Payment) -> Result<(), Fault> {
    if service::take(op, payment).await? { service::ask(op, payment).await } else { Ok(()) }
}
