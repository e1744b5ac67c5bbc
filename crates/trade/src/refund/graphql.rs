//! Refunds as shoppers and staff see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use entity::trade::refund::RefundStatus as Status;
use kernel::{OrderId, Permission, RefundId, Timestamp};
use platform::graphql::{Access, ContextExt, MoneyInput, MoneyObject, payload};

use super::service::{self, StaffRefund};

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum RefundStatus {
    /// Asked for; the provider hears of it next.
    Requested,
    /// The provider is at it.
    Processing,
    /// The money is back.
    Succeeded,
    /// The provider could not; a person must.
    Failed,
}

/// Money on its way back.
#[derive(SimpleObject)]
pub struct Refund {
    /// Its id.
    id: RefundId,
    /// The number the provider knows it by.
    refund_no: String,
    /// Of which order.
    order_id: OrderId,
    /// Where it stands.
    status: RefundStatus,
    /// How much.
    amount: MoneyObject,
    /// Why, as a code.
    reason: String,
    /// Why, in words.
    reason_text: Option<String>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it ended.
    finished_at: Option<Timestamp>,
}

impl From<service::Refund> for Refund {
    fn from(refund: service::Refund) -> Self {
        Self {
            id: refund.id,
            refund_no: refund.refund_no,
            order_id: refund.order,
            status: refund.status.into(),
            amount: refund.amount.into(),
            reason: refund.reason,
            reason_text: refund.reason_text,
            created_at: refund.created_at,
            finished_at: refund.finished_at,
        }
    }
}

/// Money to give back.
#[derive(InputObject)]
pub struct OrderRefundInput {
    /// Of which order.
    order_id: OrderId,
    /// How much; all that is left when not said. A part only once the team has formed.
    amount: Option<MoneyInput>,
    /// Why, in words the shopper may read; 200 characters at most.
    reason: String,
    /// One effect per key.
    idempotency_key: String,
}

platform::payload! {
    /// What became of `orderRefund`.
    pub struct OrderRefundPayload {
        /// The refund.
        refund: Refund,
    }
}

/// What staff do about refunds.
#[derive(Default)]
pub struct RefundAdminMutation;

#[Object]
impl RefundAdminMutation {
    /// Gives money of a paid order back to where it came from.
    #[graphql(guard = "Access::Staff(Permission::RefundWrite)")]
    async fn order_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refund.")] input: OrderRefundInput,
    ) -> Result<OrderRefundPayload> {
        let wanted = StaffRefund { order: input.order_id, amount: input.amount.map(Into::into), reason: input.reason };
        let asked = service::by_staff(ctx.op()?, wanted, &input.idempotency_key).await;
        payload(ctx, asked, |refund| OrderRefundPayload { refund: Some(refund.into()), ..Default::default() })
    }
}
