//! Why money does not go back.

use kernel::{Detail, Refusal};
use platform::KeyRefused;

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
    /// Zero, less, or another currency.
    #[error("the amount is not one to refund")]
    Amount,
    /// More than is left.
    #[error("only {0} minor units can still be refunded")]
    TooMuch(i64),
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
            Self::Reason => "REFUND_REASON_INVALID",
            Self::Key(key) => key.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Order(_) => Some("orderId"),
            Self::Amount | Self::TooMuch(_) => Some("amount"),
            Self::Reason => Some("reason"),
            Self::Key(key) => key.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooMuch(left) => Detail::Available(*left),
            _ => Detail::None,
        }
    }
}
