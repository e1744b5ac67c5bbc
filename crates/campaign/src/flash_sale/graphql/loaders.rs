//! What a list's rows need, loaded together: one statement per kind, however long the list.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Request, Result, dataloader::Loader};
use catalog::product::service::SkuInfo;
use kernel::{Fault, SkuId};
use platform::{
    Op,
    graphql::{Batch, ContextExt, hidden},
};

/// Loads what belongs to the sales of one request.
#[derive(Clone)]
pub struct FlashSaleLoader(Op);

impl Loader<SkuId> for FlashSaleLoader {
    type Value = SkuInfo;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[SkuId]) -> std::result::Result<HashMap<SkuId, SkuInfo>, Arc<Fault>> {
        catalog::product::service::skus(&self.0, keys).await.map_err(Arc::new)
    }
}

/// Adds the loader to a request.
pub fn loaders(op: &Op, request: Request) -> Request {
    request.data(Batch::new(FlashSaleLoader(op.clone())))
}

/// What the catalog knows of a SKU; nothing when it is gone.
pub(super) async fn sku(ctx: &Context<'_>, id: SkuId) -> Result<Option<SkuInfo>> {
    let op = ctx.op()?;
    ctx.data::<Batch<FlashSaleLoader>>()?.load_one(id).await.map_err(|fault| hidden(op, &fault))
}
