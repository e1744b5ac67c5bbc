//! Why a command is refused: one family for shoppers, one for staff.

use kernel::{Detail, Failure, Refusal};
use platform::KeyRefused;
use trade::order;

use crate::exclusive::Conflict;

use super::rules::{
    campaign::CampaignRefused,
    record::{BuyRefused, CutRefused},
    terms::TermsRefused,
};

/// Why a shopper's command is refused.
#[derive(Debug, thiserror::Error)]
pub enum PlayRefused {
    /// There is no such campaign or record, or not for this shopper.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The campaign does not run now.
    #[error("the campaign does not run")]
    NotRunning,
    /// The campaign does not sell this SKU.
    #[error("this SKU is not part of the campaign")]
    SkuNotOffered,
    /// They have an unfinished record of the campaign.
    #[error("the customer has an unfinished record of this campaign")]
    AlreadyBargaining,
    /// They began as many as they may.
    #[error("more than {0} records for one customer")]
    CustomerLimit(u32),
    /// They helped as often as they may today.
    #[error("more than {0} cuts a day")]
    DailyLimit(u32),
    /// The word they would mix in is not one.
    #[error("the word to mix in has at most 64 letters, digits, dots, dashes and underscores")]
    Salt,
    /// One piece of the record's SKU is bought, nothing else.
    #[error("the quote was not made for this record")]
    QuoteMismatch,
    /// Nobody cuts now.
    #[error(transparent)]
    Cut(#[from] CutRefused),
    /// It is not bought now.
    #[error(transparent)]
    Buy(#[from] BuyRefused),
    /// The order cannot be placed.
    #[error(transparent)]
    Order(#[from] order::Refused),
    /// The idempotency key is not taken.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for PlayRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "BARGAIN_NOT_FOUND",
            Self::NotRunning => "BARGAIN_NOT_RUNNING",
            Self::SkuNotOffered => "BARGAIN_SKU_NOT_OFFERED",
            Self::AlreadyBargaining => "BARGAIN_ALREADY_BARGAINING",
            Self::CustomerLimit(_) => "BARGAIN_CUSTOMER_LIMIT",
            Self::DailyLimit(_) => "BARGAIN_DAILY_LIMIT",
            Self::Salt => "BARGAIN_SALT_INVALID",
            Self::QuoteMismatch => "BARGAIN_QUOTE_MISMATCH",
            Self::Cut(refused) => refused.code(),
            Self::Buy(refused) => refused.code(),
            Self::Order(refused) => refused.code(),
            Self::Key(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(field) => Some(field),
            Self::NotRunning | Self::AlreadyBargaining | Self::CustomerLimit(_) => Some("bargainId"),
            Self::SkuNotOffered => Some("skuId"),
            Self::DailyLimit(_) => Some("recordId"),
            Self::Salt => Some("salt"),
            Self::QuoteMismatch => Some("quoteId"),
            Self::Cut(refused) => refused.field(),
            Self::Buy(refused) => refused.field(),
            Self::Order(refused) => refused.field(),
            Self::Key(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::CustomerLimit(n) | Self::DailyLimit(n) => Detail::Limit((*n).into()),
            Self::Buy(refused) => refused.detail(),
            Self::Order(refused) => refused.detail(),
            Self::Key(refused) => refused.detail(),
            _ => Detail::None,
        }
    }
}

// Rules refuse in their own words; `?` carries them out.
impl From<CutRefused> for Failure<PlayRefused> {
    fn from(refused: CutRefused) -> Self {
        PlayRefused::Cut(refused).into()
    }
}

impl From<BuyRefused> for Failure<PlayRefused> {
    fn from(refused: BuyRefused) -> Self {
        PlayRefused::Buy(refused).into()
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
    /// A first price above what everybody pays.
    #[error("a first price is above the regular price")]
    FirstPrice,
    /// A number of cuts and an average at once, or neither.
    #[error("the number of cuts is given, or what a cut takes on average")]
    Goal,
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
            Self::NotFound => "BARGAIN_NOT_FOUND",
            Self::Title => "BARGAIN_TITLE_INVALID",
            Self::ForeignSku => "BARGAIN_SKU_FOREIGN",
            Self::Currency => "BARGAIN_CURRENCY_MISMATCH",
            Self::FirstPrice => "BARGAIN_FIRST_PRICE_TOO_HIGH",
            Self::Goal => "BARGAIN_GOAL_INVALID",
            Self::Terms(refused) => refused.code(),
            Self::Campaign(refused) => refused.code(),
            Self::Conflict(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("id"),
            Self::Title => Some("title"),
            Self::ForeignSku | Self::Currency | Self::FirstPrice => Some("skus"),
            Self::Goal => Some("cuts"),
            Self::Terms(refused) => refused.field(),
            Self::Campaign(refused) => refused.field(),
            Self::Conflict(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Title => Detail::Limit(120),
            Self::Terms(refused) => refused.detail(),
            Self::Conflict(refused) => refused.detail(),
            _ => Detail::None,
        }
    }
}
