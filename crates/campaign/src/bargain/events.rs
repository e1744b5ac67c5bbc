//! What others may rely on about bargains, and the live topics these facts touch.

use kernel::{BargainId, BargainRecordId, CustomerId, Event, Money, OrderId, SkuId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// The live topic of one record: its price, its cuts, its end.
pub fn record_topic(record: BargainRecordId) -> Topic {
    Topic::of("bargain.record", record)
}

/// The feed of one record's cuts, told one by one.
pub fn cuts_topic(record: BargainRecordId) -> Topic {
    Topic::of("bargain.cuts", record)
}

/// The live topic of a campaign's state and counters.
pub fn campaign_topic(bargain: BargainId) -> Topic {
    Topic::of("bargain.campaign", bargain)
}

/// Staff changed a campaign: its terms or its state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CampaignChanged {
    /// Which one.
    pub bargain: BargainId,
}

impl Event for CampaignChanged {
    const NAME: &'static str = "bargain.campaign_changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![campaign_topic(self.bargain)]
    }
}

/// A customer began a bargain.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordStarted {
    /// In which campaign.
    pub bargain: BargainId,
    /// Which record.
    pub record: BargainRecordId,
    /// Whose.
    pub owner: CustomerId,
    /// For what.
    pub sku: SkuId,
    /// Until when friends may cut.
    pub deadline: Timestamp,
}

impl Event for RecordStarted {
    const NAME: &'static str = "bargain.record_started.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![record_topic(self.record), campaign_topic(self.bargain)]
    }
}

/// A friend cut the price.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CutMade {
    /// In which campaign.
    pub bargain: BargainId,
    /// Of which record.
    pub record: BargainRecordId,
    /// Its number, from 1.
    pub no: u32,
    /// Who made it.
    pub helper: CustomerId,
    /// How many shares were drawn for it.
    pub draws: u32,
    /// By how much the price fell.
    pub amount: Money,
    /// What it costs now.
    pub price: Money,
    /// What is left to cut.
    pub remaining: Money,
}

impl Event for CutMade {
    const NAME: &'static str = "bargain.cut_made.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![record_topic(self.record)]
    }

    fn feeds(&self) -> Vec<Topic> {
        vec![cuts_topic(self.record)]
    }
}

/// Declares the facts that only say which record they are about.
macro_rules! facts { ($($(#[$doc:meta])* $fact:ident = $name:literal { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* })*) => {$(
    $(#[$doc])*
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct $fact {
        /// In which campaign.
        pub bargain: BargainId,
        /// Which record.
        pub record: BargainRecordId,
        /// Whose.
        pub owner: CustomerId,
        $($(#[$field_doc])* pub $field: $ty,)*
    }

    impl Event for $fact {
        const NAME: &'static str = $name;

        fn topics(&self) -> Vec<Topic> {
            vec![record_topic(self.record), campaign_topic(self.bargain)]
        }
    }
)*}; }

facts! {
    /// Every cut was made: it can be bought at the floor price.
    FloorReached = "bargain.floor_reached.v1" {
        /// Until when.
        pay_by: Timestamp
    }
    /// The owner placed an order for it.
    RecordOrdered = "bargain.record_ordered.v1" {
        /// Which one.
        order: OrderId,
        /// For how much.
        price: Money
    }
    /// Its order was cancelled unpaid: it can be used again.
    RecordReopened = "bargain.record_reopened.v1" {}
    /// It was bought.
    RecordPaid = "bargain.record_paid.v1" {
        /// With which order.
        order: OrderId
    }
    /// Its time ran out above the floor.
    RecordExpired = "bargain.record_expired.v1" {}
    /// The floor was reached and nobody bought in time.
    RecordPayExpired = "bargain.record_pay_expired.v1" {}
}
