import type { PresaleReservationState, PresaleState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const presaleStates: States<PresaleState> = {
  prefix: "presale:state",
  colors: { DRAFT: undefined, PUBLISHED: "success", PAUSED: "warning", ENDED: "default" },
};
export const reservationStates: States<PresaleReservationState> = {
  prefix: "presale:reservationState",
  colors: {
    DEPOSIT_DUE: undefined,
    DEPOSIT_PAID: "processing",
    BALANCE_DUE: "warning",
    PAID: "success",
    FORFEITED: "error",
    REFUNDED: "default",
    RELEASED: "default",
  },
};
