//! Why a command is refused: one family for shoppers, one for staff.

use kernel::{Detail, Failure, Refusal};
use platform::KeyRefused;
use trade::order;

use super::rules::PledgeRefused;
use crate::{console::rules::StepRefused, exclusive::Conflict};

/// Why nobody pledges, or votes.
#[derive(Debug, thiserror::Error)]
pub enum BackRefused {
    /// There is no such thing, or not for this shopper.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The quote promises the price of something else.
    #[error("the quote was not made for this reward")]
    QuoteMismatch,
    /// The question is answered by backers only, and while it is open.
    #[error("this question cannot be answered")]
    NoVote,
    /// The reward is not there for them.
    #[error(transparent)]
    Pledge(#[from] PledgeRefused),
    /// The order cannot be placed.
    #[error(transparent)]
    Order(#[from] order::Refused),
    /// The idempotency key is not taken.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for BackRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "CROWDFUNDING_NOT_FOUND",
            Self::QuoteMismatch => "CROWDFUNDING_QUOTE_MISMATCH",
            Self::NoVote => "CROWDFUNDING_NO_VOTE",
            Self::Pledge(refused) => refused.code(),
            Self::Order(refused) => refused.code(),
            Self::Key(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(field) => Some(field),
            Self::QuoteMismatch => Some("quoteId"),
            Self::NoVote => Some("choice"),
            Self::Pledge(refused) => refused.field(),
            Self::Order(refused) => refused.field(),
            Self::Key(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::NotFound(_) | Self::QuoteMismatch | Self::NoVote => Detail::None,
            Self::Pledge(refused) => refused.detail(),
            Self::Order(refused) => refused.detail(),
            Self::Key(refused) => refused.detail(),
        }
    }
}

// Rules refuse in their own words; `?` carries them out.
impl From<PledgeRefused> for Failure<BackRefused> {
    fn from(refused: PledgeRefused) -> Self {
        BackRefused::Pledge(refused).into()
    }
}

/// Why a crowdfunding is not written or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// A cost in another currency than the prices.
    #[error("costs and prices have one currency")]
    Currency,
    /// There is no such crowdfunding.
    #[error("there is no such crowdfunding")]
    NotFound,
    /// A title is missing or too long.
    #[error("a title is missing or longer than 120 characters")]
    Title,
    /// Rewards are missing, too many, or name SKUs of another product.
    #[error("the rewards are not ones of the product")]
    Tiers,
    /// An amount in another currency, or none.
    #[error("an amount is not one, or in another currency")]
    Amount,
    /// What is promised is frozen.
    #[error("a published crowdfunding keeps what it promised")]
    Frozen,
    /// The window, the state, or the date of shipping.
    #[error("the state or the window does not allow it")]
    State(StepRefused),
    /// Another play sells one of its SKUs then.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

impl Refusal for EditRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Currency => "CROWDFUNDING_CURRENCY_MISMATCH",
            Self::NotFound => "CROWDFUNDING_NOT_FOUND",
            Self::Title => "CROWDFUNDING_TITLE_INVALID",
            Self::Tiers => "CROWDFUNDING_TIERS_INVALID",
            Self::Amount => "CROWDFUNDING_AMOUNT_INVALID",
            Self::Frozen => "CROWDFUNDING_FROZEN",
            Self::State(StepRefused::WrongState) => "CROWDFUNDING_STATE_INVALID",
            Self::State(StepRefused::Window) => "CROWDFUNDING_WINDOW_INVALID",
            Self::Conflict(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Currency => Some("costs"),
            Self::NotFound => Some("id"),
            Self::Title => Some("title"),
            Self::Tiers => Some("tiers"),
            Self::Amount => Some("goal"),
            Self::Frozen | Self::State(StepRefused::WrongState) => None,
            Self::State(StepRefused::Window) => Some("endsAt"),
            Self::Conflict(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Currency => Detail::None,
            Self::Title => Detail::Limit(120),
            Self::Conflict(refused) => refused.detail(),
            _ => Detail::None,
        }
    }
}

impl From<StepRefused> for Failure<EditRefused> {
    fn from(refused: StepRefused) -> Self {
        EditRefused::State(refused).into()
    }
}
