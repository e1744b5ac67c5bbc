//! Why money does not go back.

use kernel::{Detail, Refusal};
use platform::KeyRefused;

use super::rules::PartsRefused;
use crate::order::rules::MoveRefused;

/// Why money does not go back.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such order.
    #[error("there is no such order")]
    NotFound,
    /// The order is not in a state to be refunded.
    #[error(transparent)]
    Order(#[from] MoveRefused),
    /// Zero, less, another currency, or both an amount and lines.
    #[error("the amount is not one to refund")]
    Amount,
    /// More than is left.
    #[error("only {0} minor units can still be refunded")]
    TooMuch(i64),
    /// It cannot be given back like this.
    #[error(transparent)]
    Parts(#[from] PartsRefused),
    /// Why, in words, is missing or too long.
    #[error("the reason is missing or too long")]
    Reason,
    /// The idempotency key is not usable.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::Order(moved) => moved.code(),
            Self::Amount => "REFUND_AMOUNT_INVALID",
            Self::TooMuch(_) => "REFUND_TOO_MUCH",
            Self::Parts(parts) => parts.code(),
            Self::Reason => "REFUND_REASON_INVALID",
            Self::Key(key) => key.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Order(_) => Some("orderId"),
            Self::Amount | Self::TooMuch(_) => Some("amount"),
            Self::Parts(parts) => parts.field(),
            Self::Reason => Some("reason"),
            Self::Key(key) => key.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooMuch(left) => Detail::Available(*left),
            Self::Parts(parts) => parts.detail(),
            _ => Detail::None,
        }
    }
}
