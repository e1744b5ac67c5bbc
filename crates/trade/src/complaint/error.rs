//! Why a complaint is not filed or not moved.

use kernel::{CursorError, Detail, Refusal};
use platform::KeyRefused;

use super::rules::MoveRefused;
use crate::{after_sale, order, refund};

/// Why a complaint is not filed or not moved.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is none, or it is somebody else's.
    #[error("there is no such complaint")]
    NotFound,
    /// There is no such order, or it is somebody else's.
    #[error("there is no such order")]
    OrderNotFound,
    /// There is one about this order already.
    #[error("a complaint about this order is open")]
    Open,
    /// The words are missing or too long.
    #[error("words are missing, or too many")]
    Words,
    /// The pictures are not the sender's, or too many.
    #[error("the pictures are not yours, or too many")]
    Evidence,
    /// A complaint that is dismissed compensates nobody.
    #[error("only who is right is compensated")]
    Compensation,
    /// It does not go there from where it is.
    #[error(transparent)]
    Move(#[from] MoveRefused),
    /// The order is not in a state for it.
    #[error(transparent)]
    Order(#[from] order::rules::MoveRefused),
    /// Its case does not go on.
    #[error(transparent)]
    Case(#[from] after_sale::Refused),
    /// The compensation cannot be paid.
    #[error(transparent)]
    Refund(#[from] refund::Refused),
    /// The idempotency key is not usable.
    #[error(transparent)]
    Key(#[from] KeyRefused),
    /// The page cursor is not one.
    #[error(transparent)]
    Cursor(#[from] CursorError),
}

impl Refused {
    fn inner(&self) -> Option<&dyn Refusal> {
        Some(match self {
            Self::Move(inner) => inner,
            Self::Order(inner) => inner,
            Self::Case(inner) => inner,
            Self::Refund(inner) => inner,
            Self::Key(inner) => inner,
            Self::Cursor(inner) => inner,
            _ => return None,
        })
    }
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound | Self::OrderNotFound => "NOT_FOUND",
            Self::Open => "COMPLAINT_OPEN",
            Self::Words => "COMPLAINT_WORDS_INVALID",
            Self::Evidence => "AFTER_SALE_EVIDENCE_INVALID",
            Self::Compensation => "COMPLAINT_COMPENSATION_INVALID",
            other => other.inner().map_or("INVALID_INPUT", Refusal::code),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("id"),
            Self::OrderNotFound | Self::Open | Self::Order(_) => Some("orderId"),
            Self::Words => Some("note"),
            Self::Evidence => Some("mediaIds"),
            Self::Compensation => Some("compensation"),
            other => other.inner().and_then(Refusal::field),
        }
    }

    fn detail(&self) -> Detail {
        self.inner().map_or(Detail::None, Refusal::detail)
    }
}
