//! What happens behind the requests: reactions to trade's facts, work owed to backers, and what is due by the clock.

use kernel::{Failure, Fault, OrderId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};
use trade::{
    order::events::{OrderCancelled, OrderPaid, OrderRefunded},
    refund::service::RequestRefund,
};

use super::{KIND, rules::Reason, service};

/// The money of one pledge goes back to where it came from.
#[derive(Debug, Serialize, Deserialize)]
pub struct GiveBack {
    /// Of which order.
    pub order: OrderId,
    /// Why.
    pub reason: Reason,
}

impl Job for GiveBack {
    const KIND: &'static str = "crowdfunding.give_back";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// The order of one backer may ship.
#[derive(Debug, Serialize, Deserialize)]
pub struct LetShip {
    /// Which order.
    pub order: OrderId,
}

impl Job for LetShip {
    const KIND: &'static str = "crowdfunding.let_ship";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// A payment arrived: the pledge counts, or its money goes back.
pub async fn paid(op: Op, paid: OrderPaid) -> Result<(), Fault> {
    match paid.origin {
        Some(origin) if origin.kind == KIND => service::paid(&op, (paid.order, paid.paid_at)).await,
        _ => Ok(()),
    }
}

/// An order was cancelled unpaid: its reward is free.
pub async fn cancelled(op: Op, cancelled: OrderCancelled) -> Result<(), Fault> {
    match cancelled.origin {
        Some(origin) if origin.kind == KIND => service::cancelled(&op, cancelled.order).await,
        _ => Ok(()),
    }
}

/// All of an order's money went back: its pledge counts no more while the crowdfunding gathers.
pub async fn refunded(op: Op, refunded: OrderRefunded) -> Result<(), Fault> {
    match refunded.origin {
        Some(origin) if refunded.full && origin.kind == KIND => service::refunded(&op, refunded.order).await,
        _ => Ok(()),
    }
}

/// Lets one order ship. One that was refunded in the meantime stays where it is.
pub async fn let_ship(op: Op, job: LetShip) -> Result<(), Fault> {
    match trade::order::service::release_hold(&op, job.order).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused(refused)) => {
            tracing::info!(order = %job.order, %refused, "a backer's order does not ship");
            Ok(())
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// Asks for one refund; trade sees it through. Whatever is back already is not given twice.
pub async fn give_back(op: Op, job: GiveBack) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let asked = RequestRefund { order: job.order, amount: None, reason: job.reason.code() };
    match trade::refund::service::request(&mut tx, &op, asked).await {
        Ok(_) => tx.commit().await,
        Err(Failure::Refused(refused)) => Err(Fault::internal(format!("{} cannot be refunded: {refused}", job.order))),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// Ends crowdfundings whose deadline has come.
pub async fn settle(op: Op) -> Result<(), Fault> {
    service::settle_due(&op).await
}
