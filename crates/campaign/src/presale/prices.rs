//! The answer to trade's question what a presale asks: for the presale's id the deposit (or everything), for a
//! reservation's id its balance.

use async_trait::async_trait;
use entity::campaign::{presale as campaign, presale_reservation as reservation};
use kernel::{Failure, Fault, Money, PresaleId, PresaleReservationId};
use platform::Op;
use sea_orm::EntityTrait;
use trade::quote::{PlayPrice, PlayPrices, PlayRef, PlayRefused, service::WantedLine};

use super::{
    campaigns,
    error::BuyRefused,
    rules::{self, ReserveRefused, Terms},
    service,
};
use crate::console::rules::runs;

/// Prices of deposits and balances.
#[derive(Clone, Copy, Debug, Default)]
pub struct PresalePrices;

#[async_trait]
impl PlayPrices for PresalePrices {
    async fn price(&self, op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>> {
        let priced = match (play.id.parse(), play.id.parse()) {
            (Ok(id), _) => first(op, id, lines).await,
            (_, Ok(id)) => balance(op, id, lines).await,
            _ => Err(BuyRefused::NotFound("play.id").into()),
        };
        priced.map_err(|failure| match failure {
            Failure::Refused(refused) => PlayRefused::of(&refused).into(),
            Failure::Fault(fault) => Failure::Fault(fault),
        })
    }
}

async fn first(op: &Op, id: PresaleId, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<BuyRefused>> {
    let row = campaign::Entity::find_by_id(id).one(op.reader()).await?.ok_or(BuyRefused::NotFound("play.id"))?;
    if !runs(campaigns::stand(row.state), campaigns::window(&row), op.now()) {
        return Err(ReserveRefused::NotSelling.into());
    }
    let skus = campaigns::skus_of(op.reader(), id).await?;
    let price = |line: &WantedLine| {
        let sku = skus.iter().find(|sku| sku.sku == line.sku).ok_or(BuyRefused::NotFound("lines"))?;
        let terms = campaigns::terms(&row, sku);
        let code = if terms.in_full { "PRESALE_FULL" } else { "PRESALE_DEPOSIT" };
        Ok(PlayPrice { sku: line.sku, unit_price: terms.first(), code: code.into() })
    };
    lines.iter().map(price).collect()
}

async fn balance(op: &Op, id: PresaleReservationId, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<BuyRefused>> {
    let row = reservation::Entity::find_by_id(id).one(op.reader()).await?;
    let row = row.filter(|row| op.actor.customer() == Some(row.customer)).ok_or(BuyRefused::NotFound("play.id"))?;
    rules::balance(service::state(row.state), (row.balance_from, row.balance_until), op.now())?;
    let [line] = lines else { return Err(BuyRefused::NotFound("lines").into()) };
    if line.sku != row.sku || line.quantity != row.quantity {
        return Err(BuyRefused::NotFound("lines").into());
    }
    let unit_price = balance_of(op, &row).await?;
    Ok(vec![PlayPrice { sku: line.sku, unit_price, code: "PRESALE_BALANCE".into() }])
}

/// What is left to pay for one piece of a reservation today.
pub(super) async fn balance_of(op: &Op, row: &reservation::Model) -> Result<Money, Fault> {
    let terms: Terms = serde_json::from_value(row.terms.clone())?;
    // What everybody pays today, members' prices aside.
    let today = promotion::offers::current(&op.system("presale"), &[row.sku]).await?;
    let today = today.get(&row.sku).map_or(Money::new(terms.price, terms.currency), |offer| offer.price);
    Ok(terms.balance(today))
}
