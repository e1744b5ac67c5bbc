//! Children of lists, fetched for all rows by one statement.
//!
//! A resolver that wants a key joins the batch that is open, steps back once, and only then the batch is fetched: every
//! row of the list has been asked by then, however long the list is. There is no timer and no task of its own, so nothing
//! waits, and a request that is dropped drops its fetches.
//!
//! (`async_graphql`'s own `DataLoader` spawns the fetch. With a delay it costs a millisecond per level; without one it
//! splits the batches of lists of more than thirty rows, because those are polled a few rows at a time.)

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::dataloader::Loader;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

/// Fetches keys of a request in batches.
pub struct Batch<L> {
    loader: Arc<L>,
    open: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
}

type Found<K, L> = Result<Arc<HashMap<K, <L as Loader<K>>::Value>>, <L as Loader<K>>::Error>;

/// A batch: what is wanted until it is fetched, and the fetch all who joined wait for.
struct Open<K: Send + Sync + Hash + Eq + Clone + 'static, L: Loader<K>> {
    wanted: Arc<Mutex<Option<HashSet<K>>>>,
    fetch: Shared<BoxFuture<'static, Found<K, L>>>,
}

impl<L: Send + Sync + 'static> Batch<L> {
    /// Batches what is asked of `loader`.
    pub fn new(loader: L) -> Self {
        Self { loader: Arc::new(loader), open: Mutex::default() }
    }

    /// One value, fetched with all others that are wanted at the same time.
    pub async fn load_one<K>(&self, key: K) -> Result<Option<L::Value>, L::Error>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        L: Loader<K, Error: Sync>,
    {
        let fetch = self.join([key.clone()]);
        step_back().await;
        Ok(fetch.await?.get(&key).cloned())
    }

    /// Many values, fetched with all others that are wanted at the same time.
    pub async fn load_many<K>(&self, keys: impl IntoIterator<Item = K>) -> Result<HashMap<K, L::Value>, L::Error>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        L: Loader<K, Error: Sync>,
    {
        let keys: HashSet<K> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let fetch = self.join(keys.iter().cloned());
        step_back().await;
        let found = fetch.await?;
        Ok(keys.into_iter().filter_map(|key| found.get(&key).cloned().map(|value| (key, value))).collect())
    }

    fn join<K>(&self, keys: impl IntoIterator<Item = K>) -> Shared<BoxFuture<'static, Found<K, L>>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        L: Loader<K, Error: Sync>,
    {
        let mut batches = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = batches.get(&TypeId::of::<K>()).and_then(|batch| batch.downcast_ref::<Open<K, L>>())
            && let Some(wanted) = batch.wanted.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            wanted.extend(keys);
            return batch.fetch.clone();
        }
        let wanted = Arc::new(Mutex::new(Some(keys.into_iter().collect::<HashSet<K>>())));
        let (loader, closing) = (Arc::clone(&self.loader), Arc::clone(&wanted));
        let fetch = async move {
            let keys = closing.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
            loader.load(&keys.into_iter().collect::<Vec<K>>()).await.map(Arc::new)
        };
        let fetch = fetch.boxed().shared();
        batches.insert(TypeId::of::<K>(), Box::new(Open::<K, L> { wanted, fetch: fetch.clone() }));
        fetch
    }
}

/// Waits until this request has nothing else to do. Waking oneself is not enough: `FuturesUnordered`, which resolves the
/// fields of an object, would poll the same field again before its neighbours; the runtime's yield wakes behind them all.
async fn step_back() {
    tokio::task::yield_now().await;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{
        StreamExt,
        future::{join_all, try_join_all},
        stream::FuturesUnordered,
    };

    use super::*;

    /// Doubles numbers, counts how often it is asked, and knows nothing above a thousand.
    struct Doubling(Arc<AtomicUsize>);

    impl Loader<u64> for Doubling {
        type Value = u64;
        type Error = &'static str;
        async fn load(&self, keys: &[u64]) -> Result<HashMap<u64, u64>, &'static str> {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            if keys.contains(&7_777) {
                return Err("broken");
            }
            Ok(keys.iter().filter(|key| **key <= 1_000).map(|key| (*key, key * 2)).collect())
        }
    }

    #[tokio::test]
    async fn a_level_of_a_list_is_one_fetch_however_long_it_is() {
        for rows in [1, 2, 30, 31, 100, 400_u64] {
            let count = Arc::new(AtomicUsize::new(0));
            let batch = Batch::new(Doubling(Arc::clone(&count)));
            let nested = (0..rows).map(|row| {
                let batch = &batch;
                async move {
                    let once = batch.load_one(row).await?.unwrap_or_default();
                    // As the fields of an object are resolved.
                    let fields: FuturesUnordered<_> = [once, once + 1].into_iter().map(|key| batch.load_one(key)).collect();
                    let twice: Vec<_> = fields.collect().await;
                    Ok::<_, &str>(twice.into_iter().flatten().flatten().sum::<u64>())
                }
            });
            let sums = try_join_all(nested).await.expect("loads");
            assert_eq!(sums[0], 2);
            assert_eq!(count.load(Ordering::SeqCst), 2, "{rows} rows of two levels");
        }
    }

    #[tokio::test]
    async fn unknown_keys_are_absent_and_a_fault_reaches_everybody() {
        let batch = Batch::new(Doubling(Arc::default()));
        assert_eq!(batch.load_one(2_000).await, Ok(None));
        assert_eq!(batch.load_many([1, 2_000, 1]).await, Ok(HashMap::from([(1, 2)])));
        assert_eq!(batch.load_many([]).await, Ok(HashMap::new()));
        let both = join_all([batch.load_one(1), batch.load_one(7_777)]).await;
        assert_eq!(both, [Err("broken"), Err("broken")]);
        assert_eq!(batch.load_one(1).await, Ok(Some(2)), "the next batch is another");
    }
}
