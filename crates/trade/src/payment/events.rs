//! What others may rely on about payments. That an order's money came is told by the order.

use kernel::{Event, OrderId, PaymentId, Topic};
use serde::{Deserialize, Serialize};

/// A payment of an order stands elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentChanged {
    /// Which.
    pub payment: PaymentId,
    /// Of which order.
    pub order: OrderId,
}

impl Event for PaymentChanged {
    const NAME: &'static str = "trade.payment_changed.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![crate::order::events::topic(self.order)]
    }
}
