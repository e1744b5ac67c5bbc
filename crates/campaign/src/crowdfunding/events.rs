//! What others may rely on about crowdfundings, and the live topic these facts touch.

use kernel::{CrowdfundingId, CustomerId, Event, OrderId, PledgeId, Topic};
use serde::{Deserialize, Serialize};

/// The live topic of a crowdfunding: what is raised, its rewards, its end, its news and questions.
pub fn topic(crowdfunding: CrowdfundingId) -> Topic {
    Topic::of("crowdfunding", crowdfunding)
}

/// Staff changed a crowdfunding, told its backers something, or asked them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CrowdfundingChanged {
    /// Which one.
    pub crowdfunding: CrowdfundingId,
}

impl Event for CrowdfundingChanged {
    const NAME: &'static str = "crowdfunding.changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.crowdfunding)]
    }
}

/// A pledge was paid, and counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pledged {
    /// In which crowdfunding.
    pub crowdfunding: CrowdfundingId,
    /// Which pledge.
    pub pledge: PledgeId,
    /// Whose.
    pub customer: CustomerId,
    /// With which order.
    pub order: OrderId,
    /// How much, in minor units.
    pub amount_minor: i64,
}

impl Event for Pledged {
    const NAME: &'static str = "crowdfunding.pledged.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.crowdfunding)]
    }
}

/// A crowdfunding is over, and enough was raised: its pledges are orders to ship.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CrowdfundingSucceeded {
    /// Which one.
    pub crowdfunding: CrowdfundingId,
    /// What was raised, in minor units.
    pub raised_minor: i64,
}

impl Event for CrowdfundingSucceeded {
    const NAME: &'static str = "crowdfunding.succeeded.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.crowdfunding)]
    }
}

/// A crowdfunding is over, and too little was raised: its pledges go back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CrowdfundingFailed {
    /// Which one.
    pub crowdfunding: CrowdfundingId,
    /// What was raised, in minor units.
    pub raised_minor: i64,
}

impl Event for CrowdfundingFailed {
    const NAME: &'static str = "crowdfunding.failed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.crowdfunding)]
    }
}
