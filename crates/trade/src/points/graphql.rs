//! Points as shoppers and staff see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use kernel::{CustomerId, Permission, PostingId, Timestamp};
use platform::graphql::{Access, ContextExt, Long, answer, page_request, payload};

use super::service::{self, AdjustPoints, Points, Which};
use crate::ledger::service::{Period, StatementLine};

/// What somebody has in points.
#[derive(SimpleObject)]
pub struct PointsBalance {
    /// Can be spent.
    available: Long,
    /// Will be available when the time to send goods back is over.
    frozen: Long,
    /// Put aside for orders that are not paid yet.
    held: Long,
    /// Owed: they were taken back after they were spent, and points that come pay for them first.
    debt: Long,
    /// How many expire next.
    expiring: Option<Long>,
    /// When those expire.
    expiring_at: Option<Timestamp>,
}

impl From<Points> for PointsBalance {
    fn from(points: Points) -> Self {
        Self {
            available: Long(points.available),
            frozen: Long(points.frozen),
            held: Long(points.held),
            debt: Long(points.debt),
            expiring: points.expiring.map(|(points, _)| Long(points)),
            expiring_at: points.expiring.map(|(_, at)| at),
        }
    }
}

/// Which points a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Which")]
pub enum PointsAccount {
    /// Those that can be spent.
    Available,
    /// Those that wait.
    Frozen,
}

/// A line of a points statement.
#[derive(SimpleObject)]
pub struct PointsEntry {
    /// The booked fact.
    id: PostingId,
    /// The how-manieth of the account, from 1.
    sequence: Long,
    /// What kind of fact: `points_earned`, `points_held`, `points_expired`, ….
    kind: String,
    /// Which one: an order, a refund, or the reason when it was done by hand.
    reference: String,
    /// How many came, or went when it is below nothing.
    points: Long,
    /// How many there were then.
    balance: Long,
    /// When.
    at: Timestamp,
}

impl From<StatementLine> for PointsEntry {
    fn from(line: StatementLine) -> Self {
        Self {
            id: line.posting,
            sequence: Long(line.sequence),
            kind: line.business_type,
            reference: line.business_id,
            points: Long(line.amount.minor),
            balance: Long(line.balance),
            at: line.at,
        }
    }
}

platform::connection! {
    /// Points line by line, the latest first.
    pub struct PointsEntryConnection, PointsEntryEdge of PointsEntry
}

/// The shopper's points.
#[derive(Default)]
pub struct PointsShopQuery;

#[Object]
impl PointsShopQuery {
    /// What the signed-in shopper has in points.
    #[graphql(guard = "Access::Customer")]
    async fn points(&self, ctx: &Context<'_>) -> Result<PointsBalance> {
        let op = ctx.op()?;
        let customer = answer(ctx, op.customer())?;
        Ok(answer(ctx, service::balance(op, customer).await)?.into())
    }

    /// The signed-in shopper's points line by line, the latest first.
    #[graphql(guard = "Access::Customer")]
    async fn points_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which points; those that can be spent when not given.")] account: Option<PointsAccount>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the line to go on behind.")] after: Option<String>,
    ) -> Result<PointsEntryConnection> {
        let op = ctx.op()?;
        let which = (answer(ctx, op.customer())?, account.map(Into::into).unwrap_or_default());
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::statement(op, which, (Period::default(), page)).await)?.map(Into::into).into())
    }
}

/// Points, for staff.
#[derive(Default)]
pub struct PointsAdminQuery;

#[Object]
impl PointsAdminQuery {
    /// What a customer has in points.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn customer_points(&self, ctx: &Context<'_>, #[graphql(desc = "Whose.")] customer_id: CustomerId) -> Result<PointsBalance> {
        Ok(answer(ctx, service::balance(ctx.op()?, customer_id).await)?.into())
    }

    /// A customer's points line by line, the latest first.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn customer_points_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] customer_id: CustomerId,
        #[graphql(desc = "Which points; those that can be spent when not given.")] account: Option<PointsAccount>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the line to go on behind.")] after: Option<String>,
    ) -> Result<PointsEntryConnection> {
        let which = (customer_id, account.map(Into::into).unwrap_or_default());
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::statement(ctx.op()?, which, (Period::default(), page)).await)?.map(Into::into).into())
    }
}

/// A change of points by hand.
#[derive(InputObject)]
pub struct PointsAdjustInput {
    /// Whose points.
    customer_id: CustomerId,
    /// Above nothing to give, below to take.
    points: Long,
    /// Why, in words; 200 characters at most.
    reason: String,
    /// One effect per key.
    idempotency_key: String,
}

platform::payload! {
    /// What became of a change by hand.
    pub struct PointsAdjustPayload {
        /// What the customer has now.
        points: PointsBalance,
    }
}

/// What staff do about points.
#[derive(Default)]
pub struct PointsAdminMutation;

#[Object]
impl PointsAdminMutation {
    /// Gives a customer points by hand, or takes some; never more than can be spent.
    #[graphql(guard = "Access::Staff(Permission::LedgerWrite)")]
    async fn points_adjust(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: PointsAdjustInput,
    ) -> Result<PointsAdjustPayload> {
        let wanted = AdjustPoints { customer: input.customer_id, points: input.points.0, reason: input.reason };
        let done = service::adjust(ctx.op()?, wanted, &input.idempotency_key).await;
        payload(ctx, done, |points| PointsAdjustPayload { points: Some(points.into()), ..Default::default() })
    }
}
