//! What staff do with after-sale cases.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use kernel::{AfterSaleId, ComplaintId, CustomerId, OrderId, Permission, Timestamp};
use platform::{
    graphql::{Access, ContextExt, MoneyInput, MoneyObject, answer, feed, hidden, live, page_request, payload},
    live::{Heard, Live},
};

use super::types::{
    AfterSaleCase, AfterSaleConnection, AfterSaleParcelInput, AfterSalePayload, AfterSaleSayInput, AfterSaleState, AfterSaleUpdate, ended,
};
use crate::{
    after_sale::{
        events::AfterSaleChanged,
        policy,
        query::{self, CaseFilter},
        rules::Policy,
        service::{self, Approve, Pass, Reship, Say},
    },
    complaint::events::ComplaintChanged,
};

/// Which cases are wanted.
#[derive(InputObject, Default)]
pub struct AfterSaleFilterInput {
    /// Only those in one of these states.
    states: Option<Vec<AfterSaleState>>,
    /// Only those of this order.
    order_id: Option<OrderId>,
    /// Only this shopper's.
    customer_id: Option<CustomerId>,
    /// Only those that move by themselves before then, the most urgent first.
    due_before: Option<Timestamp>,
}

/// The merchant's terms.
#[derive(SimpleObject)]
pub struct AfterSalePolicy {
    /// The merchant answers within so many hours, or has agreed.
    answer_hours: i32,
    /// The shopper sends the goods back within so many days, or has given up.
    return_days: i32,
    /// What is sent back is taken as received and fine after so many days.
    receive_days: i32,
    /// What came back is looked at within so many hours, or is fine.
    inspect_hours: i32,
    /// The replacement leaves the house within so many hours, or the money goes back.
    reship_hours: i32,
    /// The replacement is taken as received after so many days.
    confirm_days: i32,
    /// What is broken, wrong or missing can be said so many days after the goods arrived.
    fault_days: i32,
    /// A no can be complained about for so many days.
    complain_days: i32,
    /// Each side of a complaint has so many hours.
    complaint_hours: i32,
    /// Nobody has to agree to a refund up to this; nothing is never.
    instant_most: Option<MoneyObject>,
    /// … of a shopper who has received so many orders,
    instant_orders: i32,
    /// … and asked no more often than this within 90 days, and was never refused.
    instant_cases: i32,
    /// Where goods are sent back to, when the merchant does not say otherwise.
    return_to: String,
}

impl From<Policy> for AfterSalePolicy {
    fn from(policy: Policy) -> Self {
        let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        Self {
            answer_hours: count(policy.answer_hours),
            return_days: count(policy.return_days),
            receive_days: count(policy.receive_days),
            inspect_hours: count(policy.inspect_hours),
            reship_hours: count(policy.reship_hours),
            confirm_days: count(policy.confirm_days),
            fault_days: count(policy.fault_days),
            complain_days: count(policy.complain_days),
            complaint_hours: count(policy.complaint_hours),
            instant_most: policy.instant_most.map(Into::into),
            instant_orders: count(policy.instant_orders),
            instant_cases: count(policy.instant_cases),
            return_to: policy.return_to,
        }
    }
}

/// The merchant's terms; what is not said is the default.
#[derive(InputObject)]
pub struct AfterSalePolicyInput {
    /// The merchant answers within so many hours, or has agreed; 1 to 2160.
    answer_hours: Option<u32>,
    /// The shopper sends the goods back within so many days, or has given up; 3 to 90.
    return_days: Option<u32>,
    /// What is sent back is taken as received and fine after so many days; 1 to 90.
    receive_days: Option<u32>,
    /// What came back is looked at within so many hours, or is fine; 1 to 2160.
    inspect_hours: Option<u32>,
    /// The replacement leaves the house within so many hours, or the money goes back; 1 to 2160.
    reship_hours: Option<u32>,
    /// The replacement is taken as received after so many days; 1 to 90.
    confirm_days: Option<u32>,
    /// What is broken, wrong or missing can be said so many days after the goods arrived; 7 to 90.
    fault_days: Option<u32>,
    /// A no can be complained about for so many days; 1 to 90.
    complain_days: Option<u32>,
    /// Each side of a complaint has so many hours; 1 to 2160.
    complaint_hours: Option<u32>,
    /// Nobody has to agree to a refund up to this; not said is never.
    instant_most: Option<MoneyInput>,
    /// … of a shopper who has received so many orders,
    instant_orders: Option<u32>,
    /// … and asked no more often than this within 90 days, and was never refused.
    instant_cases: Option<u32>,
    /// Where goods are sent back to; 300 characters at most.
    return_to: Option<String>,
}

impl From<AfterSalePolicyInput> for Policy {
    fn from(input: AfterSalePolicyInput) -> Self {
        let usual = Self::default();
        Self {
            answer_hours: input.answer_hours.unwrap_or(usual.answer_hours),
            return_days: input.return_days.unwrap_or(usual.return_days),
            receive_days: input.receive_days.unwrap_or(usual.receive_days),
            inspect_hours: input.inspect_hours.unwrap_or(usual.inspect_hours),
            reship_hours: input.reship_hours.unwrap_or(usual.reship_hours),
            confirm_days: input.confirm_days.unwrap_or(usual.confirm_days),
            fault_days: input.fault_days.unwrap_or(usual.fault_days),
            complain_days: input.complain_days.unwrap_or(usual.complain_days),
            complaint_hours: input.complaint_hours.unwrap_or(usual.complaint_hours),
            instant_most: input.instant_most.map(Into::into),
            instant_orders: input.instant_orders.unwrap_or(usual.instant_orders),
            instant_cases: input.instant_cases.unwrap_or(usual.instant_cases),
            return_to: input.return_to.unwrap_or(usual.return_to),
        }
    }
}

/// Staff's questions about cases.
#[derive(Default)]
pub struct AfterSaleAdminQuery;

#[Object]
impl AfterSaleAdminQuery {
    /// Everybody's after-sale cases: the newest first, or the most urgent with `dueBefore`.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleRead)")]
    async fn after_sales(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<AfterSaleFilterInput>,
        #[graphql(desc = "How many; 20 when not said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<AfterSaleConnection> {
        let filter = filter.unwrap_or_default();
        let filter = CaseFilter {
            customer: filter.customer_id,
            order: filter.order_id,
            states: filter.states.map(|states| states.into_iter().map(Into::into).collect()),
            due_before: filter.due_before,
        };
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(ctx.op()?, filter, page).await)?.map(AfterSaleCase::from).into())
    }

    /// A case.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleRead)")]
    async fn after_sale(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: AfterSaleId) -> Result<Option<AfterSaleCase>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }

    /// The merchant's terms.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleRead)")]
    async fn after_sale_policy(&self, ctx: &Context<'_>) -> Result<AfterSalePolicy> {
        Ok(answer(ctx, policy::current(ctx.op()?.reader()).await)?.into())
    }
}

/// A yes.
#[derive(InputObject)]
pub struct AfterSaleApproveInput {
    /// To which case.
    id: AfterSaleId,
    /// Where the goods are to be sent; as the terms say when not said.
    return_to: Option<String>,
    /// Words for the shopper; 500 characters at most.
    #[graphql(default)]
    note: String,
}

/// What came back is as it should be, or nearly.
#[derive(InputObject)]
pub struct AfterSalePassInput {
    /// Of which case.
    id: AfterSaleId,
    /// Less than the pieces are worth, for what is worn or missing; then with words why.
    amount: Option<MoneyInput>,
    /// Whether what bringing them cost goes back too.
    #[graphql(default)]
    include_shipping: bool,
    /// Whether the pieces return to the shelf.
    #[graphql(default)]
    restock: bool,
    /// Words for the shopper; 500 characters at most.
    #[graphql(default)]
    note: String,
}

platform::payload! {
    /// What became of the merchant's terms.
    pub struct AfterSalePolicyPayload {
        /// The terms as they are now.
        policy: AfterSalePolicy,
    }
}

/// What staff do with cases.
#[derive(Default)]
pub struct AfterSaleAdminMutation;

#[Object]
impl AfterSaleAdminMutation {
    /// Agrees: the money goes back, or the goods are waited for. The replacement of an exchange is put aside.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn after_sale_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The yes.")] input: AfterSaleApproveInput,
    ) -> Result<AfterSalePayload> {
        ended(ctx, service::approve(ctx.op()?, Approve { case: input.id, return_to: input.return_to, note: input.note }).await)
    }

    /// Says no, with words why: to the wish, or to what came back. The shopper may complain.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn after_sale_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The no.")] input: AfterSaleSayInput,
    ) -> Result<AfterSalePayload> {
        ended(ctx, service::reject(ctx.op()?, Say { case: input.id, note: input.note, media: input.media_ids }).await)
    }

    /// The goods are here; they are looked at next.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn after_sale_receive(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: AfterSaleId) -> Result<AfterSalePayload> {
        ended(ctx, service::receive(ctx.op()?, id).await)
    }

    /// What came back is as it should be: the money goes back, or the replacement is sent next.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn after_sale_pass(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What came back.")] input: AfterSalePassInput,
    ) -> Result<AfterSalePayload> {
        let passed = Pass {
            case: input.id,
            amount: input.amount.map(Into::into),
            with_shipping: input.include_shipping,
            restock: input.restock,
            note: input.note,
        };
        ended(ctx, service::pass(ctx.op()?, passed).await)
    }

    /// Sends the replacement.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn after_sale_reship(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The parcel.")] input: AfterSaleParcelInput,
    ) -> Result<AfterSalePayload> {
        let sent = Reship { case: input.id, carrier: input.carrier, tracking_no: input.tracking_no };
        ended(ctx, service::reship(ctx.op()?, sent).await)
    }

    /// Gives the money back where there is no replacement.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn after_sale_refund_instead(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: AfterSaleId) -> Result<AfterSalePayload> {
        ended(ctx, service::refund_instead(ctx.op()?, id).await)
    }

    /// Asks anew for the refund of a case, after the provider could not.
    #[graphql(guard = "Access::Staff(Permission::RefundWrite)")]
    async fn after_sale_refund_again(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: AfterSaleId) -> Result<AfterSalePayload> {
        ended(ctx, service::refund_again(ctx.op()?, id).await)
    }

    /// Adds words and pictures to a case; the shopper reads them.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn after_sale_say(&self, ctx: &Context<'_>, #[graphql(desc = "What.")] input: AfterSaleSayInput) -> Result<AfterSalePayload> {
        ended(ctx, service::say(ctx.op()?, Say { case: input.id, note: input.note, media: input.media_ids }).await)
    }

    /// Sets the merchant's terms. Deadlines that run keep their time.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleWrite)")]
    async fn after_sale_policy_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The terms.")] input: AfterSalePolicyInput,
    ) -> Result<AfterSalePolicyPayload> {
        let set = policy::set(ctx.op()?, input.into()).await;
        payload(ctx, set, |policy| AfterSalePolicyPayload { policy: Some(policy.into()), ..Default::default() })
    }
}

/// Something that happened to a case or a complaint.
#[derive(SimpleObject)]
pub struct AfterSaleNews {
    /// Resumes behind this: pass it as `after`.
    cursor: String,
    /// Whether something happened between `after` and this that cannot be told any more.
    gap: bool,
    /// The server's time.
    server_time: Timestamp,
    /// How many cases wait for the merchant; where it begins, and after a gap.
    waiting: Option<i32>,
    /// The case it happened to.
    case_id: Option<AfterSaleId>,
    /// The complaint it happened to.
    complaint_id: Option<ComplaintId>,
    /// Of which order.
    order_id: Option<OrderId>,
    /// What happened, as the timeline says.
    what: Option<String>,
}

impl AfterSaleNews {
    fn of(frame: Live<Heard<u64>>) -> std::result::Result<Self, kernel::Fault> {
        let mut news = Self {
            cursor: frame.cursor,
            gap: frame.gap,
            server_time: frame.server_time,
            waiting: None,
            case_id: None,
            complaint_id: None,
            order_id: None,
            what: None,
        };
        match frame.value {
            Heard::Snapshot(waiting) => news.waiting = Some(i32::try_from(waiting).unwrap_or(i32::MAX)),
            Heard::Resumed => {}
            Heard::Fact(fact) => {
                if let Some(changed) = fact.read::<AfterSaleChanged>()? {
                    (news.case_id, news.order_id, news.what) = (Some(changed.case), Some(changed.order), Some(changed.what));
                } else if let Some(changed) = fact.read::<ComplaintChanged>()? {
                    (news.complaint_id, news.order_id, news.what) = (Some(changed.complaint), Some(changed.order), Some(changed.what));
                }
            }
        }
        Ok(news)
    }
}

/// What staff watch of cases.
#[derive(Default)]
pub struct AfterSaleAdminSubscription;

#[Subscription]
impl AfterSaleAdminSubscription {
    /// A case: as it stands, then at every change.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleRead)")]
    async fn after_sale_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: AfterSaleId,
        #[graphql(desc = "The last cursor that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<AfterSaleUpdate>> + use<>> {
        Ok(live(ctx, query::watch(ctx.op()?, id, after).await)?.map(|frame| frame.map(Into::into)))
    }

    /// What happens to all cases and complaints, one by one.
    #[graphql(guard = "Access::Staff(Permission::AfterSaleRead)", directive = feed::apply())]
    async fn after_sale_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last cursor that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<AfterSaleNews>> + use<>> {
        let op = ctx.op()?.clone();
        let frames = live(ctx, query::follow(&op, after).await)?;
        Ok(frames.map(move |frame| AfterSaleNews::of(frame?).map_err(|fault| hidden(&op, &fault))))
    }
}
