//! Why a cart does not change.

use kernel::{Detail, Refusal};

/// Why a cart does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such SKU, or it is not on sale.
    #[error("the SKU is not for sale")]
    Unavailable,
    /// The SKU is not in the cart.
    #[error("the SKU is not in the cart")]
    NotInCart,
    /// A quantity out of bounds.
    #[error("a quantity is between 1 and {0}")]
    Quantity(i64),
    /// Too many different things.
    #[error("a cart has at most {0} lines")]
    TooManyLines(i64),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "SKU_UNAVAILABLE",
            Self::NotInCart => "CART_LINE_NOT_FOUND",
            Self::Quantity(_) => "QUANTITY_INVALID",
            Self::TooManyLines(_) => "CART_TOO_MANY_LINES",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Quantity(_) => "quantity",
            _ => "skuId",
        })
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Quantity(most) | Self::TooManyLines(most) => Detail::Limit(*most),
            _ => Detail::None,
        }
    }
}
