// One order with everything staff see of it, live; what can be done to it is decided from the same picture.
import type { OrderLiveSubscription, OrderStatus } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import type { Money } from "@/lib/money";

export const orderDocument = graphql(`
  subscription OrderLive($id: ID!, $after: String) {
    orderUpdated(id: $id, after: $after) {
      cursor gap serverTime
      order {
        id orderNo status externalReference cancelReason carrier trackingNo
        createdAt payBy paidAt shippedAt receivedAt
        origin { kind id }
        goods { amount currency }
        shipping { amount currency }
        total { amount currency }
        refunded { amount currency }
        lines {
          id skuId productId title optionsLabel imageUrl quantity
          unitPrice { amount currency } discount { amount currency } payable { amount currency }
        }
        trace { step code skuId amount { amount currency } }
        shippingAddress { recipient phone region street }
        payments { id paymentNo gateway state amount { amount currency } expiresAt paidAt }
        refunds { id refundNo status reason reasonText amount { amount currency } createdAt finishedAt }
        timeline { kind note at amount { amount currency } }
      }
    }
  }
`);

export type Order = OrderLiveSubscription["orderUpdated"]["order"];

/** What can still go back: what came, without what is back or on its way back. */
export function refundable(order: { total: Money; refunds: { status: string; amount: Money }[] }): Money {
  const gone = order.refunds
    .filter(({ status }) => status !== "FAILED")
    .reduce((sum, { amount }) => sum + amount.amount, 0);
  return { ...order.total, amount: Math.max(0, order.total.amount - gone) };
}

const paid: OrderStatus[] = ["AWAITING_TEAM", "TO_SHIP", "SHIPPED", "RECEIVED", "COMPLETED"];

/** What staff may try; the server has the last word. */
export function possible(order: Pick<Order, "status" | "total" | "refunds">) {
  return {
    ship: order.status === "TO_SHIP",
    cancel: order.status === "PENDING_PAYMENT",
    refund: paid.includes(order.status) && refundable(order).amount > 0,
    /** Before the team has formed all goes back or nothing. */
    refundPart: order.status !== "AWAITING_TEAM",
  };
}
