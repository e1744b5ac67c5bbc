//! Refunds as shoppers and staff see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use entity::trade::refund::RefundStatus as Status;
use kernel::{Money, OrderId, OrderLineId, Permission, RefundId, Timestamp};
use platform::graphql::{Access, ContextExt, Long, MoneyInput, MoneyObject, payload};

use super::{
    rules::{LineWish, Shipping},
    service::{self, PiecesBack, StaffRefund},
};

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
    /// How much of it is for bringing the goods.
    shipping: MoneyObject,
    /// What of it belongs to which line; lines and shipping sum to the amount.
    lines: Vec<RefundLine>,
    /// Why, as a code.
    reason: String,
    /// Why, in words.
    reason_text: Option<String>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it ended.
    finished_at: Option<Timestamp>,
}

/// What of a refund belongs to a line of its order.
#[derive(SimpleObject)]
pub struct RefundLine {
    /// Which line.
    order_line_id: OrderLineId,
    /// How many pieces; none is money for goods that are kept.
    quantity: i32,
    /// How much goes back for them.
    amount: MoneyObject,
}

impl From<service::Refund> for Refund {
    fn from(refund: service::Refund) -> Self {
        Self {
            id: refund.id,
            refund_no: refund.refund_no,
            order_id: refund.order,
            status: refund.status.into(),
            amount: refund.amount.into(),
            shipping: refund.shipping.into(),
            lines: refund
                .parts
                .into_iter()
                .map(|part| RefundLine {
                    order_line_id: part.line,
                    quantity: i32::try_from(part.quantity).unwrap_or(i32::MAX),
                    amount: Money { minor: part.amount, ..refund.amount }.into(),
                })
                .collect(),
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
    /// How much, for goods that are kept. Without it and without lines, all that is left. A part only once the team has
    /// formed.
    amount: Option<MoneyInput>,
    /// Which pieces, instead of an amount: each is worth its share of what its line cost.
    lines: Option<Vec<OrderRefundLineInput>>,
    /// Whether what bringing them cost goes back too. With the last piece of an order that was never shipped it does by
    /// itself.
    #[graphql(default)]
    include_shipping: bool,
    /// Whether the pieces return to the shelf. What never left the house does by itself.
    #[graphql(default)]
    restock: bool,
    /// Why, in words the shopper may read; 200 characters at most.
    reason: String,
    /// One effect per key.
    idempotency_key: String,
}

/// Pieces of a line to give money back for.
#[derive(InputObject)]
pub struct OrderRefundLineInput {
    /// Which line.
    order_line_id: OrderLineId,
    /// How many pieces of it.
    quantity: i32,
    /// Less than they are worth, in minor units of the order's currency.
    amount: Option<Long>,
}

platform::payload! {
    /// What became of `orderRefund`.
    pub struct OrderRefundPayload {
        /// The refund.
        refund: Refund,
    }
}

impl From<OrderRefundLineInput> for LineWish {
    fn from(input: OrderRefundLineInput) -> Self {
        Self { line: input.order_line_id, quantity: i64::from(input.quantity), amount: input.amount.map(|amount| amount.0) }
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
        let shipping = if input.include_shipping { Shipping::Included } else { Shipping::Unshipped };
        let lines =
            input.lines.map(|lines| PiecesBack { lines: lines.into_iter().map(Into::into).collect(), shipping, restock: input.restock });
        let wanted = StaffRefund { order: input.order_id, amount: input.amount.map(Into::into), lines, reason: input.reason };
        let asked = service::by_staff(ctx.op()?, wanted, &input.idempotency_key).await;
        payload(ctx, asked, |refund| OrderRefundPayload { refund: Some(refund.into()), ..Default::default() })
    }
}
