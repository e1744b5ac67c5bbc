//! Why a coupon is not given or not taken.

use kernel::{Detail, Refusal};

/// Why a coupon is not given or not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such coupon to be had.
    #[error("there is no such coupon")]
    NotFound,
    /// It is not offered now.
    #[error("the coupon is not offered now")]
    NotOffered,
    /// There are none left.
    #[error("the coupons are gone")]
    Gone,
    /// This customer has had as many as they may.
    #[error("a customer may have {0}")]
    Limit(i64),
    /// There is no such code, or somebody used it.
    #[error("the code is not valid")]
    Code,
    /// A coupon of the order is not the customer's to use any more.
    #[error("a coupon is used or expired")]
    Spent,
    /// Too many at once.
    #[error("at most {0} at once")]
    TooMany(i64),
    /// The key of the command is not taken.
    #[error(transparent)]
    Key(#[from] platform::KeyRefused),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "COUPON_NOT_FOUND",
            Self::NotOffered => "COUPON_NOT_OFFERED",
            Self::Gone => "COUPON_GONE",
            Self::Limit(_) => "COUPON_LIMIT_REACHED",
            Self::Code => "COUPON_CODE_INVALID",
            Self::Spent => "COUPON_USED",
            Self::TooMany(_) => "COUPON_TOO_MANY",
            Self::Key(key) => key.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Code => Some("code"),
            Self::Spent => Some("couponIds"),
            Self::TooMany(_) => Some("customerIds"),
            Self::Key(key) => key.field(),
            _ => Some("templateId"),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Limit(most) | Self::TooMany(most) => Detail::Limit(*most),
            _ => Detail::None,
        }
    }
}
