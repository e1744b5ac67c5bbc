//! Why what staff write is not kept.

use kernel::Refusal;

use crate::time_discount::rules::StepRefused;

/// Why what staff write is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// There is no such thing.
    #[error("there is no such offer")]
    NotFound,
    /// It has no name, or a long one.
    #[error("an offer needs a name of at most 60 characters")]
    Title,
    /// It ends before it begins, or is over already.
    #[error("an offer ends after it begins, and in the future")]
    Window,
    /// There is no way there from where it stands.
    #[error("the offer is not in a state that allows this")]
    WrongState,
    /// What goods cost was said in another currency.
    #[error("costs are said in the currency the goods are sold in")]
    Currency,
    /// Its terms make no sense.
    #[error("{0} is not right")]
    Terms(&'static str),
    /// What was promised to shoppers stays.
    #[error("the terms are fixed once it was offered")]
    Fixed,
    /// Fewer than were taken already.
    #[error("more were taken already")]
    Quota,
    /// Another has this code, name or rank.
    #[error("another one has it")]
    Taken(&'static str),
    /// A SKU that does not exist, or a price that is not lower.
    #[error("a price is below what everybody pays, in the same currency")]
    Price,
    /// Something still needs it.
    #[error("it is still used")]
    InUse,
}

impl Refusal for EditRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "PROMOTION_NOT_FOUND",
            Self::Title => "PROMOTION_TITLE_INVALID",
            Self::Window => "PROMOTION_WINDOW_INVALID",
            Self::WrongState => "PROMOTION_STATE_INVALID",
            Self::Currency => "PROMOTION_COST_CURRENCY",
            Self::Terms(_) => "PROMOTION_TERMS_INVALID",
            Self::Fixed => "PROMOTION_TERMS_FIXED",
            Self::Quota => "PROMOTION_QUOTA_BELOW_TAKEN",
            Self::Taken(_) => "PROMOTION_NAME_TAKEN",
            Self::Price => "PROMOTION_PRICE_INVALID",
            Self::InUse => "PROMOTION_IN_USE",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::InUse | Self::WrongState => Some("id"),
            Self::Title => Some("title"),
            Self::Window => Some("startsAt"),
            Self::Currency => Some("costs"),
            Self::Terms(field) | Self::Taken(field) => Some(field),
            Self::Fixed => Some("terms"),
            Self::Quota => Some("quota"),
            Self::Price => Some("prices"),
        }
    }
}

impl From<StepRefused> for EditRefused {
    fn from(refused: StepRefused) -> Self {
        match refused {
            StepRefused::WrongState => Self::WrongState,
            StepRefused::Over => Self::Window,
        }
    }
}

/// The title, without the blanks around it, if there is one and it is not too long.
pub(crate) fn titled(title: kernel::LocalizedText) -> Result<kernel::LocalizedText, EditRefused> {
    let fits = title.0.values().all(|text| text.chars().count() <= crate::coupon::rules::MOST_TITLE);
    if title.is_blank() || !fits { Err(EditRefused::Title) } else { Ok(title) }
}
