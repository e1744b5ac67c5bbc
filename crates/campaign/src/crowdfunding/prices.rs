//! The answer to trade's question what a crowdfunding asks for a SKU: the price of the reward that is named.

use async_trait::async_trait;
use entity::campaign::{crowdfunding as campaign, crowdfunding_tier as tier};
use kernel::{Failure, Money, TierId};
use platform::Op;
use sea_orm::EntityTrait;
use trade::quote::{PlayPrice, PlayPrices, PlayRef, PlayRefused, service::WantedLine};

use super::{campaigns, error::BackRefused, rules::PledgeRefused};
use crate::console::rules::runs;

/// Prices of rewards.
#[derive(Clone, Copy, Debug, Default)]
pub struct TierPrices;

#[async_trait]
impl PlayPrices for TierPrices {
    async fn price(&self, op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>> {
        price(op, play, lines).await.map_err(|failure| match failure {
            Failure::Refused(refused) => PlayRefused::of(&refused).into(),
            Failure::Fault(fault) => Failure::Fault(fault),
        })
    }
}

async fn price(op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<BackRefused>> {
    let id: TierId = play.id.parse().map_err(|_| BackRefused::NotFound("play.id"))?;
    let tier = tier::Entity::find_by_id(id).one(op.reader()).await?.ok_or(BackRefused::NotFound("play.id"))?;
    let row = campaign::Entity::find_by_id(tier.crowdfunding).one(op.reader()).await?.ok_or(BackRefused::NotFound("play.id"))?;
    if !runs(campaigns::stand(row.state), campaigns::window(&row), op.now()) {
        return Err(PledgeRefused::NotGathering.into());
    }
    if lines.len() != 1 || lines.iter().any(|line| line.sku != tier.sku) {
        return Err(BackRefused::QuoteMismatch.into());
    }
    let unit_price = Money::new(tier.price_minor, row.currency);
    Ok(lines.iter().map(|line| PlayPrice { sku: line.sku, unit_price, code: "CROWDFUNDING".into() }).collect())
}
