//! What others may rely on about parcels. Each touches its order's live topic and is told on the feed of all orders.

use kernel::{CustomerId, Event, OrderId, ParcelId, Topic};
use serde::{Deserialize, Serialize};

use crate::order::events::{ParcelSent, feed, topic};

/// A parcel left the house. Told once per parcel; with the last of an order also `trade.order_shipped.v1` is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelShipped {
    /// Of which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Which parcel, by whom, under which number.
    pub sent: ParcelSent,
    /// Whether nothing of the order is left behind.
    pub last: bool,
}

impl Event for ParcelShipped {
    const NAME: &'static str = "trade.parcel_shipped.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}

/// The carrier told where a parcel is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelMoved {
    /// Of which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Which parcel.
    pub parcel: ParcelId,
    /// Whether it was signed for.
    pub delivered: bool,
}

impl Event for ParcelMoved {
    const NAME: &'static str = "trade.parcel_moved.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.order), feed()]
    }
    fn feeds(&self) -> Vec<Topic> {
        vec![feed()]
    }
}
