//! What others may rely on about wallets.

use kernel::{CustomerId, Event, Money, TopUpId, Topic};
use serde::{Deserialize, Serialize};

/// The live topic of one customer's wallet.
pub fn topic(customer: CustomerId) -> Topic {
    Topic::of("trade.wallet", customer)
}

/// Money came into a wallet from outside. Told once per top-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletToppedUp {
    /// Which top-up.
    pub top_up: TopUpId,
    /// Whose wallet.
    pub customer: CustomerId,
    /// How much.
    pub amount: Money,
}

impl Event for WalletToppedUp {
    const NAME: &'static str = "trade.wallet_topped_up.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.customer)]
    }
}

/// What stands in a wallet is another amount now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletChanged {
    /// Whose.
    pub customer: CustomerId,
}

impl Event for WalletChanged {
    const NAME: &'static str = "trade.wallet_changed.v1";
    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.customer)]
    }
}
