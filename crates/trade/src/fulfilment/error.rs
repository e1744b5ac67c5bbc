//! Why something is not shipped, not picked up, not tracked.

use kernel::{Detail, Refusal, Timestamp};
use platform::KeyRefused;

use super::rules::PackRefused;
use crate::order::{
    self,
    rules::{MoveRefused, ShipRefused},
};

/// Why something is not shipped or not picked up.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The order does not move.
    #[error(transparent)]
    Order(#[from] order::Refused),
    /// The parcel is not one.
    #[error(transparent)]
    Pack(#[from] PackRefused),
    /// There is no such store.
    #[error("there is no such store")]
    NoStore,
    /// A word about the store is missing or too long.
    #[error("{0} is missing or too long")]
    StoreWords(&'static str),
    /// The code is not the order's.
    #[error("the code is wrong; {0} tries are left")]
    WrongCode(i64),
    /// Too many wrong guesses: the shopper must ask for a new code.
    #[error("the code does not count any more")]
    SpentCode,
    /// Too many guesses by one person.
    #[error("too many guesses; not before {0:?}")]
    TooOften(Timestamp),
    /// Too many orders at once.
    #[error("at most {0} at once")]
    TooMany(i64),
    /// The idempotency key is not usable.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refused {
    fn inner(&self) -> Option<&dyn Refusal> {
        Some(match self {
            Self::Order(inner) => inner,
            Self::Pack(inner) => inner,
            Self::Key(inner) => inner,
            _ => return None,
        })
    }
}

impl From<MoveRefused> for Refused {
    fn from(refused: MoveRefused) -> Self {
        Self::Order(refused.into())
    }
}

impl From<ShipRefused> for Refused {
    fn from(refused: ShipRefused) -> Self {
        Self::Order(refused.into())
    }
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NoStore => "NOT_FOUND",
            Self::StoreWords(_) => "STORE_WORDS_INVALID",
            Self::WrongCode(_) => "PICKUP_CODE_WRONG",
            Self::SpentCode => "PICKUP_CODE_SPENT",
            Self::TooOften(_) => "PICKUP_TOO_OFTEN",
            Self::TooMany(_) => "TOO_MANY_AT_ONCE",
            other => other.inner().map_or("INVALID_INPUT", Refusal::code),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoStore => Some("id"),
            Self::StoreWords(field) => Some(field),
            Self::WrongCode(_) | Self::SpentCode => Some("code"),
            other => other.inner().and_then(Refusal::field),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::WrongCode(left) => Detail::Limit(*left),
            Self::TooMany(most) => Detail::Limit(*most),
            Self::TooOften(until) => Detail::Until(*until),
            other => other.inner().map_or(Detail::None, Refusal::detail),
        }
    }
}
