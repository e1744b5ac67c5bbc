//! Why a command is refused: one family for shoppers, one for staff.

use kernel::{Detail, Failure, Refusal};
use platform::KeyRefused;
use trade::order;

use crate::exclusive::Conflict;

use super::rules::{campaign::CampaignRefused, team::SeatRefused, terms::TermsRefused};

/// Why nobody sits down.
#[derive(Debug, thiserror::Error)]
pub enum SitRefused {
    /// There is no such campaign or team, or not for this shopper.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The campaign does not sell now.
    #[error("the campaign is not selling")]
    NotSelling,
    /// The quote promises the price of something else.
    #[error("the quote was not made for this team")]
    QuoteMismatch,
    /// The team has no seat for them.
    #[error(transparent)]
    Seat(#[from] SeatRefused),
    /// The order cannot be placed.
    #[error(transparent)]
    Order(#[from] order::Refused),
    /// The idempotency key is not taken.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for SitRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "GROUP_BUY_NOT_FOUND",
            Self::NotSelling => "GROUP_BUY_NOT_SELLING",
            Self::QuoteMismatch => "GROUP_BUY_QUOTE_MISMATCH",
            Self::Seat(refused) => refused.code(),
            Self::Order(refused) => refused.code(),
            Self::Key(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(field) => Some(field),
            Self::NotSelling => None,
            Self::QuoteMismatch => Some("quoteId"),
            Self::Seat(refused) => refused.field(),
            Self::Order(refused) => refused.field(),
            Self::Key(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::NotFound(_) | Self::NotSelling | Self::QuoteMismatch => Detail::None,
            Self::Seat(refused) => refused.detail(),
            Self::Order(refused) => refused.detail(),
            Self::Key(refused) => refused.detail(),
        }
    }
}

// Rules refuse in their own words; `?` carries them out.
impl From<SeatRefused> for Failure<SitRefused> {
    fn from(refused: SeatRefused) -> Self {
        SitRefused::Seat(refused).into()
    }
}

/// Why a campaign is not created or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// There is no such campaign.
    #[error("there is no such campaign")]
    NotFound,
    /// It has no title.
    #[error("a campaign needs a title of at most 120 characters")]
    Title,
    /// A SKU of another product, or none that can be bought.
    #[error("a SKU is not one of the product's that are on sale")]
    ForeignSku,
    /// A price in another currency than the catalog's.
    #[error("a price is not in the currency the SKU is sold in")]
    Currency,
    /// A team price that is not below what everybody pays anyway.
    #[error("a team price is not below the regular price")]
    NotCheaper,
    /// An amount and a share at once.
    #[error("the leader's discount is an amount or a share, not both")]
    TwoDiscounts,
    /// A running campaign keeps its product and currency.
    #[error("a published campaign keeps its product and its currency")]
    ProductFixed,
    /// The terms cannot be promised.
    #[error(transparent)]
    Terms(#[from] TermsRefused),
    /// Its state or window does not allow it.
    #[error(transparent)]
    Campaign(#[from] CampaignRefused),
    /// Another play sells one of its SKUs then.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

impl Refusal for EditRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "GROUP_BUY_NOT_FOUND",
            Self::Title => "GROUP_BUY_TITLE_INVALID",
            Self::ForeignSku => "GROUP_BUY_SKU_FOREIGN",
            Self::Currency => "GROUP_BUY_CURRENCY_MISMATCH",
            Self::NotCheaper => "GROUP_BUY_PRICE_NOT_LOWER",
            Self::TwoDiscounts => "GROUP_BUY_LEADER_DISCOUNT_INVALID",
            Self::ProductFixed => "GROUP_BUY_PRODUCT_FIXED",
            Self::Terms(refused) => refused.code(),
            Self::Campaign(refused) => refused.code(),
            Self::Conflict(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("id"),
            Self::Title => Some("title"),
            Self::ForeignSku | Self::Currency | Self::NotCheaper => Some("skus"),
            Self::TwoDiscounts => Some("leaderDiscount"),
            Self::ProductFixed => Some("productId"),
            Self::Terms(refused) => refused.field(),
            Self::Campaign(refused) => refused.field(),
            Self::Conflict(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Title => Detail::Limit(120),
            Self::Terms(refused) => refused.detail(),
            Self::Campaign(refused) => refused.detail(),
            Self::Conflict(refused) => refused.detail(),
            _ => Detail::None,
        }
    }
}

/// Why a campaign gives no price for a quote.
#[derive(Debug, thiserror::Error)]
pub enum PriceRefused {
    /// There is no such campaign or team.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The campaign does not sell now.
    #[error("the campaign is not selling")]
    NotSelling,
    /// The team or its terms do not allow it.
    #[error(transparent)]
    Seat(#[from] SeatRefused),
}

impl Refusal for PriceRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "GROUP_BUY_NOT_FOUND",
            Self::NotSelling => "GROUP_BUY_NOT_SELLING",
            Self::Seat(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(field) => Some(field),
            Self::NotSelling => Some("play.id"),
            Self::Seat(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Seat(refused) => refused.detail(),
            _ => Detail::None,
        }
    }
}
