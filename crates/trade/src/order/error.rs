//! Why an order is not placed or not moved.

use catalog::inventory;
use kernel::{CursorError, Detail, Money, QuoteId, Refusal};
use platform::KeyRefused;

use super::rules::{AddressRefused, CheckRefused, DeliveryRefused, MoveRefused, RepriceRefused, ShipRefused};
use crate::quote::QuoteRefused;

/// Why an order is not placed or not moved.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is none, or it is somebody else's.
    #[error("there is no such order")]
    NotFound,
    /// There is no such quote, or it is somebody else's.
    #[error("there is no such quote")]
    QuoteNotFound,
    /// Its promise is over.
    #[error("the quote has expired")]
    QuoteExpired,
    /// It belongs to a play, which places its orders itself.
    #[error("a play's quote is ordered through the play")]
    PlayElsewhere,
    /// Some of it cannot be given back without a reason, and the shopper did not confirm that.
    #[error("what cannot be given back has to be confirmed")]
    ReturnExceptions,
    /// All of its money is on its way back.
    #[error("the order is being refunded")]
    BeingRefunded,
    /// The reference is not one.
    #[error("a reference has 1 to 64 visible characters")]
    Reference,
    /// Another order has the reference.
    #[error("another order has this reference")]
    ReferenceTaken,
    /// An order was placed by it.
    #[error("the quote was used")]
    QuoteUsed,
    /// It costs something else than the shopper was shown.
    #[error("the price is another now")]
    PriceChanged {
        /// What the shopper was shown.
        expected: Money,
        /// What it costs now.
        actual: Money,
        /// Promises `actual`.
        quote: QuoteId,
    },
    /// There is no price any more.
    #[error(transparent)]
    Quote(#[from] QuoteRefused),
    /// A coupon cannot be used.
    #[error(transparent)]
    Coupon(#[from] promotion::coupon::Refused),
    /// Fewer pieces are left at a lower price.
    #[error(transparent)]
    LowerPrice(#[from] promotion::time_discount::holds::Gone),
    /// There are not so many points.
    #[error(transparent)]
    Points(#[from] crate::points::Refused),
    /// Not enough is left.
    #[error(transparent)]
    Stock(#[from] inventory::Refused),
    /// The address is not one.
    #[error(transparent)]
    Address(#[from] AddressRefused),
    /// The goods cannot be delivered like that.
    #[error(transparent)]
    Delivery(#[from] DeliveryRefused),
    /// The price is not changed.
    #[error(transparent)]
    Reprice(#[from] RepriceRefused),
    /// The note is missing or too long.
    #[error("a note has 1 to {0} characters")]
    Note(i64),
    /// The shopper's address book has no such entry.
    #[error("there is no such address")]
    NoAddress,
    /// The shopper asked for more time before.
    #[error("more time was asked for before")]
    Extended,
    /// The order does not go there from where it is.
    #[error(transparent)]
    Move(#[from] MoveRefused),
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
            Self::Quote(inner) => inner,
            Self::Stock(inner) => inner,
            Self::Coupon(inner) => inner,
            Self::LowerPrice(inner) => inner,
            Self::Points(inner) => inner,
            Self::Address(inner) => inner,
            Self::Delivery(inner) => inner,
            Self::Reprice(inner) => inner,
            Self::Move(inner) => inner,
            Self::Ship(inner) => inner,
            Self::Key(inner) => inner,
            Self::Cursor(inner) => inner,
            _ => return None,
        })
    }
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::QuoteNotFound => "QUOTE_NOT_FOUND",
            Self::QuoteExpired => "QUOTE_EXPIRED",
            Self::QuoteUsed => "QUOTE_USED",
            Self::PlayElsewhere => "QUOTE_BELONGS_TO_PLAY",
            Self::ReturnExceptions => "ORDER_RETURN_EXCEPTIONS",
            Self::BeingRefunded => "ORDER_BEING_REFUNDED",
            Self::Reference => "ORDER_REFERENCE_INVALID",
            Self::ReferenceTaken => "ORDER_REFERENCE_TAKEN",
            Self::PriceChanged { .. } => "ORDER_PRICE_CHANGED",
            Self::Note(_) => "ORDER_NOTE_INVALID",
            Self::NoAddress => "ADDRESS_NOT_FOUND",
            Self::Extended => "ORDER_EXTENDED_BEFORE",
            other => other.inner().map_or("INVALID_INPUT", Refusal::code),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("id"),
            Self::QuoteNotFound | Self::QuoteExpired | Self::QuoteUsed | Self::PlayElsewhere => Some("quoteId"),
            Self::PriceChanged { .. } => Some("expectedTotal"),
            Self::ReturnExceptions => Some("confirmReturnExceptions"),
            Self::Note(_) => Some("note"),
            Self::NoAddress => Some("addressId"),
            Self::Reference | Self::ReferenceTaken => Some("externalReference"),
            other => other.inner().and_then(Refusal::field),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::PriceChanged { expected, actual, quote } => Detail::Price { expected: *expected, actual: *actual, quote: Some(*quote) },
            Self::Note(most) => Detail::Limit(*most),
            other => other.inner().map_or(Detail::None, Refusal::detail),
        }
    }
}

impl From<CheckRefused> for Refused {
    fn from(refused: CheckRefused) -> Self {
        match refused {
            CheckRefused::Address(inner) => inner.into(),
            CheckRefused::Delivery(inner) => inner.into(),
        }
    }
}
