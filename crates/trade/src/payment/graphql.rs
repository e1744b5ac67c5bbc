//! Payments as shoppers see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use entity::trade::payment::PaymentState as State;
use kernel::{OrderId, PaymentId, Permission, Timestamp};
use platform::graphql::{Access, ContextExt, MoneyObject, answer, page_request, payload};

use super::{
    gateway::{Gateways, PayAction},
    service::{self, PayOrder},
};

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub enum PaymentState {
    /// Ours only; the provider may or may not know it.
    Created,
    /// The provider waits for the shopper.
    Pending,
    /// The money is here.
    Succeeded,
    /// It can no longer be paid.
    Closed,
    /// The provider refused it.
    Failed,
}

/// What the shopper's device does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PaymentActionKind {
    /// Open the address.
    Redirect,
}

/// How the shopper gets to the point of paying.
#[derive(SimpleObject)]
pub struct PaymentAction {
    /// What to do.
    kind: PaymentActionKind,
    /// Where.
    url: String,
}

/// One attempt to pay one order.
#[derive(SimpleObject)]
pub struct Payment {
    /// Its id.
    id: PaymentId,
    /// The number the provider knows it by.
    payment_no: String,
    /// The order.
    order_id: OrderId,
    /// Through whom.
    gateway: String,
    /// Where it stands.
    state: PaymentState,
    /// What is asked.
    amount: MoneyObject,
    /// How the shopper gets to the point of paying; nothing when there is nothing to pay any more.
    action: Option<PaymentAction>,
    /// The provider takes no money after this.
    expires_at: Timestamp,
    /// When the money came.
    paid_at: Option<Timestamp>,
}

impl From<service::Payment> for Payment {
    fn from(payment: service::Payment) -> Self {
        let action = payment.action.filter(|_| payment.state == State::Pending).map(|action| match action {
            PayAction::Redirect(url) => PaymentAction { kind: PaymentActionKind::Redirect, url },
        });
        Self {
            id: payment.id,
            payment_no: payment.payment_no,
            order_id: payment.order,
            gateway: payment.gateway,
            state: payment.state.into(),
            amount: payment.amount.into(),
            action,
            expires_at: payment.expires_at,
            paid_at: payment.paid_at,
        }
    }
}

/// A payment to begin.
#[derive(InputObject)]
pub struct OrderPayInput {
    /// Of which order.
    order_id: OrderId,
    /// Through whom: one of `paymentGateways`.
    gateway: String,
    /// One effect per key.
    idempotency_key: String,
}

platform::payload! {
    /// What became of a payment.
    pub struct PaymentPayload {
        /// The payment as it stands now.
        payment: Payment,
    }
}

/// Questions about payments.
#[derive(Default)]
pub struct PaymentQuery;

#[Object]
impl PaymentQuery {
    /// Through whom this mall takes money.
    async fn payment_gateways(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let gateways = answer(ctx, ctx.op()?.port::<Gateways>())?;
        Ok(gateways.codes().map(str::to_owned).collect())
    }

    /// A payment of the signed-in shopper.
    #[graphql(guard = "Access::Customer")]
    async fn payment(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: PaymentId) -> Result<Option<Payment>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }
}

/// Paying.
#[derive(Default)]
pub struct PaymentMutation;

#[Object]
impl PaymentMutation {
    /// Begins to pay an order, or goes on with the attempt that is open.
    #[graphql(guard = "Access::Customer")]
    async fn order_pay(&self, ctx: &Context<'_>, #[graphql(desc = "The payment.")] input: OrderPayInput) -> Result<PaymentPayload> {
        let wanted = PayOrder { order: input.order_id, gateway: input.gateway };
        ended(ctx, service::pay(ctx.op()?, wanted, &input.idempotency_key).await)
    }

    /// Asks the provider how a payment stands, for a shopper who returns before its report does.
    #[graphql(guard = "Access::Customer")]
    async fn payment_sync(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: PaymentId) -> Result<PaymentPayload> {
        ended(ctx, service::sync(ctx.op()?, id).await)
    }
}

fn ended(ctx: &Context<'_>, paid: std::result::Result<service::Payment, kernel::Failure<super::Refused>>) -> Result<PaymentPayload> {
    payload(ctx, paid, |payment| PaymentPayload { payment: Some(payment.into()), ..Default::default() })
}

/// What a provider reported that does not fit our books. Nothing of it was applied; a person must look.
#[derive(SimpleObject)]
pub struct ParkedNotification {
    /// Which provider.
    provider: String,
    /// Its number of the report.
    event_id: String,
    /// What it reports.
    kind: String,
    /// About which charge, by our number.
    charge_no: String,
    /// About which refund, by our number.
    refund_no: Option<String>,
    /// Why it was put aside.
    why: String,
    /// When it came.
    received_at: Timestamp,
}

impl From<service::Parked> for ParkedNotification {
    fn from(parked: service::Parked) -> Self {
        Self {
            provider: parked.provider,
            event_id: parked.event_id,
            kind: parked.kind,
            charge_no: parked.charge_no,
            refund_no: parked.refund_no,
            why: parked.why,
            received_at: parked.received_at,
        }
    }
}

platform::connection! {
    /// What providers reported that does not fit our books, the latest first.
    pub struct ParkedNotificationConnection, ParkedNotificationEdge of ParkedNotification
}

/// Questions of staff about payments.
#[derive(Default)]
pub struct PaymentAdminQuery;

#[Object]
impl PaymentAdminQuery {
    /// What providers reported that does not fit our books, the latest first. Nothing of it was applied.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)")]
    async fn parked_notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the report to go on behind.")] after: Option<String>,
    ) -> Result<ParkedNotificationConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::parked(ctx.op()?, page).await)?.map(Into::into).into())
    }
}
