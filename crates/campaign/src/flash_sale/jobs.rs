//! What happens behind the requests: reactions to trade's facts, and the end of a session. Each is idempotent.

use kernel::Fault;
use platform::Op;
use trade::order::events::{OrderCancelled, OrderPaid};

use super::{KIND, sales};

/// A purchase was paid.
pub async fn paid(op: Op, paid: OrderPaid) -> Result<(), Fault> {
    match paid.origin {
        Some(origin) if origin.kind == KIND => sales::sold(&op, paid.order).await,
        _ => Ok(()),
    }
}

/// A purchase was given up: others can have it.
pub async fn cancelled(op: Op, cancelled: OrderCancelled) -> Result<(), Fault> {
    match cancelled.origin {
        Some(origin) if origin.kind == KIND => sales::take_back(&op, cancelled.order).await,
        _ => Ok(()),
    }
}

/// Ends sessions whose time is over.
pub async fn end(op: Op) -> Result<(), Fault> {
    sales::end_due(&op).await
}
