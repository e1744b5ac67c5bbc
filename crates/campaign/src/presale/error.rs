//! Why a command is refused: one family for shoppers, one for staff.

use kernel::{Detail, Failure, Refusal};
use platform::KeyRefused;
use trade::order;

use super::rules::{ReserveRefused, TermsRefused};
use crate::{console::rules::StepRefused, exclusive::Conflict};

/// Why nobody reserves, or pays a balance.
#[derive(Debug, thiserror::Error)]
pub enum BuyRefused {
    /// There is no such thing, or not for this shopper.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It is not there for them, or not now.
    #[error(transparent)]
    Reserve(#[from] ReserveRefused),
    /// The order cannot be placed.
    #[error(transparent)]
    Order(#[from] order::Refused),
    /// The idempotency key is not taken.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for BuyRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "PRESALE_NOT_FOUND",
            Self::Reserve(refused) => refused.code(),
            Self::Order(refused) => refused.code(),
            Self::Key(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(field) => Some(field),
            Self::Reserve(refused) => refused.field(),
            Self::Order(refused) => refused.field(),
            Self::Key(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::NotFound(_) => Detail::None,
            Self::Reserve(refused) => refused.detail(),
            Self::Order(refused) => refused.detail(),
            Self::Key(refused) => refused.detail(),
        }
    }
}

// Rules refuse in their own words; `?` carries them out.
impl From<ReserveRefused> for Failure<BuyRefused> {
    fn from(refused: ReserveRefused) -> Self {
        BuyRefused::Reserve(refused).into()
    }
}

/// Why a presale is not written or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// A cost in another currency than the prices.
    #[error("costs and prices have one currency")]
    Currency,
    /// There is no such presale.
    #[error("there is no such presale")]
    NotFound,
    /// The title is missing or too long.
    #[error("the title is missing or longer than 120 characters")]
    Title,
    /// SKUs are missing, too many, twice, or of another product.
    #[error("the SKUs are not ones of the product")]
    Skus,
    /// What is promised is frozen.
    #[error("a published presale keeps what it promised")]
    Frozen,
    /// The windows do not follow each other, or the state does not allow it.
    #[error("the state or the windows do not allow it")]
    State(StepRefused),
    /// The amounts cannot be promised.
    #[error(transparent)]
    Terms(#[from] TermsRefused),
    /// Another play sells one of its SKUs then.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

impl Refusal for EditRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Currency => "PRESALE_CURRENCY_MISMATCH",
            Self::NotFound => "PRESALE_NOT_FOUND",
            Self::Title => "PRESALE_TITLE_INVALID",
            Self::Skus => "PRESALE_SKUS_INVALID",
            Self::Frozen => "PRESALE_FROZEN",
            Self::State(StepRefused::WrongState) => "PRESALE_STATE_INVALID",
            Self::State(StepRefused::Window) => "PRESALE_WINDOW_INVALID",
            Self::Terms(refused) => refused.code(),
            Self::Conflict(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Currency => Some("costs"),
            Self::NotFound => Some("id"),
            Self::Title => Some("title"),
            Self::Skus => Some("skus"),
            Self::Frozen | Self::State(StepRefused::WrongState) => None,
            Self::State(StepRefused::Window) => Some("endsAt"),
            Self::Terms(refused) => refused.field(),
            Self::Conflict(refused) => refused.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Currency => Detail::None,
            Self::Title => Detail::Limit(120),
            Self::Terms(refused) => refused.detail(),
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
