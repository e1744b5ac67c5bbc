//! What a list's rows need, loaded together: one statement per kind, however long the list.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Request, Result, dataloader::Loader};
use catalog::product::service::SkuInfo;
use entity::campaign::{bargain_cut as cut_table, bargain_record as record};
use kernel::{BargainId, BargainRecordId, Fault, SkuId};
use platform::{
    Op,
    graphql::{Batch, ContextExt, hidden},
};

use crate::bargain::{
    query::{self, Counters, LATEST},
    store::Campaign,
};

/// Loads what belongs to the campaigns and records of one request.
#[derive(Clone)]
pub struct BargainLoader(Op);

/// The counters of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct CountersOf(BargainId);

/// The cuts of a record behind a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct CutsBehind(BargainRecordId, i64);

/// The asker's own cut of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct MyCutOf(BargainRecordId);

/// Declares how the values of one kind of key are loaded.
macro_rules! loads { ($($key:ty => $value:ty: |$op:ident, $keys:ident| $load:expr;)*) => {$(
    impl Loader<$key> for BargainLoader {
        type Value = $value;
        type Error = Arc<Fault>;

        async fn load(&self, $keys: &[$key]) -> std::result::Result<HashMap<$key, $value>, Arc<Fault>> {
            let $op = &self.0;
            $load.await.map_err(Arc::new)
        }
    }
)*}; }

loads! {
    SkuId => SkuInfo: |op, keys| catalog::product::service::skus(op, keys);
    BargainId => Campaign: |op, keys| query::campaigns_by_id(op, keys);
    CountersOf => Counters: |op, keys| async {
        let ids: Vec<BargainId> = keys.iter().map(|key| key.0).collect();
        Ok(query::counters(op, &ids).await?.into_iter().map(|(id, counters)| (CountersOf(id), counters)).collect())
    };
    CutsBehind => Vec<cut_table::Model>: |op, keys| async {
        let of: Vec<(BargainRecordId, i64)> = keys.iter().map(|key| (key.0, key.1)).collect();
        let mut cuts = query::latest_cuts(op, &of).await?;
        Ok(keys.iter().map(|key| (*key, cuts.remove(&key.0).unwrap_or_default())).collect())
    };
    MyCutOf => cut_table::Model: |op, keys| async {
        let ids: Vec<BargainRecordId> = keys.iter().map(|key| key.0).collect();
        Ok(query::my_cuts(op, &ids).await?.into_iter().map(|(id, cut)| (MyCutOf(id), cut)).collect())
    };
}

/// Adds the loader to a request.
pub fn loaders(op: &Op, request: Request) -> Request {
    request.data(Batch::new(BargainLoader(op.clone())))
}

async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<BargainLoader as Loader<K>>::Value>>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    BargainLoader: Loader<K, Error = Arc<Fault>>,
{
    let op = ctx.op()?;
    ctx.data::<Batch<BargainLoader>>()?.load_one(key).await.map_err(|fault| hidden(op, &fault))
}

/// What the catalog knows of these SKUs; unknown ones are not in the answer.
pub(super) async fn skus(ctx: &Context<'_>, ids: impl IntoIterator<Item = SkuId>) -> Result<HashMap<SkuId, SkuInfo>> {
    let op = ctx.op()?;
    ctx.data::<Batch<BargainLoader>>()?.load_many(ids).await.map_err(|fault| hidden(op, &fault))
}

/// A campaign and its prices.
pub(super) async fn campaign(ctx: &Context<'_>, id: BargainId) -> Result<Campaign> {
    let found = load(ctx, id).await?;
    found.map_or_else(|| Err(hidden(ctx.op()?, &Fault::corrupt(format!("campaign {id} is gone")))), Ok)
}

/// How a campaign's records stand.
pub(super) async fn counters(ctx: &Context<'_>, id: BargainId) -> Result<Counters> {
    Ok(load(ctx, CountersOf(id)).await?.unwrap_or_default())
}

/// The latest cuts of a record, the newest first.
pub(super) async fn latest_cuts(ctx: &Context<'_>, of: &record::Model) -> Result<Vec<cut_table::Model>> {
    Ok(load(ctx, CutsBehind(of.id, of.cuts_made - LATEST)).await?.unwrap_or_default())
}

/// The asker's own cut of a record.
pub(super) async fn my_cut(ctx: &Context<'_>, id: BargainRecordId) -> Result<Option<cut_table::Model>> {
    load(ctx, MyCutOf(id)).await
}
