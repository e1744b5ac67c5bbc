//! Public faces, loaded together.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Request, Result, dataloader::Loader};
use kernel::{CustomerId, Fault};
use platform::{
    Op,
    graphql::{Batch, ContextExt, hidden},
};

use super::CustomerSummary;
use crate::customer::query;

/// Loads the public faces of all customers a request touches by one statement.
pub struct CustomerSummaryLoader(Op);

impl Loader<CustomerId> for CustomerSummaryLoader {
    type Value = CustomerSummary;
    type Error = Arc<Fault>;

    async fn load(&self, ids: &[CustomerId]) -> std::result::Result<HashMap<CustomerId, CustomerSummary>, Arc<Fault>> {
        let found = query::summaries(&self.0, ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, summary)| (id, summary.into())).collect())
    }
}

/// Adds the loader to a request.
pub fn loaders(op: &Op, request: Request) -> Request {
    request.data(Batch::new(CustomerSummaryLoader(op.clone())))
}

/// The public face of one customer, loaded together with those of its siblings. For resolvers of other contexts.
pub async fn summary(ctx: &Context<'_>, id: CustomerId) -> Result<Option<CustomerSummary>> {
    let loader = ctx.data::<Batch<CustomerSummaryLoader>>()?;
    let op = ctx.op()?;
    loader.load_one(id).await.map_err(|fault| hidden(op, &fault))
}
