//! What stands in front of the line. It only ever says no, quickly and honestly; whether there was a sale is the
//! database's to say.

use std::time::Duration;

use kernel::{FlashSaleId, Timestamp};
use platform::{
    Op,
    limiter::{Limiter, Rate},
};

use super::{error::BuyRefused, passes::Pass};

/// How much is let in.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests in line, per sale and node.
    pub line: usize,
    /// Requests in line of one customer, per sale and node.
    pub of_customer: usize,
    /// With so many before them, callers are told their place and do not wait for the answer.
    pub told_from: usize,
    /// Requests of one customer over time: on all nodes with Redis, else per node.
    pub rate: Rate,
    /// The most served in one transaction; what suits the database when not said.
    pub batch: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        let rate = Rate { burst: 20, period: Duration::from_secs(10) };
        Self { line: 4_096, of_customer: 4, told_from: 1_024, rate, batch: None }
    }
}

/// When whoever finds the line full may come again.
const COME_AGAIN: Duration = Duration::from_secs(1);

impl Limits {
    /// Whether this customer may ask again now.
    pub(super) async fn often(&self, (limiter, op): (&Limiter, &Op), pass: &Pass) -> Result<(), BuyRefused> {
        let key = rate_key(pass);
        limiter.take(&key, 1, self.rate, op.now()).await.map_err(BuyRefused::TooOften)
    }

    /// The line is full.
    pub(super) fn full(now: Timestamp) -> BuyRefused {
        BuyRefused::Busy(now + COME_AGAIN)
    }
}

fn rate_key(pass: &Pass) -> String {
    let FlashSaleId(sale) = pass.flash_sale;
    format!("flash_sale:{}:{}", sale.simple(), pass.customer)
}
