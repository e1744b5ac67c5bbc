//! Why a command is refused: one family for shoppers, one for staff.

use kernel::{Detail, Failure, Refusal, Timestamp};
use platform::KeyRefused;
use trade::{order, quote::QuoteRefused};

use crate::exclusive::Conflict;

use super::rules::sale::SaleRefused;

/// Why no pass is made.
#[derive(Debug, thiserror::Error)]
pub enum PassRefused {
    /// There is no such sale, or not for shoppers.
    #[error("there is no such sale")]
    NotFound,
    /// It is over.
    #[error("the sale is over")]
    Over,
    /// The SKU is not in it.
    #[error("the sale does not have this")]
    NotOffered,
    /// More than one order may hold.
    #[error("one order holds 1 to {0} pieces")]
    OrderLimit(i64),
    /// Something else would come with it.
    #[error("the price comes with goods the sale does not have")]
    MoreThanAsked,
    /// There is no price.
    #[error(transparent)]
    Quote(#[from] QuoteRefused),
    /// There would be no order.
    #[error(transparent)]
    Order(#[from] order::Refused),
    /// The idempotency key is not taken.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for PassRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "FLASH_SALE_NOT_FOUND",
            Self::Over => "FLASH_SALE_OVER",
            Self::NotOffered => "FLASH_SALE_SKU_NOT_OFFERED",
            Self::OrderLimit(_) => "FLASH_SALE_ORDER_LIMIT",
            Self::MoreThanAsked => "FLASH_SALE_MORE_THAN_ASKED",
            Self::Quote(refused) => refused.code(),
            Self::Order(refused) => refused.code(),
            Self::Key(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("flashSaleId"),
            Self::Over | Self::MoreThanAsked => None,
            Self::NotOffered => Some("skuId"),
            Self::OrderLimit(_) => Some("quantity"),
            Self::Quote(refused) => refused.field(),
            Self::Order(refused) => refused.field(),
            Self::Key(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::OrderLimit(most) => Detail::Limit(*most),
            Self::Quote(refused) => refused.detail(),
            Self::Order(refused) => refused.detail(),
            Self::Key(refused) => refused.detail(),
            _ => Detail::None,
        }
    }
}

impl From<SaleRefused> for Failure<EditRefused> {
    fn from(refused: SaleRefused) -> Self {
        EditRefused::Sale(refused).into()
    }
}

/// Why a pass is not looked at: nothing was bought, and nothing is in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuyRefused {
    /// There is no such pass, or it is somebody else's.
    #[error("there is no such pass")]
    NotFound,
    /// This customer asks too often.
    #[error("too many requests of one customer")]
    TooOften(Timestamp),
    /// This customer has that many requests in line already.
    #[error("a customer has at most {0} requests in line")]
    InLine(i64),
    /// The line is full.
    #[error("the line is full")]
    Busy(Timestamp),
}

impl Refusal for BuyRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "FLASH_SALE_PASS_NOT_FOUND",
            Self::TooOften(_) => "FLASH_SALE_TOO_OFTEN",
            Self::InLine(_) => "FLASH_SALE_IN_LINE",
            Self::Busy(_) => "FLASH_SALE_BUSY",
        }
    }

    fn field(&self) -> Option<&'static str> {
        (*self == Self::NotFound).then_some("passId")
    }

    fn detail(&self) -> Detail {
        match self {
            Self::NotFound => Detail::None,
            Self::InLine(most) => Detail::Limit(*most),
            Self::TooOften(until) | Self::Busy(until) => Detail::Until(*until),
        }
    }
}

/// Why a sale is not created or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// There is no such sale.
    #[error("there is no such sale")]
    NotFound,
    /// It has no title.
    #[error("a sale needs a title of at most 120 characters")]
    Title,
    /// A SKU that cannot be bought.
    #[error("a SKU is not on sale")]
    Sku,
    /// A price in another currency than the catalog's.
    #[error("a price is not in the currency the SKU is sold in")]
    Currency,
    /// A price that is not below what everybody pays anyway.
    #[error("a price is not below the regular price")]
    NotCheaper,
    /// Its terms or its state do not allow it.
    #[error(transparent)]
    Sale(#[from] SaleRefused),
    /// There is not that much on the shelf.
    #[error(transparent)]
    Stock(#[from] catalog::inventory::Refused),
    /// Another play sells one of its SKUs then.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

impl Refusal for EditRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "FLASH_SALE_NOT_FOUND",
            Self::Title => "FLASH_SALE_TITLE_INVALID",
            Self::Sku => "FLASH_SALE_SKU_INVALID",
            Self::Currency => "FLASH_SALE_CURRENCY_MISMATCH",
            Self::NotCheaper => "FLASH_SALE_PRICE_NOT_LOWER",
            Self::Sale(refused) => refused.code(),
            Self::Stock(refused) => refused.code(),
            Self::Conflict(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("id"),
            Self::Title => Some("title"),
            Self::Sku | Self::Currency | Self::NotCheaper | Self::Stock(_) => Some("items"),
            Self::Sale(refused) => refused.field(),
            Self::Conflict(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Title => Detail::Limit(120),
            Self::Sale(refused) => refused.detail(),
            Self::Stock(refused) => refused.detail(),
            Self::Conflict(refused) => refused.detail(),
            _ => Detail::None,
        }
    }
}
