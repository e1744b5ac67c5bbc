//! Quotes as shoppers see them.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use kernel::{Failure, QuoteId, SkuId, TeamId, Timestamp};
use platform::Op;
use platform::graphql::{Access, ContextExt, MoneyObject, answer, payload};

use super::{
    PlayRef, QuoteRefused,
    service::{self, NewQuote, WantedLine},
};

/// A price promised to one shopper for a while.
#[derive(SimpleObject)]
pub struct Quote {
    /// Names the promise when the order is placed.
    id: QuoteId,
    /// The priced lines.
    lines: Vec<QuoteLine>,
    /// What the lines cost together.
    goods: MoneyObject,
    /// What bringing them costs.
    shipping: MoneyObject,
    /// What is paid; pass it as `expectedTotal`.
    total: MoneyObject,
    /// How the total came about; the amounts sum to it.
    trace: Vec<PriceTraceLine>,
    /// The promise ends.
    expires_at: Timestamp,
    /// The server's time, to run the countdown by.
    server_time: Timestamp,
}

/// One priced line.
#[derive(SimpleObject)]
pub struct QuoteLine {
    /// The SKU.
    sku_id: SkuId,
    /// How many.
    quantity: i32,
    /// Per piece, before discounts on the whole.
    unit_price: MoneyObject,
    /// Per piece times quantity.
    subtotal: MoneyObject,
    /// The line's share of discounts on the whole.
    discount: MoneyObject,
    /// What the line costs.
    payable: MoneyObject,
}

/// One step of how a total came about.
#[derive(SimpleObject)]
pub struct PriceTraceLine {
    /// The calculator: base_price, play_price, shipping.
    step: String,
    /// Why, as a stable code.
    code: String,
    /// On which line; the whole basket when not said.
    sku_id: Option<SkuId>,
    /// By how much the total changed; negative for a discount.
    amount: MoneyObject,
}

impl From<promotion::pricing::TraceLine> for PriceTraceLine {
    fn from(line: promotion::pricing::TraceLine) -> Self {
        Self { step: line.step.into_owned(), code: line.code.into_owned(), sku_id: line.sku, amount: line.amount.into() }
    }
}

impl Quote {
    fn of(now: Timestamp, quote: service::Quote) -> Self {
        let line = |line: promotion::pricing::PricedLine| QuoteLine {
            sku_id: line.sku,
            quantity: i32::try_from(line.quantity).unwrap_or(i32::MAX),
            unit_price: line.unit_price.into(),
            subtotal: line.subtotal.into(),
            discount: line.discount.into(),
            payable: line.payable.into(),
        };
        Self {
            id: quote.id,
            lines: quote.lines.into_iter().map(line).collect(),
            goods: quote.goods.into(),
            shipping: quote.shipping.into(),
            total: quote.total.into(),
            trace: quote.trace.into_iter().map(Into::into).collect(),
            expires_at: quote.expires_at,
            server_time: now,
        }
    }
}

/// A SKU and how many of it.
#[derive(InputObject)]
pub struct QuoteLineInput {
    /// The SKU.
    sku_id: SkuId,
    /// How many; 1 to 999.
    quantity: i32,
}

/// The marketing play that sets the price.
#[derive(InputObject)]
pub struct PlayInput {
    /// Which kind of play: `group_buy`.
    kind: String,
    /// Which one: the campaign's id.
    id: ID,
    /// The team that is joined; none opens a new one.
    team_id: Option<TeamId>,
    /// For how many a new team is opened, where the campaign offers several sizes.
    team_size: Option<i32>,
}

/// What a price is wanted for.
#[derive(InputObject)]
pub struct QuoteCreateInput {
    /// Each SKU once. Leave it out to quote what can be bought of the cart.
    lines: Option<Vec<QuoteLineInput>>,
    /// The play that sets the price; the catalog's price when not said.
    play: Option<PlayInput>,
}

platform::payload! {
    /// What became of `quoteCreate`.
    pub struct QuoteCreatePayload {
        /// The promise.
        quote: Quote,
    }
}

/// Questions about quotes.
#[derive(Default)]
pub struct QuoteQuery;

#[Object]
impl QuoteQuery {
    /// A quote of the signed-in shopper.
    #[graphql(guard = "Access::Customer")]
    async fn quote(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: QuoteId) -> Result<Option<Quote>> {
        let op = ctx.op()?;
        Ok(answer(ctx, service::get(op, id).await)?.map(|quote| Quote::of(op.now(), quote)))
    }
}

/// Making quotes.
#[derive(Default)]
pub struct QuoteMutation;

#[Object]
impl QuoteMutation {
    /// Promises a price for a quarter of an hour.
    #[graphql(guard = "Access::Customer")]
    async fn quote_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: QuoteCreateInput,
    ) -> Result<QuoteCreatePayload> {
        let op = ctx.op()?;
        payload(ctx, promised(op, input).await, |quote| QuoteCreatePayload {
            quote: Some(Quote::of(op.now(), quote)),
            ..Default::default()
        })
    }
}

async fn promised(op: &Op, input: QuoteCreateInput) -> std::result::Result<service::Quote, Failure<QuoteRefused>> {
    // A size that is no number of people is one that no campaign offers.
    let size = |size: i32| u32::try_from(size).unwrap_or(0);
    let play = input.play.map(|play| PlayRef { kind: play.kind, id: play.id.0, team: play.team_id, team_size: play.team_size.map(size) });
    let line = |line: QuoteLineInput| WantedLine { sku: line.sku_id, quantity: i64::from(line.quantity) };
    match input.lines {
        Some(lines) => service::create(op, NewQuote { lines: lines.into_iter().map(line).collect(), play, ..NewQuote::default() }).await,
        None => service::create_from_cart(op, NewQuote { play, ..NewQuote::default() }).await,
    }
}
