//! Why staff may not change the stock.

use kernel::{Detail, Refusal};
use platform::KeyRefused;

/// Why staff may not change the stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdjustRefused {
    /// The key is malformed or was used for something else.
    #[error(transparent)]
    Key(#[from] KeyRefused),
    /// There is no such SKU.
    #[error("there is no such SKU")]
    NoSku,
    /// A change of nothing.
    #[error("the change is nothing")]
    Delta,
    /// Less would lie there than is promised to orders, or more than a shelf holds.
    #[error("at most {available} can be taken away: the rest is promised to orders")]
    OutOfBounds {
        /// So many are not promised.
        available: i64,
    },
    /// No reason is given, or a long one.
    #[error("a reason of 1 to 200 characters is needed")]
    Reason,
}

impl Refusal for AdjustRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Key(key) => key.code(),
            Self::NoSku => "INVENTORY_NO_SUCH_SKU",
            Self::Delta => "INVENTORY_DELTA_INVALID",
            Self::OutOfBounds { .. } => "INVENTORY_OUT_OF_BOUNDS",
            Self::Reason => "INVENTORY_REASON_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Key(key) => key.field(),
            Self::NoSku => Some("skuId"),
            Self::Delta | Self::OutOfBounds { .. } => Some("delta"),
            Self::Reason => Some("reason"),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::OutOfBounds { available } => Detail::Available(*available),
            Self::Reason => Detail::Limit(200),
            _ => Detail::None,
        }
    }
}
