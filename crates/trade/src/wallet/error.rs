//! Why money does not get into a wallet, or out of it.

use kernel::{Detail, Refusal};
use platform::KeyRefused;

use crate::payment::Refused as PaymentRefused;

/// Why money does not get into a wallet, or out of it.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such top-up, or it is somebody else's.
    #[error("there is no such top-up")]
    NotFound,
    /// There is no such customer.
    #[error("there is no such customer")]
    NoCustomer,
    /// Not an amount to top up.
    #[error("this is not an amount for a wallet")]
    Amount,
    /// More than is taken at once.
    #[error("at most {0} minor units at once")]
    TooMuch(i64),
    /// A wallet cannot be topped up out of itself.
    #[error("a wallet is not topped up out of itself")]
    FromItself,
    /// There is not so much in it.
    #[error("there are only {0} minor units in the wallet")]
    Short(i64),
    /// This provider pays nobody out.
    #[error("{0} pays nobody out")]
    PaysNobody(String),
    /// The shopper is not known where the money should go.
    #[error("the payee is not known there")]
    PayeeUnknown,
    /// The real name is missing where it is needed, or is none.
    #[error("this is no name of a payee")]
    Name,
    /// The withdrawal waits for nobody's decision.
    #[error("the withdrawal is decided already")]
    Decided,
    /// The same person says yes twice.
    #[error("another person must say yes too")]
    SameEyes,
    /// Staff gave no reason.
    #[error("a reason is missing")]
    Reason,
    /// The provider, or the way to pay, does not do.
    #[error(transparent)]
    Payment(#[from] PaymentRefused),
    /// The idempotency key is not usable.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound | Self::NoCustomer => "NOT_FOUND",
            Self::Amount => "WALLET_AMOUNT_INVALID",
            Self::TooMuch(_) => "WALLET_TOP_UP_TOO_MUCH",
            Self::FromItself => "PAYMENT_GATEWAY_UNKNOWN",
            Self::Short(_) => "WALLET_INSUFFICIENT",
            Self::PaysNobody(_) => "WALLET_WITHDRAWAL_UNAVAILABLE",
            Self::PayeeUnknown => "WALLET_PAYEE_UNKNOWN",
            Self::Name => "WALLET_PAYEE_NAME_INVALID",
            Self::Decided => "WALLET_WITHDRAWAL_DECIDED",
            Self::SameEyes => "WALLET_WITHDRAWAL_FOUR_EYES",
            Self::Reason => "WALLET_REASON_INVALID",
            Self::Payment(payment) => payment.code(),
            Self::Key(key) => key.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Decided | Self::SameEyes => Some("id"),
            Self::NoCustomer => Some("customerId"),
            Self::Amount | Self::TooMuch(_) | Self::Short(_) => Some("amount"),
            Self::FromItself | Self::PaysNobody(_) | Self::PayeeUnknown => Some("gateway"),
            Self::Name => Some("realName"),
            Self::Reason => Some("reason"),
            Self::Payment(payment) => payment.field(),
            Self::Key(key) => key.field(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooMuch(limit) => Detail::Limit(*limit),
            Self::Short(available) => Detail::Available(*available),
            Self::Payment(payment) => payment.detail(),
            _ => Detail::None,
        }
    }
}
