//! Why a bill is not taken, or a difference not settled.

use kernel::{Detail, Refusal};

use super::layouts::Unreadable;

/// Why a bill is not taken, or a difference not settled.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such bill or difference.
    #[error("there is no such thing")]
    NotFound,
    /// The provider writes no bills we can read, or there is no such provider.
    #[error("there is no such provider")]
    Gateway,
    /// A file has a name.
    #[error("the file name is not usable")]
    FileName,
    /// Empty, or too large.
    #[error("a bill has between one and {0} bytes")]
    Size(i64),
    /// The right to send a file is over, or never was.
    #[error("the upload token is not valid")]
    Token,
    /// The time the bill is about does not begin before it ends, is longer than a month, or is not its own.
    #[error("the bill is about another time")]
    Period,
    /// It is not written as that provider writes.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The provider gave no bill.
    #[error("the provider gave no bill: {0}")]
    NoBill(String),
    /// Somebody settled it before, in other words.
    #[error("it is settled")]
    Settled,
    /// What it was is to be said.
    #[error("a note is missing")]
    Note,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::Gateway => "BILL_GATEWAY_UNKNOWN",
            Self::FileName => "BILL_FILE_NAME_INVALID",
            Self::Size(_) => "BILL_SIZE_INVALID",
            Self::Token => "BILL_UPLOAD_EXPIRED",
            Self::Period => "BILL_PERIOD_INVALID",
            Self::Unreadable(Unreadable::Layout) => "BILL_LAYOUT_UNKNOWN",
            Self::Unreadable(Unreadable::Line(_)) => "BILL_LINE_UNREADABLE",
            Self::Unreadable(Unreadable::TooMany(_)) => "BILL_TOO_MANY_LINES",
            Self::NoBill(_) => "BILL_NOT_AVAILABLE",
            Self::Settled => "DIFFERENCE_SETTLED",
            Self::Note => "DIFFERENCE_NOTE_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Settled => Some("id"),
            Self::Gateway | Self::NoBill(_) => Some("gateway"),
            Self::FileName => Some("fileName"),
            Self::Size(_) => Some("bytes"),
            Self::Period => Some("from"),
            Self::Note => Some("note"),
            Self::Token | Self::Unreadable(_) => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Size(limit) | Self::Unreadable(Unreadable::Line(limit) | Unreadable::TooMany(limit)) => Detail::Limit(*limit),
            _ => Detail::None,
        }
    }
}
