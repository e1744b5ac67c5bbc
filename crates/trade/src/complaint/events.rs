//! What others may rely on about complaints.

use kernel::{ComplaintId, CustomerId, Event, OrderId, Topic};
use serde::{Deserialize, Serialize};

use super::rules::State;

/// The live topic of one complaint.
pub fn topic(complaint: ComplaintId) -> Topic {
    Topic::of("trade.complaint", complaint)
}

/// A complaint was filed, stands elsewhere, or something was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintChanged {
    /// Which.
    pub complaint: ComplaintId,
    /// About which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Where it stands.
    pub state: State,
    /// What happened, as its timeline says.
    pub what: String,
}

impl Event for ComplaintChanged {
    const NAME: &'static str = "trade.complaint_changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.complaint), crate::order::events::topic(self.order)]
    }

    fn feeds(&self) -> Vec<Topic> {
        vec![crate::after_sale::events::feed()]
    }
}
