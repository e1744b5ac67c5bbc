//! The answer to trade's question what a group buy asks for a SKU.

use async_trait::async_trait;
use entity::campaign::group_buy_team as team;
use kernel::{Failure, Fault, GroupBuyId};
use platform::Op;
use sea_orm::EntityTrait;
use trade::quote::{PlayPrice, PlayPrices, PlayRef, PlayRefused, service::WantedLine};

use super::{
    KIND,
    error::PriceRefused,
    rules::{
        campaign::{self, CampaignState},
        team::SeatRefused,
        terms::TeamTerms,
    },
    store,
};

/// Prices of teams: the leader's when a team is opened, the team's own when one is joined.
#[derive(Clone, Copy, Debug, Default)]
pub struct TeamPrices;

#[async_trait]
impl PlayPrices for TeamPrices {
    async fn price(&self, op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>> {
        price(op, play, lines).await.map_err(|failure| match failure {
            Failure::Refused(refused) => PlayRefused::of(&refused).into(),
            Failure::Fault(fault) => Failure::Fault(fault),
        })
    }
}

async fn price(op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PriceRefused>> {
    if play.kind != KIND {
        return Err(PriceRefused::NotFound("play.kind").into());
    }
    let group_buy: GroupBuyId = play.id.parse().map_err(|_| PriceRefused::NotFound("play.id"))?;
    let campaign = store::campaign(op.reader(), group_buy).await?.ok_or(PriceRefused::NotFound("play.id"))?;
    let (terms, code) = match play.team {
        // Whether there is a seat is decided when the order is placed; the price does not depend on it.
        Some(id) => {
            let row = team::Entity::find_by_id(id).one(op.reader()).await?.filter(|team| team.group_buy == group_buy);
            let row = row.ok_or(PriceRefused::NotFound("play.teamId"))?;
            (serde_json::from_value::<TeamTerms>(row.terms).map_err(Fault::from)?, "GROUP_BUY")
        }
        None => {
            if campaign.state() == CampaignState::Draft {
                return Err(PriceRefused::NotFound("play.id").into());
            }
            if !campaign::selling(campaign.state(), campaign.window(), op.now()) {
                return Err(PriceRefused::NotSelling.into());
            }
            let size = play.team_size.or_else(|| campaign.terms.sizes().first().copied());
            let terms =
                size.and_then(|size| campaign.terms.for_team(size)).ok_or(SeatRefused::SizeNotOffered).map_err(PriceRefused::Seat)?;
            (terms, "GROUP_BUY_LEADER")
        }
    };
    let priced = lines.iter().map(|line| {
        let price = if play.team.is_some() { terms.price(line.sku) } else { terms.leader_price(line.sku) };
        let unit_price = price.ok_or(PriceRefused::Seat(SeatRefused::SkuNotOffered))?;
        if line.quantity > i64::from(terms.most_per_order) {
            return Err(PriceRefused::Seat(SeatRefused::OrderLimit(terms.most_per_order)).into());
        }
        Ok(PlayPrice { sku: line.sku, unit_price, code: code.into() })
    });
    priced.collect()
}
