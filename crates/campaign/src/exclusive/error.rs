//! Why a play does not get its SKUs.

use kernel::{Detail, Refusal, SkuId};

/// Another play sells one of the SKUs in an overlapping window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{mine}” and “{theirs}” cannot sell {sku} at the same time")]
pub struct Conflict {
    /// The play that asked.
    pub mine: String,
    /// The play that holds the SKU.
    pub theirs: String,
    /// Which SKU.
    pub sku: SkuId,
}

impl Refusal for Conflict {
    fn code(&self) -> &'static str {
        "PLAY_CONFLICT"
    }

    fn field(&self) -> Option<&'static str> {
        Some("skus")
    }

    fn detail(&self) -> Detail {
        Detail::Between { mine: self.mine.clone(), theirs: self.theirs.clone() }
    }
}
