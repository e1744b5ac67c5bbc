//! Children of lists, fetched for all rows at once.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::{Context, Request, dataloader::Loader};
use kernel::{CategoryId, Fault, MediaId, ProductId, SkuId};
use platform::{
    Op,
    graphql::{Batch, ContextExt, hidden},
};

use crate::{
    category::service::{self as categories, Category},
    inventory::service::{self as inventory, Shelf},
    media::service::{self as media, Media},
    prices::service::{self as prices, Shown},
    product::{
        query as products,
        service::{Product, Sku},
    },
    returns::{ReturnException, service as returns},
};

/// Fetches by keys, in batches.
pub struct CatalogLoader(Op);

/// Gives a request the loaders of the catalog.
pub fn loader(op: &Op, request: Request) -> Request {
    request.data(Batch::new(CatalogLoader(op.clone())))
}

/// Fetches one key together with all others that are asked for at the same time.
pub async fn load<K>(ctx: &Context<'_>, key: K) -> async_graphql::Result<Option<<CatalogLoader as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    CatalogLoader: Loader<K, Error = Arc<Fault>>,
{
    let loaded = ctx.data::<Batch<CatalogLoader>>()?.load_one(key).await;
    loaded.map_err(|fault| ctx.op().map_or_else(|error| error, |op| hidden(op, &fault)))
}

/// Fetches many keys; those that are not found are left out, the order stays.
pub async fn load_all<K>(ctx: &Context<'_>, keys: Vec<K>) -> async_graphql::Result<Vec<<CatalogLoader as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    CatalogLoader: Loader<K, Error = Arc<Fault>>,
{
    let loaded = ctx.data::<Batch<CatalogLoader>>()?.load_many(keys.iter().cloned()).await;
    let mut loaded = loaded.map_err(|fault| ctx.op().map_or_else(|error| error, |op| hidden(op, &fault)))?;
    Ok(keys.iter().filter_map(|key| loaded.remove(key)).collect())
}

/// The SKUs a product offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SkusOf(pub ProductId);

/// The SKUs of a product, retired ones too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AllSkusOf(pub ProductId);

/// The shelves a product stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CategoriesOf(pub ProductId);

/// The shelves on a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildrenOf(pub CategoryId);

/// What lies on the shelf of a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShelfOf(pub SkuId);

/// Why a SKU cannot be given back without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReturnExceptionOf(pub SkuId);

/// What a SKU costs whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OfferOf(pub SkuId);

/// `loaders! { Key => Value: |op, keys| fetch }`.
macro_rules! loaders { ($($key:ty => $value:ty: |$op:ident, $keys:ident| $fetch:expr;)*) => {$(
    impl Loader<$key> for CatalogLoader {
        type Value = $value;
        type Error = Arc<Fault>;
        async fn load(&self, $keys: &[$key]) -> Result<HashMap<$key, $value>, Arc<Fault>> {
            let $op = &self.0;
            $fetch.await.map_err(Arc::new)
        }
    }
)*}; }

loaders! {
    ProductId => Product: |op, keys| products::by_ids(op, keys);
    SkuId => Sku: |op, keys| products::skus_by_ids(op, keys);
    SkusOf => Vec<Sku>: |op, keys| async {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut skus = products::skus_of(op, &ids).await?;
        skus.values_mut().for_each(|skus| skus.retain(|sku| sku.status == entity::catalog::sku::SkuStatus::Active));
        Ok(skus.into_iter().map(|(id, skus)| (SkusOf(id), skus)).collect())
    };
    AllSkusOf => Vec<Sku>: |op, keys| async {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(products::skus_of(op, &ids).await?.into_iter().map(|(id, skus)| (AllSkusOf(id), skus)).collect())
    };
    CategoriesOf => Vec<Category>: |op, keys| async {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(products::shelves_of(op, &ids).await?.into_iter().map(|(id, shelves)| (CategoriesOf(id), shelves)).collect())
    };
    CategoryId => Category: |op, keys| categories::by_ids(op.reader(), keys);
    ChildrenOf => Vec<Category>: |op, keys| async {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(categories::children_of(op, &ids).await?.into_iter().map(|(id, children)| (ChildrenOf(id), children)).collect())
    };
    MediaId => Media: |op, keys| media::by_ids(op, keys);
    ShelfOf => Shelf: |op, keys| async {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(inventory::shelves(op, &ids).await?.into_iter().map(|(id, shelf)| (ShelfOf(id), shelf)).collect())
    };
    ReturnExceptionOf => ReturnException: |op, keys| async {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(returns::exceptions(op, &ids).await?.into_iter().map(|(id, exception)| (ReturnExceptionOf(id), exception)).collect())
    };
    OfferOf => Shown: |op, keys| async {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(prices::shown(op, &ids).await?.into_iter().map(|(id, shown)| (OfferOf(id), shown)).collect())
    };
}
