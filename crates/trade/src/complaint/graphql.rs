//! Complaints as shoppers and staff see them.

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use kernel::{AfterSaleId, ComplaintId, CustomerId, MediaId, OrderId, Permission, RefundId, Timestamp};
use platform::{
    graphql::{Access, ContextExt, MoneyInput, MoneyObject, answer, live, page_request, payload, personal},
    live::Live,
};

use super::{
    Refused,
    query::{self, ComplaintFilter},
    rules,
    service::{self, Decide, FileComplaint, Say, Verdict},
};
use crate::after_sale::graphql::{AfterSaleMoment, ComplaintToldOf, load};

/// Where a complaint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::State")]
pub enum ComplaintState {
    /// Waits for the merchant's answer.
    Filed,
    /// The merchant answered; waits for the decision.
    Answered,
    /// The merchant did not answer in time; waits for the decision.
    Unanswered,
    /// The shopper is right.
    Upheld,
    /// The merchant is right.
    Dismissed,
    /// The shopper gave it up.
    Withdrawn,
}

/// What a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::About")]
pub enum ComplaintTopic {
    /// The merchant said no to an after-sale case.
    Rejected,
    /// The goods.
    Goods,
    /// How, or whether, they came.
    Delivery,
    /// How the shopper was treated.
    Service,
    /// What was promised.
    FalsePromise,
    /// Something else.
    Other,
}

/// Who is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Verdict")]
pub enum ComplaintVerdict {
    /// The shopper.
    Upheld,
    /// The merchant.
    Dismissed,
}

/// A shopper's complaint, which staff decide.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Complaint {
    /// Its id.
    id: ComplaintId,
    /// About which order.
    order_id: OrderId,
    /// About which after-sale case of it.
    after_sale_id: Option<AfterSaleId>,
    /// Whose.
    customer_id: CustomerId,
    /// Where it stands.
    state: ComplaintState,
    /// About what.
    topic: ComplaintTopic,
    /// The merchant answers, or staff decide, by then.
    due_at: Option<Timestamp>,
    /// Why it was decided so.
    decision: Option<String>,
    /// What the shopper gets for it.
    compensation: Option<MoneyObject>,
    /// The refund that became of the compensation.
    refund_id: Option<RefundId>,
    /// When it was filed.
    created_at: Timestamp,
    /// When something happened last.
    updated_at: Timestamp,
    /// When it ended.
    closed_at: Option<Timestamp>,
}

impl From<service::Complaint> for Complaint {
    fn from(complaint: service::Complaint) -> Self {
        Self {
            id: complaint.id,
            order_id: complaint.order,
            after_sale_id: complaint.case,
            customer_id: complaint.customer,
            state: complaint.state.into(),
            topic: complaint.about.into(),
            due_at: complaint.due_at,
            decision: complaint.decision,
            compensation: complaint.compensation.map(Into::into),
            refund_id: complaint.refund,
            created_at: complaint.created_at,
            updated_at: complaint.updated_at,
            closed_at: complaint.closed_at,
        }
    }
}

#[ComplexObject]
impl Complaint {
    /// What was said, the first first.
    async fn timeline(&self, ctx: &Context<'_>) -> Result<Vec<AfterSaleMoment>> {
        Ok(load(ctx, ComplaintToldOf(self.id)).await?.into_iter().map(Into::into).collect())
    }
}

platform::connection! {
    /// A page of complaints, the newest first.
    pub struct ComplaintConnection, ComplaintEdge of Complaint
}

platform::payload! {
    /// What became of a change to a complaint.
    pub struct ComplaintPayload {
        /// The complaint as it stands now.
        complaint: Complaint,
    }
}

/// A complaint to be filed.
#[derive(InputObject)]
pub struct ComplaintFileInput {
    /// About which order.
    order_id: OrderId,
    /// About which rejected after-sale case of it; the case waits for the decision.
    after_sale_id: Option<AfterSaleId>,
    /// About what.
    topic: ComplaintTopic,
    /// What happened; 500 characters at most.
    note: String,
    /// Pictures that prove it, sent in before (`evidenceUploadBegin`); 9 at most.
    #[graphql(default)]
    media_ids: Vec<MediaId>,
    /// One effect per key.
    idempotency_key: String,
}

/// Words and pictures about a complaint.
#[derive(InputObject)]
pub struct ComplaintSayInput {
    /// About which complaint.
    id: ComplaintId,
    /// What; 500 characters at most.
    note: String,
    /// Pictures the sender sent in before; 9 at most.
    #[graphql(default)]
    media_ids: Vec<MediaId>,
}

impl From<ComplaintSayInput> for Say {
    fn from(input: ComplaintSayInput) -> Self {
        Self { complaint: input.id, note: input.note, media: input.media_ids }
    }
}

/// A decision.
#[derive(InputObject)]
pub struct ComplaintDecideInput {
    /// Of which complaint.
    id: ComplaintId,
    /// Who is right. The shopper only once the merchant answered, or their time is over.
    verdict: ComplaintVerdict,
    /// Why; 500 characters at most.
    note: String,
    /// What the shopper gets beside what their case is about; it goes back to where the money came from.
    compensation: Option<MoneyInput>,
}

/// Which complaints are wanted.
#[derive(InputObject, Default)]
pub struct ComplaintFilterInput {
    /// Only those in one of these states.
    states: Option<Vec<ComplaintState>>,
    /// Only those about this order.
    order_id: Option<OrderId>,
    /// Only this shopper's.
    customer_id: Option<CustomerId>,
}

/// A complaint as it stands, and as it changes.
#[derive(SimpleObject)]
pub struct ComplaintUpdate {
    /// Resumes behind this state: pass it as `after`.
    cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    gap: bool,
    /// The server's time, to run countdowns by.
    server_time: Timestamp,
    /// The complaint.
    complaint: Complaint,
}

impl From<Live<service::Complaint>> for ComplaintUpdate {
    fn from(frame: Live<service::Complaint>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, complaint: frame.value.into() }
    }
}

/// A shopper's questions about their complaints.
#[derive(Default)]
pub struct ComplaintShopQuery;

#[Object]
impl ComplaintShopQuery {
    /// The signed-in shopper's complaints, the newest first.
    #[graphql(guard = "Access::Customer")]
    async fn complaints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many; 20 when not said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<ComplaintConnection> {
        let op = ctx.op()?;
        let filter = ComplaintFilter { customer: Some(answer(ctx, op.customer())?), ..ComplaintFilter::default() };
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(op, filter, page).await)?.map(Complaint::from).into())
    }

    /// One of the signed-in shopper's complaints.
    #[graphql(guard = "Access::Customer")]
    async fn complaint(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ComplaintId) -> Result<Option<Complaint>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }
}

/// What a shopper does with complaints.
#[derive(Default)]
pub struct ComplaintShopMutation;

#[Object]
impl ComplaintShopMutation {
    /// Files a complaint about a paid order, or about the merchant's no to an after-sale case of it.
    #[graphql(guard = "Access::Customer")]
    async fn complaint_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complaint.")] input: ComplaintFileInput,
    ) -> Result<ComplaintPayload> {
        let wanted = FileComplaint {
            order: input.order_id,
            case: input.after_sale_id,
            about: input.topic.into(),
            note: input.note,
            media: input.media_ids,
        };
        ended(ctx, service::file(ctx.op()?, wanted, &input.idempotency_key).await)
    }

    /// Adds words and pictures.
    #[graphql(guard = "Access::Customer")]
    async fn complaint_say(&self, ctx: &Context<'_>, #[graphql(desc = "What.")] input: ComplaintSayInput) -> Result<ComplaintPayload> {
        ended(ctx, service::say(ctx.op()?, input.into()).await)
    }

    /// Gives a complaint up; the case it is about is rejected for good.
    #[graphql(guard = "Access::Customer")]
    async fn complaint_withdraw(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ComplaintId) -> Result<ComplaintPayload> {
        ended(ctx, service::withdraw(ctx.op()?, id).await)
    }
}

/// What a shopper watches of complaints.
#[derive(Default)]
pub struct ComplaintShopSubscription;

#[Subscription]
impl ComplaintShopSubscription {
    /// One of the signed-in shopper's complaints: as it stands, then at every change.
    #[graphql(guard = "Access::Customer", directive = personal::apply())]
    async fn complaint_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ComplaintId,
        #[graphql(desc = "The last cursor that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ComplaintUpdate>> + use<>> {
        Ok(live(ctx, query::watch(ctx.op()?, id, after).await)?.map(|frame| frame.map(Into::into)))
    }
}

/// Staff's questions about complaints.
#[derive(Default)]
pub struct ComplaintAdminQuery;

#[Object]
impl ComplaintAdminQuery {
    /// Everybody's complaints, the newest first.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleRead)")]
    async fn complaints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<ComplaintFilterInput>,
        #[graphql(desc = "How many; 20 when not said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<ComplaintConnection> {
        let filter = filter.unwrap_or_default();
        let filter = ComplaintFilter {
            customer: filter.customer_id,
            order: filter.order_id,
            states: filter.states.map(|states| states.into_iter().map(Into::into).collect()),
        };
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(ctx.op()?, filter, page).await)?.map(Complaint::from).into())
    }

    /// A complaint.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleRead)")]
    async fn complaint(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ComplaintId) -> Result<Option<Complaint>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }
}

/// What staff do with complaints.
#[derive(Default)]
pub struct ComplaintAdminMutation;

#[Object]
impl ComplaintAdminMutation {
    /// The merchant's answer.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn complaint_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: ComplaintSayInput,
    ) -> Result<ComplaintPayload> {
        ended(ctx, service::say(ctx.op()?, input.into()).await)
    }

    /// Decides between shopper and merchant. Of a complaint that is upheld the case goes on as if it had been accepted.
    #[graphql(guard = "Access::Staff(Permission::ComplaintDecide)")]
    async fn complaint_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: ComplaintDecideInput,
    ) -> Result<ComplaintPayload> {
        let decision = Decide {
            complaint: input.id,
            verdict: input.verdict.into(),
            note: input.note,
            compensation: input.compensation.map(Into::into),
        };
        ended(ctx, service::decide(ctx.op()?, decision).await)
    }
}

fn ended(ctx: &Context<'_>, moved: std::result::Result<service::Complaint, kernel::Failure<Refused>>) -> Result<ComplaintPayload> {
    payload(ctx, moved, |complaint| ComplaintPayload { complaint: Some(complaint.into()), ..Default::default() })
}
