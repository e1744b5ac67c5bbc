//! Why a product is not made.

use kernel::{Detail, Refusal};
use platform::KeyRefused;

use super::rules::Refused;

/// Why a product is not made once per key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefused {
    /// The key is malformed or was used for something else.
    #[error(transparent)]
    Key(#[from] KeyRefused),
    /// The product is not sound.
    #[error(transparent)]
    Product(#[from] Refused),
}

impl CreateRefused {
    fn inner(&self) -> &dyn Refusal {
        match self {
            Self::Key(key) => key,
            Self::Product(product) => product,
        }
    }
}

impl Refusal for CreateRefused {
    fn code(&self) -> &'static str {
        self.inner().code()
    }

    fn field(&self) -> Option<&'static str> {
        self.inner().field()
    }

    fn detail(&self) -> Detail {
        self.inner().detail()
    }
}
