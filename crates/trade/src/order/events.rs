//! What others may rely on about orders. Each touches the live topic `trade.order:<id>` and is told, one by one, on the
//! feed `trade.orders:all`.

use kernel::{CustomerId, Event, Money, OrderId, OrderLineId, ParcelId, RefundId, SkuId, StoreId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

use super::rules::{CancelReason, Origin};

/// The live topic of one order.
pub fn topic(order: OrderId) -> Topic {
    Topic::of("trade.order", order)
}

/// The live topic of all orders: a feed of facts, for staff.
pub fn feed() -> Topic {
    Topic::of("trade.orders", "all")
}

/// An order was placed; stock is put aside until `pay_by`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// By which play.
    pub origin: Option<Origin>,
    /// What it costs.
    pub total: Money,
    /// Cancelled when not paid by then.
    pub pay_by: Timestamp,
}

impl Event for OrderPlaced {
    const NAME: &'static str = "trade.order_placed.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// An order's money is here. Told exactly once per order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPaid {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// By which play.
    pub origin: Option<Origin>,
    /// What was paid.
    pub total: Money,
    /// When, at the provider.
    pub paid_at: Timestamp,
}

impl Event for OrderPaid {
    const NAME: &'static str = "trade.order_paid.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// An order will not be paid; its stock is free again. A payment that still arrives goes back by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCancelled {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// By which play.
    pub origin: Option<Origin>,
    /// Why.
    pub reason: CancelReason,
}

impl Event for OrderCancelled {
    const NAME: &'static str = "trade.order_cancelled.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// An order's play let it go: it may ship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReleased {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
}

impl Event for OrderReleased {
    const NAME: &'static str = "trade.order_released.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// The last of an order left the house. Told once per order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderShipped {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// By which play.
    pub origin: Option<Origin>,
    /// Who carries the last parcel, as people say.
    pub carrier: String,
    /// Their number for it.
    pub tracking_no: String,
    /// Every parcel, the first first.
    #[serde(default)]
    pub parcels: Vec<ParcelSent>,
}

/// A parcel that left the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelSent {
    /// Which.
    pub parcel: ParcelId,
    /// Who carries it, as people say.
    pub carrier: String,
    /// Who carries it, if it is a known one (`crate::fulfilment::carriers`).
    pub carrier_code: Option<String>,
    /// Their number for it.
    pub tracking_no: String,
}

impl Event for OrderShipped {
    const NAME: &'static str = "trade.order_shipped.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// The shopper has it. Told once per order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReceived {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// By which play.
    pub origin: Option<Origin>,
}

impl Event for OrderReceived {
    const NAME: &'static str = "trade.order_received.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// The time for complaints is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCompleted {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
}

impl Event for OrderCompleted {
    const NAME: &'static str = "trade.order_completed.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// Money of an order went back. Told once per refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRefunded {
    /// Which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// By which play.
    pub origin: Option<Origin>,
    /// Which refund.
    pub refund: RefundId,
    /// The number the provider knows it by.
    #[serde(default)]
    pub refund_no: String,
    /// How much went back with it.
    pub amount: Money,
    /// How much of that was for bringing the goods.
    #[serde(default)]
    pub shipping_minor: i64,
    /// What of it belongs to which line; lines and shipping sum to the amount.
    #[serde(default)]
    pub lines: Vec<RefundedLine>,
    /// Whether all of the order's money is back now: the order is dead.
    pub full: bool,
}

/// What of a refund belongs to a line of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundedLine {
    /// Which line.
    pub line: OrderLineId,
    /// Of what.
    pub sku: SkuId,
    /// How many pieces; none is money for goods that are kept.
    pub quantity: i64,
    /// How much went back for them.
    pub amount: Money,
    /// Whether they returned to the shelf with the money.
    pub restocked: bool,
}

impl Event for OrderRefunded {
    const NAME: &'static str = "trade.order_refunded.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// Staff changed what an unpaid order costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRepriced {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// What it cost.
    pub was: Money,
    /// What it costs now.
    pub total: Money,
}

impl Event for OrderRepriced {
    const NAME: &'static str = "trade.order_repriced.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// An order lies ready at its store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReady {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Where.
    pub store: StoreId,
}

impl Event for OrderReady {
    const NAME: &'static str = "trade.order_ready.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// Something else of an order is worth another look: a note, more time, a parcel's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderAnnotated {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// What: the kind of the line in its timeline.
    pub kind: String,
}

impl Event for OrderAnnotated {
    const NAME: &'static str = "trade.order_annotated.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}
