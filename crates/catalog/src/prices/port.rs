//! Whom the catalog asks what a SKU costs now.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{Fault, LocalizedText, Money, SkuId, Timestamp};
use platform::Op;

/// What lowers a price, or sells a SKU beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its kind: `time_discount`, `member_price`, or a play's (`group_buy`, `flash_sale`, …).
    pub kind: String,
    /// Which one.
    pub id: String,
    /// What it is called.
    pub title: LocalizedText,
}

/// What a SKU costs now, resolved: what the cart will charge for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkuOffer {
    /// Which SKU.
    pub sku: SkuId,
    /// What it costs without any offer.
    pub list: Money,
    /// What it costs now.
    pub price: Money,
    /// What lowers the price; none when nothing does.
    pub applied: Option<Activity>,
    /// When the price, or the play, is over; none while nobody knows.
    pub ends_at: Option<Timestamp>,
    /// Since when the price is lowered, for the comparison.
    pub since: Option<Timestamp>,
    /// The play that sells the SKU now, at a price of its own behind its own door.
    pub play: Option<Activity>,
}

/// Answers what SKUs cost. Asked for a whole page at once.
#[async_trait]
pub trait Offers: Send + Sync + 'static {
    /// What these SKUs cost whoever asks; unknown ones are not in the answer.
    async fn offers(&self, op: &Op, skus: &[SkuId]) -> Result<HashMap<SkuId, SkuOffer>, Fault>;
}
