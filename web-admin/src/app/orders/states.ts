import type { OrderStatus, ParcelState, PaymentState, RefundStatus } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const orderStates: States<OrderStatus> = {
  prefix: "orders:status",
  colors: {
    PENDING_PAYMENT: "warning",
    AWAITING_TEAM: "processing",
    TO_SHIP: "processing",
    READY_FOR_PICKUP: "processing",
    SHIPPED: "success",
    RECEIVED: "success",
    COMPLETED: undefined,
    CANCELLED: undefined,
    REFUNDED: "error",
  },
};
export const paymentStates: States<PaymentState> = {
  prefix: "orders:paymentState",
  colors: { CREATED: undefined, PENDING: "processing", SUCCEEDED: "success", FAILED: "error", CLOSED: undefined },
};
export const refundStates: States<RefundStatus> = {
  prefix: "orders:refundState",
  colors: { REQUESTED: "warning", PROCESSING: "processing", SUCCEEDED: "success", FAILED: "error" },
};
export const parcelStates: States<ParcelState> = {
  prefix: "orders:parcelState",
  colors: {
    SENT: undefined,
    COLLECTED: "processing",
    IN_TRANSIT: "processing",
    OUT_FOR_DELIVERY: "processing",
    PROBLEM: "error",
    DELIVERED: "success",
    RETURNED: "warning",
  },
};
