//! What shoppers watch.

use async_graphql::{Context, Result, Subscription};
use futures_util::{Stream, StreamExt};
use kernel::SkuId;
use platform::graphql::{ContextExt, live};

use super::types::SkuStockChange;
use crate::inventory::service;

/// What shoppers watch of the stock.
#[derive(Default)]
pub struct InventoryShopSubscription;

#[Subscription]
impl InventoryShopSubscription {
    /// What can be bought of a SKU: the state now, then every change.
    async fn sku_stock_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The SKU.")] sku_id: SkuId,
        #[graphql(desc = "The cursor of the last state that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<SkuStockChange>> + use<>> {
        let frames = live(ctx, service::watch(ctx.op()?, sku_id, after).await)?;
        Ok(frames.map(move |frame| frame.map(|frame| SkuStockChange::of(sku_id, &frame))))
    }
}
