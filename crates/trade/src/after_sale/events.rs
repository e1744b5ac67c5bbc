//! What others may rely on about after-sale cases.

use kernel::{AfterSaleId, CustomerId, Event, OrderId, Topic};
use serde::{Deserialize, Serialize};

use super::rules::{Kind, State};

/// The live topic of one case.
pub fn topic(case: AfterSaleId) -> Topic {
    Topic::of("trade.after_sale", case)
}

/// The feed of all cases and complaints, for staff.
pub fn feed() -> Topic {
    Topic::of("trade.after_sales", "all")
}

/// A shopper asked for something. While a case is open the order's goods are not theirs for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterSaleRequested {
    /// Which case.
    pub case: AfterSaleId,
    /// Of which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// What is wanted.
    pub kind: Kind,
}

impl Event for AfterSaleRequested {
    const NAME: &'static str = "trade.after_sale_requested.v1";
}

/// A case stands elsewhere, or something was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterSaleChanged {
    /// Which case.
    pub case: AfterSaleId,
    /// Of which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Where it stands.
    pub state: State,
    /// What happened, as its timeline says.
    pub what: String,
}

impl Event for AfterSaleChanged {
    const NAME: &'static str = "trade.after_sale_changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.case), crate::order::events::topic(self.order)]
    }

    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// A case is over. One that was rejected may be opened again by a complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterSaleClosed {
    /// Which case.
    pub case: AfterSaleId,
    /// Of which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// How it ended.
    pub state: State,
}

impl Event for AfterSaleClosed {
    const NAME: &'static str = "trade.after_sale_closed.v1";
}
