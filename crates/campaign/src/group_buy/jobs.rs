//! What happens behind the requests: reactions to trade's facts, work owed to members, and what is due by the clock.
//!
//! Each is idempotent, and each touches one team or one order: whoever cannot be served never holds up the others.

use kernel::{Failure, Fault, OrderId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};
use trade::{
    order::events::{OrderCancelled, OrderPaid, OrderRefunded},
    refund::service::RequestRefund,
};

use super::{KIND, campaigns, events::TeamFormed, service};

/// The money of one seat goes back to where it came from.
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
    /// The team did not form.
    TeamFailed,
    /// There was no seat any more when the payment came.
    TeamFull,
}

impl Reason {
    /// As it stands in the refund's number.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TeamFailed => "team-failed",
            Self::TeamFull => "team-full",
        }
    }
}

impl Job for GiveBack {
    const KIND: &'static str = "group_buy.give_back";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// The order of one member of a formed team may ship.
#[derive(Debug, Serialize, Deserialize)]
pub struct LetShip {
    /// Which order.
    pub order: OrderId,
}

impl Job for LetShip {
    const KIND: &'static str = "group_buy.let_ship";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// A payment arrived: the seat is confirmed, or its buyer gets what they chose.
pub async fn paid(op: Op, paid: OrderPaid) -> Result<(), Fault> {
    match paid.origin {
        Some(origin) if origin.kind == KIND => service::paid(&op, paid.order).await,
        _ => Ok(()),
    }
}

/// An order was cancelled: its seat is free.
pub async fn cancelled(op: Op, cancelled: OrderCancelled) -> Result<(), Fault> {
    match cancelled.origin {
        Some(origin) if origin.kind == KIND => service::cancelled(&op, cancelled.order).await,
        _ => Ok(()),
    }
}

/// All of an order's money went back: its seat is free while the team gathers.
pub async fn refunded(op: Op, refunded: OrderRefunded) -> Result<(), Fault> {
    match refunded.origin {
        Some(origin) if refunded.full && origin.kind == KIND => service::refunded(&op, refunded.order).await,
        _ => Ok(()),
    }
}

/// A team formed: each member's order becomes a job of its own.
pub async fn formed(op: Op, formed: TeamFormed) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    for member in formed.members {
        tx.enqueue(&LetShip { order: member.order });
    }
    tx.commit().await
}

/// Lets one order ship. One that was refunded in the meantime stays where it is.
pub async fn let_ship(op: Op, job: LetShip) -> Result<(), Fault> {
    match trade::order::service::release_hold(&op, job.order).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused(refused)) => {
            tracing::info!(order = %job.order, %refused, "a formed team's order does not ship");
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

/// Begins and ends campaigns.
pub async fn tick_campaigns(op: Op) -> Result<(), Fault> {
    campaigns::tick(&op).await
}

/// Gives up seats whose hold ran out.
pub async fn lapse_holds(op: Op) -> Result<(), Fault> {
    service::lapse_holds(&op).await
}

/// Ends teams whose deadline has come.
pub async fn expire_teams(op: Op) -> Result<(), Fault> {
    service::expire_teams(&op).await
}
