//! What a page of coupons needs of other rows, fetched for all of them at once.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Request, Result, dataloader::Loader};
use kernel::{CouponTemplateId, Fault};
use platform::{
    Op,
    graphql::{Batch, ContextExt, hidden},
};

use crate::coupon::{query, rules::State};

/// Fetches by keys, in batches.
pub struct CouponLoader(Op);

/// Gives a request the loaders of coupons.
pub(crate) fn loader(op: &Op, request: Request) -> Request {
    request.data(Batch::new(CouponLoader(op.clone())))
}

impl Loader<CouponTemplateId> for CouponLoader {
    type Value = Vec<(State, i64)>;
    type Error = Arc<Fault>;

    async fn load(&self, ids: &[CouponTemplateId]) -> Result<HashMap<CouponTemplateId, Self::Value>, Arc<Fault>> {
        query::counts(&self.0, ids).await.map_err(Arc::new)
    }
}

/// Where the coupons of a kind stand, and how many there.
pub(super) async fn counts(ctx: &Context<'_>, id: CouponTemplateId) -> Result<Vec<(State, i64)>> {
    let loaded = ctx.data::<Batch<CouponLoader>>()?.load_one(id).await;
    let loaded = loaded.map_err(|fault| ctx.op().map_or_else(|error| error, |op| hidden(op, &fault)))?;
    Ok(loaded.unwrap_or_default())
}
