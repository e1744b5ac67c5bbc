//! Why there is no price.

use kernel::{CouponId, Detail, Refusal, SkuId};
use promotion::{coupon::rules::WhyNot, pricing::PricingRefused};

use super::PlayRefused;

/// Why there is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteRefused {
    /// Nothing is wanted.
    #[error("there is nothing to price")]
    Empty,
    /// Too many different things.
    #[error("a quote has at most {0} lines")]
    TooManyLines(i64),
    /// A quantity out of bounds.
    #[error("a quantity is between 1 and {0}")]
    Quantity(i64),
    /// One SKU twice.
    #[error("{0} appears twice")]
    Duplicate(SkuId),
    /// It cannot be bought now.
    #[error("{0} is not for sale")]
    Unavailable(SkuId),
    /// Things priced in different currencies.
    #[error("the lines have different currencies")]
    Currencies,
    /// The total does not fit.
    #[error("the total is too large")]
    TooLarge,
    /// There would be nothing to pay.
    #[error("there is nothing to pay")]
    NothingToPay,
    /// A coupon that is named is not theirs.
    #[error(transparent)]
    Coupons(WhyNot),
    /// Too many coupons at once.
    #[error("at most {0} coupons")]
    TooManyCoupons(i64),
    /// A region is not named by six digits.
    #[error("a region is named by six digits")]
    Region,
    /// A number of points below zero.
    #[error("points are not below zero")]
    Points,
    /// A donation below zero, too large, or not asked for.
    #[error("the donation is not right")]
    Donation,
    /// It is not carried to the region.
    #[error("{0} is not carried there")]
    NotCarried(SkuId),
    /// A coupon cannot be used on this.
    #[error("{0}: {1}")]
    Coupon(CouponId, WhyNot),
    /// The play does not give a price.
    #[error(transparent)]
    Play(#[from] PlayRefused),
}

impl Refusal for QuoteRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "QUOTE_EMPTY",
            Self::TooManyLines(_) => "QUOTE_TOO_MANY_LINES",
            Self::Quantity(_) => "QUANTITY_INVALID",
            Self::Duplicate(_) => "QUOTE_DUPLICATE_SKU",
            Self::Unavailable(_) => "SKU_UNAVAILABLE",
            Self::Currencies => "QUOTE_CURRENCIES_MIXED",
            Self::TooLarge => "QUOTE_TOO_LARGE",
            Self::NothingToPay => "QUOTE_NOTHING_TO_PAY",
            Self::Coupons(why) => why.code(),
            Self::TooManyCoupons(_) => "QUOTE_TOO_MANY_COUPONS",
            Self::Region => "QUOTE_REGION_INVALID",
            Self::Points => "QUOTE_POINTS_INVALID",
            Self::Donation => "QUOTE_DONATION_INVALID",
            Self::NotCarried(_) => "QUOTE_NOT_CARRIED",
            Self::Coupon(_, why) => why.code(),
            Self::Play(play) => play.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Quantity(_) => Some("lines.quantity"),
            Self::Duplicate(_) | Self::Unavailable(_) => Some("lines.skuId"),
            Self::NotCarried(_) | Self::Region => Some("regionCode"),
            Self::Points => Some("points"),
            Self::Donation => Some("donation"),
            Self::TooManyCoupons(_) => Some("couponIds"),
            Self::Coupon(_, why) | Self::Coupons(why) => why.field(),
            Self::Play(play) => play.field(),
            _ => Some("lines"),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooManyLines(most) | Self::Quantity(most) => Detail::Limit(*most),
            Self::TooManyCoupons(most) => Detail::Limit(*most),
            Self::Coupon(_, why) | Self::Coupons(why) => why.detail(),
            Self::Play(play) => play.detail(),
            _ => Detail::None,
        }
    }
}

impl From<PricingRefused> for QuoteRefused {
    fn from(refused: PricingRefused) -> Self {
        match refused {
            PricingRefused::Money(kernel::MoneyError::CurrencyMismatch) => Self::Currencies,
            PricingRefused::Empty => Self::Empty,
            PricingRefused::Quantity => Self::Quantity(crate::MOST_OF_ONE),
            PricingRefused::NotCarried(sku) => Self::NotCarried(sku),
            PricingRefused::Coupon(coupon, why) => Self::Coupon(coupon, why),
            PricingRefused::Money(kernel::MoneyError::Overflow) | PricingRefused::NegativePrice | PricingRefused::Duplicate => {
                Self::TooLarge
            }
        }
    }
}
