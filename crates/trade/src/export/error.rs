//! Why there is no file.

use kernel::Refusal;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The address is not one of ours, or its time is over.
    #[error("the address has expired")]
    Token,
    /// The time does not begin before it ends, or is longer than a year.
    #[error("this is not a time of a year at most")]
    Period,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::Token => "EXPORT_EXPIRED",
            Self::Period => "EXPORT_PERIOD_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Token => None,
            Self::Period => Some("from"),
        }
    }
}
