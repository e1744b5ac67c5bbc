//! A preview as staff see it.

use std::collections::HashMap;

use async_graphql::{Context, InputObject, Result, SimpleObject};
use kernel::{Failure, Fault, Money, Refusal, SkuId};
use platform::graphql::{Long, MoneyInput, MoneyObject, answer};

use super::preview::{self, PreviewLine};

/// What one unit of a SKU costs the merchant.
#[derive(InputObject)]
pub struct PlayCostInput {
    /// Which SKU.
    pub sku_id: SkuId,
    /// What one unit costs.
    pub cost: MoneyInput,
}

/// The costs by SKU.
pub fn costs(input: Option<Vec<PlayCostInput>>) -> HashMap<SkuId, Money> {
    input.unwrap_or_default().into_iter().map(|cost| (cost.sku_id, cost.cost.into())).collect()
}

/// What a play does to one SKU.
#[derive(SimpleObject)]
pub struct PlayPreviewLine {
    /// Which SKU.
    pub sku_id: SkuId,
    /// What everybody pays without the play.
    pub regular_price: MoneyObject,
    /// What one unit brings in the play, at its cheapest.
    pub price: MoneyObject,
    /// What one unit costs the merchant; null when it was not said.
    pub cost: Option<MoneyObject>,
    /// What is left of the price once its cost is paid; null without a cost.
    pub margin: Option<MoneyObject>,
    /// The most units it may sell: its own stock, or all that can be bought now; null when it sells any number.
    pub units: Option<Long>,
    /// What the play gives away when everything it may sell is sold; null when it sells any number.
    pub worst_case: Option<MoneyObject>,
}

impl From<&PreviewLine> for PlayPreviewLine {
    fn from(line: &PreviewLine) -> Self {
        Self {
            sku_id: line.sku,
            regular_price: line.regular.into(),
            price: line.price.into(),
            cost: line.cost.map(Into::into),
            margin: line.margin.map(Into::into),
            units: line.units.map(Long),
            worst_case: line.worst_case.map(Into::into),
        }
    }
}

/// What a play costs, before it begins.
#[derive(SimpleObject)]
pub struct PlayPreview {
    /// SKU by SKU.
    pub lines: Vec<PlayPreviewLine>,
    /// What it gives away against the regular prices at the most; null when a line has no bound.
    pub worst_case: Option<MoneyObject>,
}

impl PlayPreview {
    /// What staff are told who asked for a play's preview: nothing when there is no such play.
    pub fn answer<R: Refusal + PartialEq>(
        ctx: &Context<'_>,
        lines: std::result::Result<Vec<PreviewLine>, Failure<R>>,
        not_found: &R,
    ) -> Result<Option<Self>> {
        match lines {
            Err(Failure::Refused(refused)) if refused == *not_found => Ok(None),
            lines => Ok(Some(answer(ctx, Self::of(&answer(ctx, lines)?))?)),
        }
    }

    /// As staff see it.
    pub fn of(lines: &[PreviewLine]) -> std::result::Result<Self, Fault> {
        Ok(Self { lines: lines.iter().map(Into::into).collect(), worst_case: preview::worst_case(lines)?.map(Into::into) })
    }
}
