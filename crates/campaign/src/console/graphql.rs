//! A preview as staff see it.

use std::collections::HashMap;

use async_graphql::{InputObject, SimpleObject};
use kernel::{Fault, Money, SkuId};
use platform::graphql::{MoneyInput, MoneyObject};

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
pub(crate) fn costs(input: Option<Vec<PlayCostInput>>) -> HashMap<SkuId, Money> {
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
    /// As staff see it.
    pub(crate) fn of(lines: &[PreviewLine]) -> Result<Self, Fault> {
        Ok(Self { lines: lines.iter().map(Into::into).collect(), worst_case: preview::worst_case(lines)?.map(Into::into) })
    }
}
