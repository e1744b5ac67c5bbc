//! Why a payment does not begin, and why a notification is not believed.

use kernel::Refusal;
use platform::KeyRefused;

use super::gateway::NotificationRefused;
use crate::order::rules::MoveRefused;

/// Why a payment does not begin.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such order, or it is somebody else's.
    #[error("there is no such order")]
    OrderNotFound,
    /// There is no such payment, or it is somebody else's.
    #[error("there is no such payment")]
    NotFound,
    /// The order cannot be paid (any more).
    #[error(transparent)]
    Order(#[from] MoveRefused),
    /// The time to pay is over.
    #[error("the time to pay is over")]
    TooLate,
    /// The mall takes no money that way.
    #[error("there is no such gateway")]
    UnknownGateway,
    /// The provider has no such way to pay.
    #[error("the gateway has no such way to pay")]
    UnknownProduct,
    /// The provider takes no money in the order's currency.
    #[error("the gateway does not take this currency")]
    Currency,
    /// The provider must know the payer, and nobody does.
    #[error("who pays is not known to the provider")]
    PayerUnknown,
    /// It is being paid another way already.
    #[error("another payment of the order is open")]
    InProgress,
    /// The provider said no.
    #[error("the provider refused the payment")]
    Declined,
    /// There is not so much in the shopper's wallet.
    #[error("there is not so much in the wallet")]
    WalletShort,
    /// The provider does not answer; trying again is safe.
    #[error("the provider does not answer")]
    Unavailable,
    /// The idempotency key is not usable.
    #[error(transparent)]
    Key(#[from] KeyRefused),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::OrderNotFound | Self::NotFound => "NOT_FOUND",
            Self::Order(moved) => moved.code(),
            Self::TooLate => "PAYMENT_TOO_LATE",
            Self::UnknownGateway => "PAYMENT_GATEWAY_UNKNOWN",
            Self::UnknownProduct => "PAYMENT_PRODUCT_UNKNOWN",
            Self::Currency => "PAYMENT_CURRENCY_NOT_TAKEN",
            Self::PayerUnknown => "PAYMENT_PAYER_UNKNOWN",
            Self::InProgress => "PAYMENT_IN_PROGRESS",
            Self::Declined => "PAYMENT_DECLINED",
            Self::WalletShort => "WALLET_INSUFFICIENT",
            Self::Unavailable => "PAYMENT_GATEWAY_UNAVAILABLE",
            Self::Key(key) => key.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::OrderNotFound | Self::Order(_) | Self::TooLate | Self::InProgress => Some("orderId"),
            Self::NotFound => Some("id"),
            Self::UnknownProduct => Some("product"),
            Self::PayerUnknown => Some("payer"),
            Self::Currency | Self::UnknownGateway | Self::Declined | Self::WalletShort | Self::Unavailable => Some("gateway"),
            Self::Key(key) => key.field(),
        }
    }
}

/// Why a notification has no effect; the provider sends it again.
#[derive(Debug, thiserror::Error)]
pub enum NotifyRefused {
    /// The mall takes no money that way.
    #[error("there is no such gateway")]
    UnknownGateway,
    /// It is not genuine.
    #[error(transparent)]
    NotGenuine(#[from] NotificationRefused),
    /// It is genuine, but does not fit our books: nothing of it was applied, and a person must look.
    #[error("parked: {0}")]
    Parked(String),
}

impl Refusal for NotifyRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownGateway => "PAYMENT_GATEWAY_UNKNOWN",
            Self::NotGenuine(_) => "NOTIFICATION_NOT_GENUINE",
            Self::Parked(_) => "NOTIFICATION_PARKED",
        }
    }
}
