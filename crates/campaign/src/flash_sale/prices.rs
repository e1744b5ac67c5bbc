//! The answer to trade's question what a flash sale asks for a SKU.

use async_trait::async_trait;
use kernel::{Failure, FlashSaleId};
use platform::Op;
use trade::quote::{PlayPrice, PlayPrices, PlayRef, PlayRefused, service::WantedLine};

use super::{
    error::PassRefused,
    rules::sale::{Phase, State},
    store,
};

/// Prices of sales: as they were written when the session was published, also before it begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct SalePrices;

#[async_trait]
impl PlayPrices for SalePrices {
    async fn price(&self, op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>> {
        price(op, play, lines).await.map_err(|failure| match failure {
            Failure::Refused(refused) => PlayRefused::of(&refused).into(),
            Failure::Fault(fault) => Failure::Fault(fault),
        })
    }
}

async fn price(op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PassRefused>> {
    let id: FlashSaleId = play.id.parse().map_err(|_| PassRefused::NotFound)?;
    let sale = store::sale(op.reader(), id).await?.filter(|sale| sale.state() != State::Draft).ok_or(PassRefused::NotFound)?;
    if sale.phase(op.now()) == Phase::Ended {
        return Err(PassRefused::Over.into());
    }
    let priced = lines.iter().map(|line| {
        let unit_price = sale.price(line.sku).ok_or(PassRefused::NotOffered)?;
        if line.quantity > sale.row.most_per_order {
            return Err(PassRefused::OrderLimit(sale.row.most_per_order).into());
        }
        Ok(PlayPrice { sku: line.sku, unit_price, code: "FLASH_SALE".into() })
    });
    priced.collect()
}
