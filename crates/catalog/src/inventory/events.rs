//! What others may rely on about the stock.

use kernel::{Event, OrderId, SkuId, Topic};
use serde::{Deserialize, Serialize};

/// The live topic of what can be bought of a SKU.
pub fn topic(sku: SkuId) -> Topic {
    Topic::of("catalog.stock", sku)
}

/// What can be bought of these SKUs is another number now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StockChanged {
    /// Which ones.
    pub skus: Vec<SkuId>,
}

impl Event for StockChanged {
    const NAME: &'static str = "catalog.stock_changed.v1";

    fn topics(&self) -> Vec<Topic> {
        self.skus.iter().copied().map(topic).collect()
    }
}

/// Goods left the stock for good, or came back: the counters of sold goods moved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StockSold {
    /// For which order.
    pub order: OrderId,
    /// Which SKUs.
    pub skus: Vec<SkuId>,
}

impl Event for StockSold {
    const NAME: &'static str = "catalog.stock_sold.v1";
}
