//! What a list's rows need, loaded together: one statement per kind, however long the list.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Request, Result, dataloader::Loader};
use catalog::product::service::SkuInfo;
use entity::campaign::group_buy_seat as seat;
use kernel::{Fault, GroupBuyId, SkuId, TeamId};
use platform::{
    Op,
    graphql::{Batch, ContextExt, hidden},
};

use crate::group_buy::{
    query::{self, Counters},
    store::Campaign,
};

/// Loads what belongs to the campaigns and teams of one request.
#[derive(Clone)]
pub struct GroupBuyLoader(Op);

/// How many teams of a campaign can be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct OpenTeamsOf(GroupBuyId);

/// The counters of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct CountersOf(GroupBuyId);

/// The seats of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct SeatsOf(TeamId);

/// Declares how the values of one kind of key are loaded.
macro_rules! loads { ($($key:ty => $value:ty: |$op:ident, $keys:ident| $load:expr;)*) => {$(
    impl Loader<$key> for GroupBuyLoader {
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
    GroupBuyId => Campaign: |op, keys| query::campaigns_by_id(op, keys);
    OpenTeamsOf => i64: |op, keys| async {
        let ids: Vec<GroupBuyId> = keys.iter().map(|key| key.0).collect();
        Ok(query::open_team_counts(op, &ids).await?.into_iter().map(|(id, teams)| (OpenTeamsOf(id), teams)).collect())
    };
    CountersOf => Counters: |op, keys| async {
        let ids: Vec<GroupBuyId> = keys.iter().map(|key| key.0).collect();
        Ok(query::counters(op, &ids).await?.into_iter().map(|(id, counters)| (CountersOf(id), counters)).collect())
    };
    SeatsOf => Vec<seat::Model>: |op, keys| async {
        let ids: Vec<TeamId> = keys.iter().map(|key| key.0).collect();
        Ok(query::seats(op, &ids).await?.into_iter().map(|(id, seats)| (SeatsOf(id), seats)).collect())
    };
}

/// Adds the loader to a request.
pub fn loaders(op: &Op, request: Request) -> Request {
    request.data(Batch::new(GroupBuyLoader(op.clone())))
}

async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<GroupBuyLoader as Loader<K>>::Value>>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    GroupBuyLoader: Loader<K, Error = Arc<Fault>>,
{
    let op = ctx.op()?;
    ctx.data::<Batch<GroupBuyLoader>>()?.load_one(key).await.map_err(|fault| hidden(op, &fault))
}

/// What the catalog knows of these SKUs; unknown ones are not in the answer.
pub(super) async fn skus(ctx: &Context<'_>, ids: impl IntoIterator<Item = SkuId>) -> Result<HashMap<SkuId, SkuInfo>> {
    let op = ctx.op()?;
    ctx.data::<Batch<GroupBuyLoader>>()?.load_many(ids).await.map_err(|fault| hidden(op, &fault))
}

/// A campaign and its prices.
pub(super) async fn campaign(ctx: &Context<'_>, id: GroupBuyId) -> Result<Campaign> {
    let found = load(ctx, id).await?;
    found.map_or_else(|| Err(hidden(ctx.op()?, &Fault::corrupt(format!("campaign {id} is gone")))), Ok)
}

/// How many teams of a campaign can be joined now.
pub(super) async fn open_teams(ctx: &Context<'_>, id: GroupBuyId) -> Result<i64> {
    Ok(load(ctx, OpenTeamsOf(id)).await?.unwrap_or_default())
}

/// How a campaign's teams stand.
pub(super) async fn counters(ctx: &Context<'_>, id: GroupBuyId) -> Result<Counters> {
    Ok(load(ctx, CountersOf(id)).await?.unwrap_or_default())
}

/// The seats of a team that count or counted.
pub(super) async fn seats(ctx: &Context<'_>, team: TeamId) -> Result<Vec<seat::Model>> {
    Ok(load(ctx, SeatsOf(team)).await?.unwrap_or_default())
}
