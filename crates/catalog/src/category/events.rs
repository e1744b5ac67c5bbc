//! What others may rely on about shelves.

use kernel::{CategoryId, Event};
use serde::{Deserialize, Serialize};

/// A shelf has another name: products on it are found by other words.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CategoryRenamed {
    /// Which one.
    pub category: CategoryId,
}

impl Event for CategoryRenamed {
    const NAME: &'static str = "catalog.category_renamed.v1";
}
