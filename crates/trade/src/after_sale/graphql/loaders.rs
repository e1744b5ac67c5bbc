//! The children of cases and complaints, one statement for a whole list.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::{Context, Request, Result, dataloader::Loader};
use kernel::{AfterSaleId, ComplaintId, Fault, OrderId};
use platform::{
    Op,
    graphql::{Batch, answer},
};

use crate::{
    after_sale::{
        Case, CaseLine,
        query::{self, Told},
    },
    complaint::query as complaints,
};

/// Loads the children of cases and complaints.
pub(crate) struct AfterSaleLoader(Op);

/// The pieces of a case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LinesOf(pub(super) AfterSaleId);

/// What happened to a case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ToldOf(pub(super) AfterSaleId);

/// The cases of an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CasesOf(pub(super) OrderId);

/// What was said about a complaint.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ComplaintToldOf(pub(crate) ComplaintId);

/// Declares how the values of one kind of key are loaded.
macro_rules! loads { ($($key:ident($id:ty) => $value:ty: $load:path;)*) => {$(
    impl Loader<$key> for AfterSaleLoader {
        type Value = $value;
        type Error = Arc<Fault>;

        async fn load(&self, keys: &[$key]) -> std::result::Result<HashMap<$key, $value>, Arc<Fault>> {
            let ids: Vec<$id> = keys.iter().map(|key| key.0).collect();
            let found = $load(&self.0, &ids).await.map_err(Arc::new)?;
            Ok(found.into_iter().map(|(id, value)| ($key(id), value)).collect())
        }
    }
)*}; }

loads! {
    LinesOf(AfterSaleId) => Vec<CaseLine>: query::lines;
    ToldOf(AfterSaleId) => Vec<Told>: query::timelines;
    CasesOf(OrderId) => Vec<Case>: query::of_orders;
    ComplaintToldOf(ComplaintId) => Vec<Told>: complaints::timelines;
}

/// Gives a request its loader.
pub(crate) fn loaders(op: &Op, request: Request) -> Request {
    request.data(Batch::new(AfterSaleLoader(op.clone())))
}

pub(crate) async fn load<K>(ctx: &Context<'_>, key: K) -> Result<<AfterSaleLoader as Loader<K>>::Value>
where
    K: Send + Sync + Eq + Hash + Clone + 'static,
    AfterSaleLoader: Loader<K, Error = Arc<Fault>>,
    <AfterSaleLoader as Loader<K>>::Value: Default,
{
    let found = ctx.data::<Batch<AfterSaleLoader>>()?.load_one(key).await;
    Ok(answer(ctx, found.map_err(|fault| Fault::internal(fault.to_string())))?.unwrap_or_default())
}
