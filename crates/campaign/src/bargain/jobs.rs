//! What happens behind the requests: reactions to trade's facts, and what is due by the clock. All idempotent.

use kernel::Fault;
use platform::Op;
use trade::order::events::{OrderCancelled, OrderPaid};

use super::{KIND, service};

/// An order was paid: its record is bought.
pub async fn paid(op: Op, paid: OrderPaid) -> Result<(), Fault> {
    match paid.origin {
        Some(origin) if origin.kind == KIND => service::paid(&op, paid.order).await,
        _ => Ok(()),
    }
}

/// An order was cancelled unpaid: its record can be used again.
pub async fn cancelled(op: Op, cancelled: OrderCancelled) -> Result<(), Fault> {
    match cancelled.origin {
        Some(origin) if origin.kind == KIND => service::cancelled(&op, cancelled.order).await,
        _ => Ok(()),
    }
}

/// Ends records whose deadline has come.
pub async fn expire_records(op: Op) -> Result<(), Fault> {
    service::expire_records(&op).await
}
