//! Whom trade asks for a play's price: the play that is named.

use async_trait::async_trait;
use kernel::Failure;
use platform::Op;
use trade::quote::{PlayPrice, PlayPrices, PlayRef, PlayRefused, service::WantedLine};

use crate::{bargain, flash_sale, group_buy};

/// Every play, by its kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plays;

#[async_trait]
impl PlayPrices for Plays {
    async fn price(&self, op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>> {
        match play.kind.as_str() {
            flash_sale::KIND => flash_sale::SalePrices.price(op, play, lines).await,
            bargain::KIND => bargain::RecordPrices.price(op, play, lines).await,
            group_buy::KIND => group_buy::TeamPrices.price(op, play, lines).await,
            _ => Err(PlayRefused::unknown_kind().into()),
        }
    }
}
