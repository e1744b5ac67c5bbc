//! The answer to the catalog's question what SKUs cost: what the cart charges, and which play sells them beside it.

use std::collections::HashMap;

use async_trait::async_trait;
use catalog::prices::{Activity, Offers, SkuOffer};
use kernel::{Fault, Locale, LocalizedText, SkuId};
use platform::Op;

use crate::exclusive;

/// Prices of the promotions, and the plays of this context.
#[derive(Clone, Copy, Debug, Default)]
pub struct CurrentOffers;

#[async_trait]
impl Offers for CurrentOffers {
    async fn offers(&self, op: &Op, skus: &[SkuId]) -> Result<HashMap<SkuId, SkuOffer>, Fault> {
        let mut offers = promotion::offers::current(op, skus).await?;
        for claim in exclusive::service::running(op, skus).await? {
            if let Some(offer) = offers.get_mut(&claim.sku_id) {
                let title = LocalizedText(Locale::ALL.map(|locale| (locale, claim.title.clone())).into());
                offer.play = Some(Activity { kind: claim.play_kind, id: claim.play_id, title });
                offer.ends_at = Some(offer.ends_at.map_or(claim.ends_at, |ends_at| ends_at.min(claim.ends_at)));
            }
        }
        Ok(offers)
    }
}
