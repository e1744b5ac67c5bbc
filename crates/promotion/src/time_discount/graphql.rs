//! Time discounts as staff see them. Shoppers see them in what things cost.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use kernel::{Failure, Permission, SkuId, TimeDiscountId, Timestamp};
use platform::graphql::{Access, ContextExt, LocalizedTextInput, LocalizedTextObject, Long, answer, page_request, payload};

use super::{
    rules::{Stand, limits::Most},
    service::{self, Draft, Lower, PriceRow, Row},
};
use crate::{
    EditRefused,
    console::graphql::{PlayCostInput, PlayPreview, costs},
    graphql::small,
    offer::{Step, Window},
};

/// Where a limited-time discount stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TimeDiscountState {
    /// Being written; nobody sees it.
    Draft,
    /// Offered within its window.
    Active,
    /// Paused by staff: the usual prices hold until it is offered again.
    Stopped,
    /// Over: its time is, or staff ended it.
    Ended,
}

impl From<Stand> for TimeDiscountState {
    fn from(stand: Stand) -> Self {
        match stand {
            Stand::Draft => Self::Draft,
            Stand::Active => Self::Active,
            Stand::Stopped => Self::Stopped,
            Stand::Ended => Self::Ended,
        }
    }
}

impl From<TimeDiscountState> for Stand {
    fn from(state: TimeDiscountState) -> Self {
        match state {
            TimeDiscountState::Draft => Self::Draft,
            TimeDiscountState::Active => Self::Active,
            TimeDiscountState::Stopped => Self::Stopped,
            TimeDiscountState::Ended => Self::Ended,
        }
    }
}

/// What one SKU costs for a while.
#[derive(SimpleObject)]
pub struct TimeDiscountPrice {
    /// Which SKU.
    sku_id: SkuId,
    /// Its price, in minor units of its currency.
    price: Option<Long>,
    /// Or a share off, in basis points.
    off_bps: Option<i32>,
}

impl From<&PriceRow> for TimeDiscountPrice {
    fn from(row: &PriceRow) -> Self {
        Self { sku_id: row.sku, price: row.price_minor.map(Long), off_bps: row.off_bps.map(small) }
    }
}

/// Lower prices for a while.
pub struct TimeDiscount(Row, Vec<PriceRow>);

/// Lower prices for a while.
#[Object]
impl TimeDiscount {
    /// Which.
    async fn id(&self) -> TimeDiscountId {
        self.0.id
    }

    /// What it is called, in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.0.title).into()
    }

    /// What it is called.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.title.get(ctx.op()?.locale))
    }

    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> Result<TimeDiscountState> {
        Ok(service::stand(&self.0, ctx.op()?.now()).into())
    }

    /// It holds from then on.
    async fn starts_at(&self) -> Timestamp {
        self.0.starts_at
    }

    /// It holds until then.
    async fn ends_at(&self) -> Timestamp {
        self.0.ends_at
    }

    /// When staff ended it before its time; null when they did not.
    async fn ended_at(&self) -> Option<Timestamp> {
        self.0.ended_at
    }

    /// On what, and how much.
    async fn prices(&self) -> Vec<TimeDiscountPrice> {
        self.1.iter().map(Into::into).collect()
    }

    /// How many pieces one customer gets at these prices over the discount's life; null without a limit.
    async fn most_per_customer(&self) -> Option<i32> {
        self.0.most_per_customer.map(small)
    }

    /// How many pieces go at these prices in all; null without a limit.
    async fn most_in_all(&self) -> Option<i32> {
        self.0.most_in_all.map(small)
    }

    /// How many of `mostInAll` are ordered and not cancelled; null without that limit.
    async fn used(&self) -> Option<i32> {
        self.0.most_in_all.map(|_| small(self.0.used))
    }

    /// When staff changed it last.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

platform::connection! {
    /// Time discounts.
    pub struct TimeDiscountConnection, TimeDiscountEdge of TimeDiscount
}

/// What one SKU costs for a while: say one of the two.
#[derive(InputObject)]
pub struct TimeDiscountPriceInput {
    /// Which SKU.
    pub sku_id: SkuId,
    /// Its price, in minor units of its currency; below its usual one.
    pub price: Option<Long>,
    /// Or a share off, in basis points.
    pub off_bps: Option<i32>,
}

/// Lower prices for a while.
#[derive(InputObject)]
pub struct TimeDiscountInput {
    /// What it is called.
    pub title: LocalizedTextInput,
    /// It holds from then on.
    pub starts_at: Timestamp,
    /// It holds until then.
    pub ends_at: Timestamp,
    /// On what, and how much; 1 to 500 SKUs, each once.
    pub prices: Vec<TimeDiscountPriceInput>,
    /// How many pieces one customer gets at these prices over the discount's life; no limit when it is not said. A line of
    /// more pieces than are left costs what it does without the discount.
    pub most_per_customer: Option<i32>,
    /// How many pieces go at these prices in all; no limit when it is not said.
    pub most_in_all: Option<i32>,
}

impl TimeDiscountInput {
    fn draft(self) -> std::result::Result<Draft, Failure<EditRefused>> {
        let lower = |price: TimeDiscountPriceInput| match (price.price, price.off_bps) {
            (Some(minor), None) => Ok((price.sku_id, Lower::To(minor.0))),
            (None, Some(bps)) => Ok((price.sku_id, Lower::By(i64::from(bps)))),
            _ => Err(EditRefused::Price),
        };
        Ok(Draft {
            title: self.title.into(),
            window: Window { starts_at: self.starts_at, ends_at: self.ends_at },
            prices: self.prices.into_iter().map(lower).collect::<std::result::Result<_, _>>()?,
            most: Most { per_customer: self.most_per_customer.map(i64::from), in_all: self.most_in_all.map(i64::from) },
        })
    }
}

platform::payload! {
    /// The discount, as it is now.
    pub struct TimeDiscountPayload {
        /// The discount.
        time_discount: TimeDiscount,
    }
}

/// What staff ask about time discounts.
#[derive(Default)]
pub struct TimeDiscountAdminQuery;

#[Object]
impl TimeDiscountAdminQuery {
    /// Time discounts, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::PromotionRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn time_discounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<TimeDiscountState>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the row to go on behind.")] after: Option<String>,
    ) -> Result<TimeDiscountConnection> {
        let (op, page) = (ctx.op()?, page_request(ctx, first, after)?);
        let page = answer(ctx, service::list(op, state.map(Into::into), page).await)?;
        let ids: Vec<TimeDiscountId> = page.rows.iter().map(|(_, row)| row.id).collect();
        let mut prices = answer(ctx, service::prices_of(op, &ids).await)?;
        let rows = page.rows.into_iter().map(|(cursor, row)| {
            let own = prices.remove(&row.id).unwrap_or_default();
            (cursor, TimeDiscount(row, own))
        });
        Ok(kernel::Page { rows: rows.collect(), more: page.more }.into())
    }

    /// One time discount.
    #[graphql(guard = "Access::Staff(Permission::PromotionRead)")]
    async fn time_discount(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: TimeDiscountId) -> Result<Option<TimeDiscount>> {
        match answer(ctx, service::get(ctx.op()?, id).await)? {
            Some(row) => Ok(Some(with_prices(ctx, row).await?)),
            None => Ok(None),
        }
    }

    /// What a time discount comes to: price, margin and the most it gives away. Null when there is no such discount.
    #[graphql(guard = "Access::Staff(Permission::PromotionRead)")]
    async fn time_discount_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: TimeDiscountId,
        #[graphql(desc = "What one unit costs the merchant, for margins.")] costs: Option<Vec<PlayCostInput>>,
    ) -> Result<Option<PlayPreview>> {
        PlayPreview::answer(ctx, service::preview(ctx.op()?, (id, &self::costs(costs))).await, &EditRefused::NotFound)
    }
}

/// What staff do about time discounts.
#[derive(Default)]
pub struct TimeDiscountAdminMutation;

#[Object]
impl TimeDiscountAdminMutation {
    /// Writes lower prices nobody sees yet.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn time_discount_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The discount.")] input: TimeDiscountInput,
    ) -> Result<TimeDiscountPayload> {
        let made = match input.draft() {
            Ok(draft) => service::create(ctx.op()?, draft).await,
            Err(refused) => Err(refused),
        };
        kept(ctx, made).await
    }

    /// Changes a draft. What was offered once is fixed: to promise something else, end it and offer a copy.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn time_discount_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: TimeDiscountId,
        #[graphql(desc = "The discount, all of it.")] input: TimeDiscountInput,
    ) -> Result<TimeDiscountPayload> {
        let changed = match input.draft() {
            Ok(draft) => service::update(ctx.op()?, id, draft).await,
            Err(refused) => Err(refused),
        };
        kept(ctx, changed).await
    }

    /// Offers lower prices, or lets them go on after a pause. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn time_discount_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: TimeDiscountId,
    ) -> Result<TimeDiscountPayload> {
        kept(ctx, service::step(ctx.op()?, id, Step::Activate).await).await
    }

    /// Pauses lower prices: the usual ones hold until `timeDiscountActivate` lets them go on. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn time_discount_stop(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: TimeDiscountId) -> Result<TimeDiscountPayload> {
        kept(ctx, service::step(ctx.op()?, id, Step::Stop).await).await
    }

    /// Ends lower prices for good, before their time: the usual ones hold at once. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn time_discount_end_early(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: TimeDiscountId,
    ) -> Result<TimeDiscountPayload> {
        kept(ctx, service::end(ctx.op()?, id).await).await
    }

    /// Writes a copy, as a draft; its window is moved by whole days until it lies ahead.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn time_discount_copy(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: TimeDiscountId) -> Result<TimeDiscountPayload> {
        kept(ctx, service::copy(ctx.op()?, id).await).await
    }
}

async fn with_prices(ctx: &Context<'_>, row: Row) -> Result<TimeDiscount> {
    let mut prices = answer(ctx, service::prices_of(ctx.op()?, &[row.id]).await)?;
    let own = prices.remove(&row.id).unwrap_or_default();
    Ok(TimeDiscount(row, own))
}

async fn kept(ctx: &Context<'_>, row: std::result::Result<Row, Failure<EditRefused>>) -> Result<TimeDiscountPayload> {
    match row {
        Ok(row) => Ok(TimeDiscountPayload { time_discount: Some(with_prices(ctx, row).await?), ..Default::default() }),
        Err(failure) => payload(ctx, Err::<Row, _>(failure), |_| TimeDiscountPayload::default()),
    }
}
