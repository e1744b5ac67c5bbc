//! What a list's rows need, loaded together: one statement per kind, however long the list.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Request, Result, dataloader::Loader};
use entity::campaign::{presale as table, presale_reminder as reminder, presale_sku as sku};
use kernel::{Fault, PresaleId, PresaleReservationId};
use platform::{
    Op,
    graphql::{Batch, ContextExt, hidden},
};

use crate::presale::query;

/// Loads what belongs to the presales of one request.
#[derive(Clone)]
pub struct PresaleLoader(Op);

/// What a presale asks for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SkusOf(pub PresaleId);

/// What the customer of a reservation was reminded of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RemindersOf(pub PresaleReservationId);

impl Loader<PresaleId> for PresaleLoader {
    type Value = table::Model;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[PresaleId]) -> std::result::Result<HashMap<PresaleId, table::Model>, Arc<Fault>> {
        query::by_ids(&self.0, keys).await.map_err(Arc::new)
    }
}

impl Loader<SkusOf> for PresaleLoader {
    type Value = Vec<sku::Model>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[SkusOf]) -> std::result::Result<HashMap<SkusOf, Vec<sku::Model>>, Arc<Fault>> {
        let ids: Vec<PresaleId> = keys.iter().map(|key| key.0).collect();
        let found = query::skus(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, skus)| (SkusOf(id), skus)).collect())
    }
}

impl Loader<RemindersOf> for PresaleLoader {
    type Value = Vec<reminder::Model>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[RemindersOf]) -> std::result::Result<HashMap<RemindersOf, Vec<reminder::Model>>, Arc<Fault>> {
        let ids: Vec<PresaleReservationId> = keys.iter().map(|key| key.0).collect();
        let found = query::reminders(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, reminders)| (RemindersOf(id), reminders)).collect())
    }
}

/// Adds the loader to a request.
pub fn loaders(op: &Op, request: Request) -> Request {
    request.data(Batch::new(PresaleLoader(op.clone())))
}

/// Fetches one key together with all others that are asked for at the same time.
pub(super) async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<PresaleLoader as Loader<K>>::Value>>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    PresaleLoader: Loader<K, Error = Arc<Fault>>,
{
    let op = ctx.op()?;
    ctx.data::<Batch<PresaleLoader>>()?.load_one(key).await.map_err(|fault| hidden(op, &fault))
}
