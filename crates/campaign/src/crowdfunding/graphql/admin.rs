//! What staff ask and do.

use async_graphql::{Context, InputObject, Object, Result, Subscription};
use entity::campaign::crowdfunding as table;
use futures_util::{Stream, StreamExt};
use kernel::{CrowdfundingId, Currency, Failure, Permission, ProductId, SkuId, Timestamp};
use platform::graphql::{Access, ContextExt, LocalizedTextInput, Long, MoneyInput, answer, live, page_request, payload};

use super::types::{
    Crowdfunding, CrowdfundingConnection, CrowdfundingGoalKind, CrowdfundingPledge, CrowdfundingPledgeConnection, CrowdfundingPledgeState,
    CrowdfundingProgress, CrowdfundingState,
};
use crate::{
    console::{
        self,
        graphql::{PlayCostInput, PlayPreview},
        rules::{Step, Window},
    },
    crowdfunding::{
        campaigns::{self, Draft, News, Question, TierDraft},
        error::EditRefused,
        query::{self, Eyes, Whose},
        rules::{Funding, Goal},
    },
};

/// A reward.
#[derive(InputObject)]
pub struct CrowdfundingTierInput {
    /// What it is called.
    title: LocalizedTextInput,
    /// What is shipped: a SKU of the product.
    sku_id: SkuId,
    /// For how much.
    price: MoneyInput,
    /// How many there are; any number when absent.
    stock: Option<i32>,
    /// Whether each piece has a number of its own.
    #[graphql(default)]
    numbered: bool,
    /// Pieces one backer may have; any number when absent.
    per_customer_limit: Option<i32>,
}

/// What is promised beyond the goal.
#[derive(InputObject)]
pub struct CrowdfundingStretchInput {
    /// From how much raised on, in what the goal counts.
    goal: Long,
    /// What is promised.
    title: LocalizedTextInput,
}

/// A crowdfunding.
#[derive(InputObject)]
pub struct CrowdfundingInput {
    /// What it is called.
    title: LocalizedTextInput,
    /// What is made.
    product_id: ProductId,
    /// What the goal counts.
    goal_kind: CrowdfundingGoalKind,
    /// What it asks for: minor units, or pieces.
    goal: Long,
    /// Whether the rewards are made even when the goal is missed.
    #[graphql(default)]
    keeps_all: bool,
    /// It gathers from then on; at once when absent.
    starts_at: Option<Timestamp>,
    /// Until then.
    ends_at: Timestamp,
    /// The rewards are shipped by then.
    ship_by: Timestamp,
    /// Its rewards: 1 to 50.
    tiers: Vec<CrowdfundingTierInput>,
    /// What is promised beyond the goal.
    #[graphql(default)]
    stretch_goals: Vec<CrowdfundingStretchInput>,
}

impl CrowdfundingInput {
    fn draft(self, now: Timestamp) -> std::result::Result<Draft, EditRefused> {
        let currency = self.tiers.first().map_or(Currency::Cny, |tier| tier.price.currency);
        if self.tiers.iter().any(|tier| tier.price.currency != currency) {
            return Err(EditRefused::Amount);
        }
        let tier = |tier: CrowdfundingTierInput| TierDraft {
            title: tier.title.into(),
            sku: tier.sku_id,
            price: tier.price.amount.0,
            stock: tier.stock.map(Into::into),
            numbered: tier.numbered,
            most_per_customer: tier.per_customer_limit.map(Into::into),
        };
        Ok(Draft {
            title: self.title.into(),
            product: self.product_id,
            window: Window { starts_at: self.starts_at.unwrap_or(now), ends_at: self.ends_at },
            ship_by: self.ship_by,
            goal: match self.goal_kind {
                CrowdfundingGoalKind::Amount => Goal::Amount(self.goal.0),
                CrowdfundingGoalKind::Units => Goal::Units(self.goal.0),
            },
            funding: if self.keeps_all { Funding::KeepItAll } else { Funding::AllOrNothing },
            currency,
            tiers: self.tiers.into_iter().map(tier).collect(),
            stretch: self.stretch_goals.into_iter().map(|stretch| (stretch.goal.0, stretch.title.into())).collect(),
        })
    }
}

platform::payload! {
    /// The crowdfunding, as it is now.
    pub struct CrowdfundingPayload {
        /// The crowdfunding.
        crowdfunding: Crowdfunding,
    }
}

/// Queries.
#[derive(Default)]
pub struct AdminQuery;

#[Object(name = "CrowdfundingAdminQuery")]
impl AdminQuery {
    /// Crowdfundings, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::CrowdfundingRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn crowdfundings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<CrowdfundingState>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<CrowdfundingConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(ctx.op()?, (Eyes::Staff, state.map(Into::into)), page).await)?.map(Crowdfunding).into())
    }

    /// One crowdfunding; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingRead)")]
    async fn crowdfunding(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: CrowdfundingId) -> Result<Option<Crowdfunding>> {
        Ok(answer(ctx, query::get(ctx.op()?, id, Eyes::Staff).await)?.map(Crowdfunding))
    }

    /// The pledges of a crowdfunding, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::CrowdfundingRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn crowdfunding_pledges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which one.")] crowdfunding_id: CrowdfundingId,
        #[graphql(desc = "Only in this state.")] state: Option<CrowdfundingPledgeState>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<CrowdfundingPledgeConnection> {
        let page = page_request(ctx, first, after)?;
        let whose = Whose::Of(crowdfunding_id, state.map(Into::into));
        Ok(answer(ctx, query::pledges(ctx.op()?, whose, page).await)?.map(CrowdfundingPledge).into())
    }

    /// What a crowdfunding gives away at the most, reward by reward, before it is published; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingRead)")]
    async fn crowdfunding_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
        #[graphql(desc = "What one unit costs the merchant, where it is known.")] costs: Option<Vec<PlayCostInput>>,
    ) -> Result<Option<PlayPreview>> {
        PlayPreview::answer(ctx, campaigns::preview(ctx.op()?, id, console::graphql::costs(costs)).await, &EditRefused::NotFound)
    }
}

/// Mutations.
#[derive(Default)]
pub struct AdminMutation;

#[Object(name = "CrowdfundingAdminMutation")]
impl AdminMutation {
    /// Writes a crowdfunding no shopper sees yet.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it promises.")] input: CrowdfundingInput,
    ) -> Result<CrowdfundingPayload> {
        let op = ctx.op()?;
        let created = match input.draft(op.now()) {
            Ok(draft) => campaigns::create(op, draft).await,
            Err(refused) => Err(refused.into()),
        };
        edited(ctx, created).await
    }

    /// Changes a crowdfunding that is still a draft; what is published keeps what it promised.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
        #[graphql(desc = "What it promises.")] input: CrowdfundingInput,
    ) -> Result<CrowdfundingPayload> {
        let op = ctx.op()?;
        let updated = match input.draft(op.now()) {
            Ok(draft) => campaigns::update(op, id, draft).await,
            Err(refused) => Err(refused.into()),
        };
        edited(ctx, updated).await
    }

    /// A draft that promises the same from now on.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_copy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
    ) -> Result<CrowdfundingPayload> {
        edited(ctx, campaigns::copy(ctx.op()?, id).await).await
    }

    /// Shows a crowdfunding; it gathers within its window. Refused while another play sells one of its SKUs then.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
    ) -> Result<CrowdfundingPayload> {
        edited(ctx, campaigns::step(ctx.op()?, id, Step::Publish).await).await
    }

    /// Lets nobody new pledge. The clock goes on.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
    ) -> Result<CrowdfundingPayload> {
        edited(ctx, campaigns::step(ctx.op()?, id, Step::Pause).await).await
    }

    /// Lets a paused crowdfunding go on.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
    ) -> Result<CrowdfundingPayload> {
        edited(ctx, campaigns::step(ctx.op()?, id, Step::Resume).await).await
    }

    /// Ends a crowdfunding before its deadline: it succeeds or fails by what is raised now.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_end_early(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
    ) -> Result<CrowdfundingPayload> {
        edited(ctx, campaigns::step(ctx.op()?, id, Step::End).await).await
    }

    /// Tells the backers something.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_post_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which one.")] id: CrowdfundingId,
        #[graphql(desc = "What it is about.")] title: LocalizedTextInput,
        #[graphql(desc = "What there is to say.")] body: LocalizedTextInput,
    ) -> Result<CrowdfundingPayload> {
        edited(ctx, campaigns::post(ctx.op()?, id, News { title: title.into(), body: body.into() }).await).await
    }

    /// Asks the backers something; who pledged has one vote.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingWrite)")]
    async fn crowdfunding_ask(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which one.")] id: CrowdfundingId,
        #[graphql(desc = "What is asked.")] question: LocalizedTextInput,
        #[graphql(desc = "What can be answered: 2 to 20.")] options: Vec<LocalizedTextInput>,
        #[graphql(desc = "Until when.")] closes_at: Timestamp,
    ) -> Result<CrowdfundingPayload> {
        let options = options.into_iter().map(Into::into).collect();
        edited(ctx, campaigns::ask(ctx.op()?, id, Question { question: question.into(), options, closes_at }).await).await
    }
}

async fn edited(ctx: &Context<'_>, done: std::result::Result<CrowdfundingId, Failure<EditRefused>>) -> Result<CrowdfundingPayload> {
    let row = query::edited(ctx.op()?, done).await;
    payload(ctx, row, |row: table::Model| CrowdfundingPayload { crowdfunding: Some(row.into()), ..Default::default() })
}

/// Subscriptions.
#[derive(Default)]
pub struct AdminSubscription;

#[Subscription(name = "CrowdfundingAdminSubscription")]
impl AdminSubscription {
    /// A crowdfunding as it is now, then after every change.
    #[graphql(guard = "Access::Staff(Permission::CrowdfundingRead)")]
    async fn crowdfunding_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<CrowdfundingProgress>> + use<>> {
        let frames = live(ctx, query::watch(ctx.op()?, (id, Eyes::Staff), after).await)?;
        Ok(frames.map(|frame| frame.map(CrowdfundingProgress::from)))
    }
}
