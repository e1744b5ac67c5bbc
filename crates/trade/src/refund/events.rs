//! What others may rely on about refunds. That an order's money is back is told by the order.

use kernel::{Event, OrderId, RefundId, Topic};
use serde::{Deserialize, Serialize};

/// A refund of an order was asked for, or stands elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundChanged {
    /// Which.
    pub refund: RefundId,
    /// Of which order.
    pub order: OrderId,
}

impl Event for RefundChanged {
    const NAME: &'static str = "trade.refund_changed.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![crate::order::events::topic(self.order)]
    }
}
