//! What staff see and change of the stock.

use async_graphql::{Context, InputObject, Object, Result};
use kernel::{Permission, SkuId};
use platform::graphql::{Access, ContextExt, Long, answer, page_request, payload};

use super::types::{SkuStock, StockMovementConnection};
use crate::inventory::service::{self, AdjustStock};

/// What staff see of the stock.
#[derive(Default)]
pub struct InventoryAdminQuery;

#[Object]
impl InventoryAdminQuery {
    /// The journal of a SKU, the latest line first.
    #[graphql(guard = "Access::Staff(Permission::CatalogRead)")]
    async fn sku_stock_movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The SKU.")] sku_id: SkuId,
        #[graphql(desc = "How many lines, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the line to go on behind.")] after: Option<String>,
    ) -> Result<StockMovementConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::movements(ctx.op()?, sku_id, page).await)?.map(Into::into).into())
    }
}

/// A change of what lies on the shelf.
#[derive(InputObject)]
pub struct SkuStockAdjustInput {
    /// The SKU.
    pub sku_id: SkuId,
    /// So many more, or fewer when negative.
    pub delta: Long,
    /// Why: a delivery, a count, breakage.
    pub reason: String,
    /// Equal keys have one effect, for a day.
    pub idempotency_key: String,
}

platform::payload! {
    /// What lies there after the change.
    pub struct SkuStockAdjustPayload {
        /// What lies there after the change.
        stock: SkuStock,
    }
}

/// What staff change of the stock.
#[derive(Default)]
pub struct InventoryAdminMutation;

#[Object]
impl InventoryAdminMutation {
    /// Changes what lies on the shelf of a SKU. What is promised to orders cannot be taken away.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn sku_stock_adjust(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: SkuStockAdjustInput,
    ) -> Result<SkuStockAdjustPayload> {
        let SkuStockAdjustInput { sku_id, delta, reason, idempotency_key } = input;
        let change = AdjustStock { sku: sku_id, delta: delta.0, reason, key: idempotency_key };
        let adjusted = service::adjust(ctx.op()?, change).await;
        payload(ctx, adjusted, |shelf| SkuStockAdjustPayload { stock: Some(shelf.into()), ..Default::default() })
    }
}
