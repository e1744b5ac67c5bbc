//! What is done about payments behind the requests.

use kernel::{Fault, OrderId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};

use super::service;

/// How many silent payments one run asks about.
const BATCH: u64 = 50;

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

/// Closes what is open at the provider.
pub(super) async fn close_charges(op: Op, job: CloseCharges) -> Result<(), Fault> {
    for payment in service::open_of(&op, job.order).await? {
        let gateway = service::gateway(&op, &payment.gateway)?;
        let gateway = gateway.ok_or_else(|| Fault::internal(format!("the gateway {} is gone", payment.gateway)))?;
        let state = gateway.close(&payment.payment_no).await.map_err(Fault::from)?;
        // What the provider never heard of will not be paid either: the order is cancelled, nobody asks for it again.
        let state = if state == super::gateway::ChargeState::Absent { super::gateway::ChargeState::Closed } else { state };
        service::heard(&op, &payment, state).await?;
    }
    Ok(())
}

/// Asks about payments nobody reported on. One that cannot be asked about does not hold up the others.
pub(super) async fn query_pending(op: Op) -> Result<(), Fault> {
    for payment in service::silent(&op, BATCH).await? {
        if let Err(fault) = service::ask(&op, &payment).await {
            tracing::warn!(payment = %payment.id, %fault, "a silent payment could not be asked about");
        }
        service::ask_later(&op, payment.id).await?;
    }
    Ok(())
}
