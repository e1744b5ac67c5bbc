// One order with everything staff see of it, live; what can be done to it is decided from the same picture.
import type { OrderLiveSubscription, OrderStatus } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import type { Money } from "@/lib/money";

export const orderDocument = graphql(`
  subscription OrderLive($id: ID!, $after: String) {
    orderUpdated(id: $id, after: $after) {
      cursor gap serverTime
      order {
        id orderNo status externalReference cancelReason deliveryMethod buyerNote isPartlyShipped
        createdAt payBy paidAt readyAt shippedAt receiveBy extendedAt receivedAt
        origin { kind id }
        goods { amount currency }
        shipping { amount currency }
        total { amount currency }
        refunded { amount currency }
        lines {
          id skuId productId title optionsLabel imageUrl quantity isVirtual shippedQuantity
          unitPrice { amount currency } discount { amount currency } payable { amount currency }
        }
        trace { text skuId amount { amount currency } }
        shippingAddress { recipient phone region street }
        parcels {
          id number carrier trackingNo state shippedAt trackedAt deliveredAt
          contents { lineId quantity }
          stops { at text place state }
        }
        pickup { store { id name phone region street hours } readyAt collectedAt }
        payments { id paymentNo gateway state amount { amount currency } expiresAt paidAt }
        refunds { id refundNo status reason reasonText createdAt finishedAt
          amount { amount currency } shipping { amount currency }
          lines { orderLineId quantity amount { amount currency } }
        }
        afterSales { id kind state }
        timeline { kind note by actor at amount { amount currency } }
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

const paid: OrderStatus[] = ["AWAITING_TEAM", "TO_SHIP", "READY_FOR_PICKUP", "SHIPPED", "RECEIVED", "COMPLETED"];

type Counted = {
  id: string;
  title: string;
  optionsLabel: string;
  quantity: number;
  isVirtual: boolean;
  shippedQuantity: number;
};

/** What of the lines still waits to be put into a parcel. */
export const toShip = <L extends Counted>(lines: L[]): (L & { here: number })[] =>
  lines
    .map((line) => ({ ...line, here: line.isVirtual ? 0 : line.quantity - line.shippedQuantity }))
    .filter(({ here }) => here > 0);

/** How many pieces of a line are not back, and not on their way back. */
export function piecesLeft(
  line: { id: string; quantity: number },
  refunds: { status: string; lines: { orderLineId: string; quantity: number }[] }[],
): number {
  const back = refunds
    .filter(({ status }) => status !== "FAILED")
    .flatMap(({ lines }) => lines)
    .filter(({ orderLineId }) => orderLineId === line.id)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return Math.max(0, line.quantity - back);
}

/** What staff may try; the server has the last word. */
export function possible(order: Pick<Order, "status" | "total" | "refunds" | "deliveryMethod">) {
  const toShip = order.status === "TO_SHIP";
  return {
    ship: toShip && order.deliveryMethod === "PARCEL",
    ready: toShip && order.deliveryMethod === "PICKUP",
    handOver: order.status === "READY_FOR_PICKUP",
    cancel: order.status === "PENDING_PAYMENT",
    reprice: order.status === "PENDING_PAYMENT",
    refund: paid.includes(order.status) && refundable(order).amount > 0,
    /** Before the team has formed all goes back or nothing. */
    refundPart: order.status !== "AWAITING_TEAM",
  };
}
