//! What a play that has no stock of its own comes to.

use std::collections::HashMap;

use kernel::{Fault, Money, SkuId};
use platform::Op;

use super::preview::{self, Offer, PreviewLine};

/// What a play does that may sell all that lies on the shelf, SKU by SKU: what one unit brings, and what it costs the
/// merchant where that was said. What is not sold any more is not in the answer.
pub async fn from_shelf(op: &Op, brings: &[(SkuId, Money)], costs: &HashMap<SkuId, Money>) -> Result<Vec<PreviewLine>, Fault> {
    let brings: Vec<Brings> = brings.iter().map(|&(sku, price)| Brings { sku, price, most: None }).collect();
    up_to(op, &brings, costs).await
}

/// What one unit of a SKU brings in a play that sells from the shelf.
#[derive(Clone, Copy, Debug)]
pub struct Brings {
    /// Which SKU.
    pub sku: SkuId,
    /// What one unit brings.
    pub price: Money,
    /// The most units it may sell; all that lie on the shelf when it is not said.
    pub most: Option<i64>,
}

/// The same for a play that may sell no more than so many of some of its SKUs.
pub async fn up_to(op: &Op, brings: &[Brings], costs: &HashMap<SkuId, Money>) -> Result<Vec<PreviewLine>, Fault> {
    let skus: Vec<SkuId> = brings.iter().map(|brings| brings.sku).collect();
    let known = catalog::product::service::skus(op, &skus).await?;
    let available = catalog::inventory::service::available(op, &skus).await?;
    let line = |&Brings { sku, price, most }: &Brings| {
        let (regular, cost) = (known.get(&sku)?.price, costs.get(&sku).copied());
        let there = available.get(&sku).copied().unwrap_or_default();
        let units = Some(most.map_or(there, |most| Ord::min(most, there)));
        Some(preview::line(Offer { sku, regular, price, cost, units }))
    };
    Ok(brings.iter().filter_map(line).collect::<Result<_, _>>()?)
}
