//! What happens behind the requests: reactions to trade's facts, work owed to customers, and what is due by the clock.

use kernel::{Failure, Fault, OrderId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};
use trade::{
    order::events::{OrderCancelled, OrderPaid, OrderRefunded},
    refund::service::RequestRefund,
};

use super::{KIND, service};

/// Money of a reservation goes back to where it came from.
#[derive(Debug, Serialize, Deserialize)]
pub struct GiveBack {
    /// Of which order.
    pub order: OrderId,
    /// Why.
    pub reason: Reason,
}

/// Why money goes back. Part of the refund's number, so asking twice is one refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The balance did not come, and the deposit is one that goes back.
    PresaleLapsed,
    /// It was paid when the reservation was over.
    PresaleClosed,
    /// The balance's order went back, and its deposit with it.
    PresaleReturned,
    /// The goods were gone.
    PresaleSoldOut,
}

impl Reason {
    /// As it stands in the refund's number.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PresaleLapsed => "presale-lapsed",
            Self::PresaleClosed => "presale-closed",
            Self::PresaleReturned => "presale-returned",
            Self::PresaleSoldOut => "presale-sold-out",
        }
    }
}

impl Job for GiveBack {
    const KIND: &'static str = "presale.give_back";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// A deposit's order is done: its balance was paid.
#[derive(Debug, Serialize, Deserialize)]
pub struct LetGo {
    /// Which order.
    pub order: OrderId,
}

impl Job for LetGo {
    const KIND: &'static str = "presale.let_go";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// A deposit is lost.
#[derive(Debug, Serialize, Deserialize)]
pub struct Forfeit {
    /// Whose order it is.
    pub order: OrderId,
}

impl Job for Forfeit {
    const KIND: &'static str = "presale.forfeit";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// A payment arrived: a deposit, a balance, or everything.
pub async fn paid(op: Op, paid: OrderPaid) -> Result<(), Fault> {
    match paid.origin {
        Some(origin) if origin.kind == KIND => service::paid(&op, (paid.order, paid.paid_at)).await,
        _ => Ok(()),
    }
}

/// An order was cancelled unpaid.
pub async fn cancelled(op: Op, cancelled: OrderCancelled) -> Result<(), Fault> {
    match cancelled.origin {
        Some(origin) if origin.kind == KIND => service::cancelled(&op, cancelled.order).await,
        _ => Ok(()),
    }
}

/// Money of an order went back.
pub async fn refunded(op: Op, refunded: OrderRefunded) -> Result<(), Fault> {
    match refunded.origin {
        Some(origin) if origin.kind == KIND && refunded.full => service::refunded(&op, refunded.order).await,
        Some(origin) if origin.kind == KIND => service::partly_refunded(&op, (refunded.order, &refunded.refund_no)).await,
        _ => Ok(()),
    }
}

/// Lets a deposit's order go. One that was refunded in the meantime stays where it is.
pub async fn let_go(op: Op, job: LetGo) -> Result<(), Fault> {
    gone(job.order, trade::order::service::release_hold(&op, job.order).await)
}

/// Earns a deposit that is lost. One that was refunded in the meantime stays where it is.
pub async fn forfeit(op: Op, job: Forfeit) -> Result<(), Fault> {
    gone(job.order, trade::order::service::forfeit(&op, job.order).await)
}

fn gone<T>(order: OrderId, done: Result<T, Failure<trade::order::Refused>>) -> Result<(), Fault> {
    match done {
        Ok(_) => Ok(()),
        Err(Failure::Refused(refused)) => {
            tracing::info!(%order, %refused, "a deposit's order stays where it is");
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

/// Opens and closes what is due.
pub async fn tick(op: Op) -> Result<(), Fault> {
    service::tick(&op).await
}
