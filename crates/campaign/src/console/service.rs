//! What a play that has no stock of its own comes to.

use std::collections::HashMap;

use kernel::{Fault, Money, SkuId};
use platform::Op;

use super::preview::{self, Offer, PreviewLine};

/// What a play does that may sell all that lies on the shelf, SKU by SKU: what one unit brings, and what it costs the
/// merchant where that was said. What is not sold any more is not in the answer.
pub async fn from_shelf(op: &Op, brings: &[(SkuId, Money)], costs: &HashMap<SkuId, Money>) -> Result<Vec<PreviewLine>, Fault> {
    let skus: Vec<SkuId> = brings.iter().map(|(sku, _)| *sku).collect();
    let known = catalog::product::service::skus(op, &skus).await?;
    let available = catalog::inventory::service::available(op, &skus).await?;
    let line = |&(sku, price): &(SkuId, Money)| {
        let (regular, cost) = (known.get(&sku)?.price, costs.get(&sku).copied());
        Some(preview::line(Offer { sku, regular, price, cost, units: Some(available.get(&sku).copied().unwrap_or_default()) }))
    };
    Ok(brings.iter().filter_map(line).collect::<Result<_, _>>()?)
}
