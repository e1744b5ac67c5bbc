//! What others may rely on about flash sales, and the live topics these facts touch.

use kernel::{CustomerId, Event, FlashSaleId, OrderId, SkuId, Topic};
use serde::{Deserialize, Serialize};

/// The live topic of a sale: its state and what is left.
pub fn stock_topic(sale: FlashSaleId) -> Topic {
    Topic::of("flash_sale.stock", sale)
}

/// The live topic of pieces that can be bought again, and of everything else that ends "sold out".
pub fn restock_topic(sale: FlashSaleId) -> Topic {
    Topic::of("flash_sale.restock", sale)
}

/// Staff or the clock changed a sale: its terms, its window or its state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SaleChanged {
    /// Which one.
    pub flash_sale: FlashSaleId,
}

impl Event for SaleChanged {
    const NAME: &'static str = "flash_sale.changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![stock_topic(self.flash_sale), restock_topic(self.flash_sale)]
    }
}

/// Pieces went to shoppers, who have to pay for them. Told once per batch; each order tells for itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bought {
    /// In which sale.
    pub flash_sale: FlashSaleId,
    /// How many orders.
    pub orders: i64,
    /// How many pieces, by SKU.
    pub taken: Vec<(SkuId, i64)>,
}

impl Event for Bought {
    const NAME: &'static str = "flash_sale.bought.v1";

    fn at_once(&self) -> Vec<Topic> {
        vec![stock_topic(self.flash_sale)]
    }
}

/// A purchase was paid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sold {
    /// In which sale.
    pub flash_sale: FlashSaleId,
    /// Of what.
    pub sku: SkuId,
    /// Who.
    pub customer: CustomerId,
    /// With which order.
    pub order: OrderId,
    /// How many.
    pub quantity: i64,
}

impl Event for Sold {
    const NAME: &'static str = "flash_sale.sold.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![stock_topic(self.flash_sale)]
    }
}

/// A purchase was not paid: its pieces can be bought again, or went back to the shelf when the sale is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakenBack {
    /// In which sale.
    pub flash_sale: FlashSaleId,
    /// Of what.
    pub sku: SkuId,
    /// Who gave them up.
    pub customer: CustomerId,
    /// With which order.
    pub order: OrderId,
    /// How many.
    pub quantity: i64,
}

impl Event for TakenBack {
    const NAME: &'static str = "flash_sale.taken_back.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![stock_topic(self.flash_sale), restock_topic(self.flash_sale)]
    }
}
