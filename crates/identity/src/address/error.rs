//! Why an address is not kept.

use kernel::{Detail, Refusal};

/// Why an address is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The shopper has no such entry.
    #[error("there is no such address")]
    NotFound,
    /// The recipient.
    #[error("the recipient is not a name")]
    Recipient,
    /// The phone number.
    #[error("the phone number is not one")]
    Phone,
    /// The region.
    #[error("the region is missing, or none of the official ones")]
    Region,
    /// The street.
    #[error("the street is missing or too long")]
    Street,
    /// The word for it.
    #[error("the label is too long")]
    Label,
    /// The book is full.
    #[error("an address book has at most {0} entries")]
    TooMany(i64),
    /// There is too much text to read.
    #[error("at most {0} characters are read")]
    TooLong(i64),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ADDRESS_NOT_FOUND",
            Self::Recipient => "ADDRESS_RECIPIENT_INVALID",
            Self::Phone => "ADDRESS_PHONE_INVALID",
            Self::Region => "ADDRESS_REGION_INVALID",
            Self::Street => "ADDRESS_STREET_INVALID",
            Self::Label => "ADDRESS_LABEL_INVALID",
            Self::TooMany(_) => "ADDRESS_TOO_MANY",
            Self::TooLong(_) => "ADDRESS_TEXT_TOO_LONG",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("id"),
            Self::Recipient => Some("recipient"),
            Self::Phone => Some("phone"),
            Self::Region => Some("region"),
            Self::Street => Some("street"),
            Self::Label => Some("label"),
            Self::TooMany(_) => None,
            Self::TooLong(_) => Some("text"),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooMany(most) | Self::TooLong(most) => Detail::Limit(*most),
            _ => Detail::None,
        }
    }
}
