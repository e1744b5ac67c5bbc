//! What a list's rows need, loaded together: one statement per kind, however long the list.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Request, Result, dataloader::Loader};
use entity::campaign::{crowdfunding as table, crowdfunding_stretch as stretch, crowdfunding_tier as tier, crowdfunding_update as news};
use kernel::{CrowdfundingId, Fault};
use platform::{
    Op,
    graphql::{Batch, ContextExt, hidden},
};

use crate::crowdfunding::query::{self, Poll};

/// Loads what belongs to the crowdfundings of one request.
#[derive(Clone)]
pub struct CrowdfundingLoader(Op);

/// Adds the loader to a request.
pub fn loaders(op: &Op, request: Request) -> Request {
    request.data(Batch::new(CrowdfundingLoader(op.clone())))
}

/// Declares what belongs to a crowdfunding, and how it is loaded.
macro_rules! loads { ($($(#[$doc:meta])* $key:ident => $value:ty: $load:path;)*) => {$(
    $(#[$doc])*
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub(super) struct $key(pub CrowdfundingId);

    impl Loader<$key> for CrowdfundingLoader {
        type Value = $value;
        type Error = Arc<Fault>;

        async fn load(&self, keys: &[$key]) -> std::result::Result<HashMap<$key, $value>, Arc<Fault>> {
            let ids: Vec<CrowdfundingId> = keys.iter().map(|key| key.0).collect();
            let found = $load(&self.0, &ids).await.map_err(Arc::new)?;
            Ok(found.into_iter().map(|(id, value)| ($key(id), value)).collect())
        }
    }
)*}; }

loads! {
    /// The crowdfunding itself.
    Itself => table::Model: query::by_ids;
    /// Its rewards.
    TiersOf => Vec<tier::Model>: query::tiers;
    /// What it promises beyond its goal.
    StretchesOf => Vec<stretch::Model>: query::stretches;
    /// Its news.
    NewsOf => Vec<news::Model>: query::news;
    /// Its questions.
    PollsOf => Vec<Poll>: query::polls;
}

/// Fetches one key together with all others that are asked for at the same time.
pub(super) async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<CrowdfundingLoader as Loader<K>>::Value>>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    CrowdfundingLoader: Loader<K, Error = Arc<Fault>>,
{
    let op = ctx.op()?;
    ctx.data::<Batch<CrowdfundingLoader>>()?.load_one(key).await.map_err(|fault| hidden(op, &fault))
}
