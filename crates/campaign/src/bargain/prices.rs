//! The answer to trade's question what a record costs.

use async_trait::async_trait;
use kernel::{BargainRecordId, Failure};
use platform::Op;
use trade::quote::{PlayPrice, PlayPrices, PlayRef, PlayRefused as QuotePlayRefused, service::WantedLine};

use super::{error::PlayRefused, query, rules::record, store};

/// What a record costs its owner now.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecordPrices;

#[async_trait]
impl PlayPrices for RecordPrices {
    async fn price(&self, op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<QuotePlayRefused>> {
        price(op, play, lines).await.map_err(|failure| match failure {
            Failure::Refused(refused) => QuotePlayRefused::of(&refused).into(),
            Failure::Fault(fault) => Failure::Fault(fault),
        })
    }
}

/// One piece of its SKU, for its owner, while it can be bought.
async fn price(op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>> {
    let id: BargainRecordId = play.id.parse().map_err(|_| PlayRefused::NotFound("play.id"))?;
    let row = query::record(op, id).await?.filter(|row| Some(row.owner) == op.actor.customer());
    let row = row.ok_or(PlayRefused::NotFound("play.id"))?;
    let [line] = lines else { return Err(PlayRefused::QuoteMismatch.into()) };
    if line.sku != row.sku || line.quantity != 1 {
        return Err(PlayRefused::QuoteMismatch.into());
    }
    let unit_price = record::may_buy(&store::aggregate(&row)?, op.now()).map_err(PlayRefused::Buy)?;
    Ok(vec![PlayPrice { sku: line.sku, unit_price, code: "BARGAIN".into() }])
}
