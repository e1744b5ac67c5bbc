import type { PromotionState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const offerStates: States<PromotionState> = {
  prefix: "promotions:state",
  colors: { DRAFT: undefined, ACTIVE: "success", STOPPED: "warning" },
};
