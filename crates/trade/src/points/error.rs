//! Why points do not move.

use kernel::{Detail, Refusal};
use platform::KeyRefused;

/// Why points do not move.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There are not so many to spend.
    #[error("there are only {0} points to spend")]
    NotEnough(i64),
    /// Not a number of points.
    #[error("this is not a number of points")]
    Amount,
    /// There is no such customer.
    #[error("there is no such customer")]
    NoCustomer,
    /// Staff gave no reason.
    #[error("a reason is missing")]
    Reason,
    /// The idempotency key is not usable.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotEnough(_) => "POINTS_NOT_ENOUGH",
            Self::Amount => "POINTS_AMOUNT_INVALID",
            Self::NoCustomer => "NOT_FOUND",
            Self::Reason => "POINTS_REASON_INVALID",
            Self::Key(key) => key.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotEnough(_) | Self::Amount => Some("points"),
            Self::NoCustomer => Some("customerId"),
            Self::Reason => Some("reason"),
            Self::Key(key) => key.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::NotEnough(available) => Detail::Available(*available),
            _ => Detail::None,
        }
    }
}
