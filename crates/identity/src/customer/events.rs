//! Facts about customers.

use kernel::{CustomerId, Event, Timestamp};
use serde::{Deserialize, Serialize};

/// How a customer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Via {
    /// By WeChat's mini-program.
    WeChat,
    /// By a code sent to their phone.
    Phone,
    /// Made for a demo.
    Demo,
}

/// Somebody signed in for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRegistered {
    /// Who.
    pub customer: CustomerId,
    /// How they came.
    pub via: Via,
    /// When.
    pub at: Timestamp,
}

impl Event for CustomerRegistered {
    const NAME: &'static str = "identity.customer_registered.v1";
}
