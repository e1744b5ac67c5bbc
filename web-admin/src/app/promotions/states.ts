import type { PromotionState, TimeDiscountState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const offerStates: States<PromotionState> = {
  prefix: "promotions:state",
  colors: { DRAFT: undefined, ACTIVE: "success", STOPPED: "warning" },
};

export const discountStates: States<TimeDiscountState> = {
  prefix: "promotions:discount.state",
  colors: { DRAFT: undefined, ACTIVE: "success", STOPPED: "warning", ENDED: undefined },
};
