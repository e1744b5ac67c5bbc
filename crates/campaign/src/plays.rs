//! Whom trade asks for a play's price: the play that is named.

use async_trait::async_trait;
use kernel::Failure;
use platform::Op;
use trade::quote::{PlayPrice, PlayPrices, PlayRef, PlayRefused, service::WantedLine};

use crate::{bargain, crowdfunding, flash_sale, group_buy, presale};

/// Every play, by its kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plays;

#[async_trait]
impl PlayPrices for Plays {
    async fn price(&self, op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>> {
        match play.kind.as_str() {
            bargain::KIND => bargain::RecordPrices.price(op, play, lines).await,
            crowdfunding::KIND => crowdfunding::TierPrices.price(op, play, lines).await,
            flash_sale::KIND => flash_sale::SalePrices.price(op, play, lines).await,
            group_buy::KIND => group_buy::TeamPrices.price(op, play, lines).await,
            presale::KIND => presale::PresalePrices.price(op, play, lines).await,
            _ => Err(PlayRefused::unknown_kind().into()),
        }
    }
}
