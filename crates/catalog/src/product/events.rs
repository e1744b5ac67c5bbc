//! What others may rely on about products.

use kernel::{Event, ProductId, Topic};
use serde::{Deserialize, Serialize};

/// The live topic of a product.
pub fn topic(product: ProductId) -> Topic {
    Topic::of("catalog.product", product)
}

/// A product was made or changed: texts, prices, pictures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProductSaved {
    /// Which one.
    pub product: ProductId,
}

impl Event for ProductSaved {
    const NAME: &'static str = "catalog.product_saved.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.product)]
    }
}

/// A product was put on sale.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProductPublished {
    /// Which one.
    pub product: ProductId,
}

impl Event for ProductPublished {
    const NAME: &'static str = "catalog.product_published.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.product)]
    }
}

/// A product was taken down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProductUnpublished {
    /// Which one.
    pub product: ProductId,
}

impl Event for ProductUnpublished {
    const NAME: &'static str = "catalog.product_unpublished.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.product)]
    }
}
