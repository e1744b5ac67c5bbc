//! Types of both APIs. A type both show differently is a base here, merged with each API's own part.

use async_graphql::{Context, Enum, Object, Result};
use entity::campaign::{flash_sale as sale, flash_sale_item as item};
use kernel::{Currency, FlashSaleId, Money, SkuId, Timestamp};
use platform::graphql::{ContextExt, MoneyObject};

use super::loaders;
use crate::flash_sale::{
    rules::{counter::Answer, sale::Phase},
    store::Sale,
};

/// Where a sale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "FlashSaleState", remote = "sale::FlashSaleState")]
pub enum FlashSaleState {
    /// Being written; no shopper sees it.
    Draft,
    /// Its stock is put aside; it sells in its window.
    Published,
    /// Stopped for now.
    Paused,
    /// Over; what was left is back on the shelf.
    Ended,
}

/// Where a sale stands for a shopper at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "FlashSalePhase", remote = "Phase")]
pub enum FlashSalePhase {
    /// It has not begun.
    Upcoming,
    /// It sells.
    Running,
    /// It is stopped for now.
    Paused,
    /// Over.
    Ended,
}

/// What a shopper who shows a pass is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FlashSaleAnswer {
    /// The goods are yours to pay for: there is an order.
    Accepted,
    /// Fewer are left than you want; unpaid orders bring some back.
    SoldOut,
    /// You have all that one customer may have.
    LimitReached,
    /// The sale has not begun.
    NotStarted,
    /// The sale is stopped for now.
    Paused,
    /// The sale is over.
    Ended,
    /// You stand in line: the answer comes over `flashSaleQueue`.
    Queued,
}

impl From<Answer> for FlashSaleAnswer {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Accepted => Self::Accepted,
            Answer::SoldOut { .. } => Self::SoldOut,
            Answer::LimitReached { .. } => Self::LimitReached,
            Answer::NotStarted => Self::NotStarted,
            Answer::Paused => Self::Paused,
            Answer::Ended => Self::Ended,
        }
    }
}

/// One thing a sale sells.
pub struct FlashSaleItem {
    pub(super) row: item::Model,
    pub(super) currency: Currency,
}

/// One thing a sale sells.
#[Object]
impl FlashSaleItem {
    /// The SKU.
    async fn sku_id(&self) -> SkuId {
        self.row.sku
    }

    /// The product's title in the reader's language; null when it is gone.
    async fn title(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let locale = ctx.op()?.locale;
        Ok(loaders::sku(ctx, self.row.sku).await?.map(|sku| sku.title.get(locale).to_owned()))
    }

    /// The chosen options as one text, in the reader's language; blank when there is nothing to choose.
    async fn options_label(&self, ctx: &Context<'_>) -> Result<String> {
        let locale = ctx.op()?.locale;
        Ok(loaders::sku(ctx, self.row.sku).await?.map(|sku| sku.options_label.get(locale).to_owned()).unwrap_or_default())
    }

    /// Its picture.
    async fn image_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(loaders::sku(ctx, self.row.sku).await?.and_then(|sku| sku.image_url))
    }

    /// What one costs in the sale.
    async fn price(&self) -> MoneyObject {
        Money::new(self.row.price_minor, self.currency).into()
    }

    /// What one cost outside of the sale when the sale was written.
    async fn regular_price(&self) -> MoneyObject {
        Money::new(self.row.list_minor, self.currency).into()
    }

    /// How many the sale has of its own.
    async fn stock(&self) -> i32 {
        small(self.row.stock)
    }

    /// How many can be bought now.
    async fn left(&self) -> i32 {
        small(self.row.available)
    }

    /// How much of the stock is taken, in basis points: 10000 is sold out.
    async fn taken_bps(&self) -> i32 {
        small(taken_bps(&self.row))
    }
}

fn taken_bps(row: &item::Model) -> i64 {
    (row.reserved + row.sold) * 10_000 / Ord::max(row.stock, 1)
}

/// What both APIs show of a sale.
pub struct FlashSaleBase(pub Sale);

/// What both APIs show of a sale.
#[Object(name = "FlashSaleBase")]
impl FlashSaleBase {
    /// The sale's id.
    async fn id(&self) -> FlashSaleId {
        self.0.row.id
    }

    /// Its name in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.row.title.get(ctx.op()?.locale))
    }

    /// Where it stands.
    async fn state(&self) -> FlashSaleState {
        self.0.row.state.into()
    }

    /// Where it stands for a shopper at this moment.
    async fn phase(&self, ctx: &Context<'_>) -> Result<FlashSalePhase> {
        Ok(self.0.phase(ctx.op()?.now()).into())
    }

    /// Whether nothing can be bought of any item. Unpaid orders bring some back.
    async fn sold_out(&self) -> bool {
        self.0.is_sold_out()
    }

    /// When it begins to sell.
    async fn starts_at(&self) -> Timestamp {
        self.0.row.starts_at
    }

    /// When it ends.
    async fn ends_at(&self) -> Timestamp {
        self.0.row.ends_at
    }

    /// At most so many pieces in one order.
    async fn per_order_limit(&self) -> i32 {
        small(self.0.row.most_per_order)
    }

    /// At most so many pieces for one customer, across the whole session.
    async fn per_customer_limit(&self) -> i32 {
        small(self.0.row.most_per_customer)
    }

    /// How many minutes an order waits for its money; then its goods can be bought again.
    async fn pay_minutes(&self) -> i32 {
        small(self.0.row.pay_minutes)
    }
}

/// A count as GraphQL counts.
pub(super) fn small(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
