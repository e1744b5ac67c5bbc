//! How many connections a caller and an address hold.

use std::{hash::Hash, sync::Arc};

use dashmap::{DashMap, mapref::entry::Entry};

/// Counts what is held under each key and refuses more than the cap.
#[derive(Debug)]
pub struct Seats<K: Eq + Hash + Clone> {
    held: Arc<DashMap<K, usize>>,
    cap: usize,
}

/// A place held; dropping it frees it.
#[derive(Debug)]
pub struct Seat<K: Eq + Hash + Clone> {
    held: Arc<DashMap<K, usize>>,
    key: K,
}

impl<K: Eq + Hash + Clone> Seats<K> {
    /// At most `cap` per key.
    pub fn new(cap: usize) -> Self {
        Self { held: Arc::default(), cap }
    }

    /// Takes a place, if one is left.
    pub fn take(&self, key: K) -> Option<Seat<K>> {
        let mut count = self.held.entry(key.clone()).or_insert(0);
        if *count >= self.cap {
            return None;
        }
        *count += 1;
        Some(Seat { held: self.held.clone(), key })
    }
}

impl<K: Eq + Hash + Clone> Drop for Seat<K> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut entry) = self.held.entry(self.key.clone()) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_free_again_when_dropped() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take("ann"), seats.take("ann"));
        assert!(first.is_some() && second.is_some() && seats.take("ann").is_none() && seats.take("bob").is_some());
        drop(first);
        assert!(seats.take("ann").is_some());
        drop(second);
        assert!(seats.held.is_empty());
    }
}
