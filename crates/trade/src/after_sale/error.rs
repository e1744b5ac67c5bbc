//! Why an after-sale case is not opened or not moved.

use catalog::{inventory, media};
use kernel::{CursorError, Detail, Refusal, Timestamp};
use platform::KeyRefused;

use super::rules;
use crate::{order::rules::ShipRefused, refund};

/// Why an after-sale case is not opened or not moved.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is none, or it is somebody else's.
    #[error("there is no such case")]
    NotFound,
    /// There is no such order, or it is somebody else's.
    #[error("there is no such order")]
    OrderNotFound,
    /// No pieces, a line that is none, or one named twice.
    #[error("the pieces are not ones of this order")]
    Lines,
    /// More pieces than are neither back nor in another case.
    #[error("only {0} pieces are left")]
    Quantity(i64),
    /// More than the pieces are worth, nothing, or not to be said for this kind.
    #[error("the amount is more than the pieces are worth")]
    Amount(i64),
    /// The words are missing or too long.
    #[error("words are missing, or too many")]
    Words,
    /// The pictures are not the sender's, or too many.
    #[error("the pictures are not yours, or too many")]
    Evidence,
    /// What is wanted instead is another product, or not on sale.
    #[error("the replacement is another product, or not on sale")]
    Replacement,
    /// Too many pictures were announced.
    #[error("too many pictures; not before {0:?}")]
    TooOften(Timestamp),
    /// The picture is not one.
    #[error(transparent)]
    Media(#[from] media::rules::Refused),
    /// The refund did not fail.
    #[error("its refund did not fail")]
    RefundNotFailed,
    /// The rules say no.
    #[error(transparent)]
    Rules(#[from] rules::Refused),
    /// The money does not go back.
    #[error(transparent)]
    Refund(#[from] refund::Refused),
    /// There is no replacement.
    #[error(transparent)]
    Stock(#[from] inventory::Refused),
    /// The parcel is not one.
    #[error(transparent)]
    Ship(#[from] ShipRefused),
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
            Self::Rules(inner) => inner,
            Self::Refund(inner) => inner,
            Self::Stock(inner) => inner,
            Self::Ship(inner) => inner,
            Self::Media(inner) => inner,
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
            Self::Lines => "AFTER_SALE_LINES_INVALID",
            Self::Quantity(_) => "AFTER_SALE_QUANTITY_TOO_LARGE",
            Self::Amount(_) => "AFTER_SALE_AMOUNT_INVALID",
            Self::Words => "AFTER_SALE_WORDS_INVALID",
            Self::Evidence => "AFTER_SALE_EVIDENCE_INVALID",
            Self::Replacement => "AFTER_SALE_REPLACEMENT_INVALID",
            Self::TooOften(_) => "AFTER_SALE_UPLOADS_TOO_OFTEN",
            Self::RefundNotFailed => "AFTER_SALE_REFUND_NOT_FAILED",
            other => other.inner().map_or("INVALID_INPUT", Refusal::code),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::RefundNotFailed => Some("id"),
            Self::OrderNotFound => Some("orderId"),
            Self::Lines => Some("lines"),
            Self::Quantity(_) => Some("lines.quantity"),
            Self::Amount(_) => Some("amount"),
            Self::Words => Some("note"),
            Self::Evidence => Some("mediaIds"),
            Self::Replacement => Some("lines.replacementSkuId"),
            other => other.inner().and_then(Refusal::field),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Quantity(left) | Self::Amount(left) => Detail::Available(*left),
            Self::TooOften(until) => Detail::Until(*until),
            other => other.inner().map_or(Detail::None, Refusal::detail),
        }
    }
}
