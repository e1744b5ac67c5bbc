//! What shoppers ask and do.

use async_graphql::{Context, InputObject, Object, Result, Subscription};
use futures_util::{Stream, StreamExt};
use kernel::{CrowdfundingId, CrowdfundingPollId, Failure, QuoteId, TierId};
use platform::graphql::{Access, ContextExt, MoneyInput, answer, live, page_request, payload};
use trade::order::graphql::{Order, ShippingAddressInput};

use super::types::{Crowdfunding, CrowdfundingConnection, CrowdfundingPledge, CrowdfundingPledgeConnection, CrowdfundingProgress};
use crate::crowdfunding::{
    error::BackRefused,
    query::{self, Eyes, Whose},
    service::{self, Pledge},
};

/// A pledge to be made.
#[derive(InputObject)]
pub struct CrowdfundingPledgeInput {
    /// For which reward.
    tier_id: TierId,
    /// The quote made for it: the price promised to you.
    quote_id: QuoteId,
    /// What you expect to pay: the order is refused when it is another amount.
    expected_total: MoneyInput,
    /// 8 to 64 letters, digits, dots, dashes or underscores; the same key has one effect.
    idempotency_key: String,
    /// Where it goes.
    shipping_address: ShippingAddressInput,
    /// Whether the shopper confirms that goods with a `returnException` cannot be given back without a reason. Needed when
    /// there are any.
    #[graphql(default)]
    confirm_return_exceptions: bool,
}

impl From<CrowdfundingPledgeInput> for Pledge {
    fn from(input: CrowdfundingPledgeInput) -> Self {
        Self {
            tier: input.tier_id,
            quote: input.quote_id,
            expected_total: input.expected_total.into(),
            address: input.shipping_address.into(),
            confirms_exceptions: input.confirm_return_exceptions,
            idempotency_key: input.idempotency_key,
        }
    }
}

platform::payload! {
    /// A pledge was made: it is held for your payment.
    pub struct CrowdfundingPledgePayload {
        /// The pledge.
        pledge: CrowdfundingPledge,
        /// Your order, to be paid.
        order: Order,
    }
}

platform::payload! {
    /// Your vote counts.
    pub struct CrowdfundingVotePayload {
        /// The crowdfunding with its questions.
        crowdfunding: Crowdfunding,
    }
}

/// Queries.
#[derive(Default)]
pub struct ShopQuery;

#[Object(name = "CrowdfundingShopQuery")]
impl ShopQuery {
    /// Crowdfundings, the newest first.
    #[graphql(complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1")]
    async fn crowdfundings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<CrowdfundingConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(ctx.op()?, (Eyes::Shop, None), page).await)?.map(Crowdfunding).into())
    }

    /// One crowdfunding; null when there is none.
    async fn crowdfunding(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: CrowdfundingId) -> Result<Option<Crowdfunding>> {
        Ok(answer(ctx, query::get(ctx.op()?, id, Eyes::Shop).await)?.map(Crowdfunding))
    }

    /// What you pledged, the newest first.
    #[graphql(guard = "Access::Customer", complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1")]
    async fn crowdfunding_my_pledges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<CrowdfundingPledgeConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::pledges(ctx.op()?, Whose::Mine, page).await)?.map(CrowdfundingPledge).into())
    }
}

/// Mutations.
#[derive(Default)]
pub struct ShopMutation;

#[Object(name = "CrowdfundingShopMutation")]
impl ShopMutation {
    /// Pledges: places your order, which waits, paid, until the deadline. Then it ships, or you get your money back.
    #[graphql(guard = "Access::Customer")]
    async fn crowdfunding_pledge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you pledge.")] input: CrowdfundingPledgeInput,
    ) -> Result<CrowdfundingPledgePayload> {
        let op = ctx.op()?;
        let made = query::made(op, service::make(op, input.into()).await).await;
        payload(ctx, made, |(pledge, order)| CrowdfundingPledgePayload {
            pledge: Some(pledge.into()),
            order: Some(order.into()),
            ..Default::default()
        })
    }

    /// Answers a question to the backers; another answer until it closes replaces yours.
    #[graphql(guard = "Access::Customer")]
    async fn crowdfunding_vote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which question.")] poll_id: CrowdfundingPollId,
        #[graphql(desc = "The place of your answer, from 0.")] choice: i32,
    ) -> Result<CrowdfundingVotePayload> {
        let op = ctx.op()?;
        let voted = match service::vote(op, (poll_id, choice.into())).await {
            Ok(id) => match query::get(op, id, Eyes::Shop).await {
                Ok(Some(row)) => Ok(row),
                Ok(None) => Err(BackRefused::NotFound("pollId").into()),
                Err(fault) => Err(Failure::<BackRefused>::Fault(fault)),
            },
            Err(failure) => Err(failure),
        };
        payload(ctx, voted, |row| CrowdfundingVotePayload { crowdfunding: Some(row.into()), ..Default::default() })
    }
}

/// Subscriptions.
#[derive(Default)]
pub struct ShopSubscription;

#[Subscription(name = "CrowdfundingShopSubscription")]
impl ShopSubscription {
    /// A crowdfunding as it is now, then after every change: what is raised, by how many, what is left of the rewards, its
    /// news and questions, and the very moment it ends.
    async fn crowdfunding_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: CrowdfundingId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<CrowdfundingProgress>> + use<>> {
        let frames = live(ctx, query::watch(ctx.op()?, (id, Eyes::Shop), after).await)?;
        Ok(frames.map(|frame| frame.map(CrowdfundingProgress::from)))
    }
}
