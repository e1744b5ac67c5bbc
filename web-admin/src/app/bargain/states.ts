import type { BargainRecordState, BargainState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const campaignStates: States<BargainState> = {
  prefix: "bargain:state",
  colors: { DRAFT: undefined, SCHEDULED: "processing", RUNNING: "success", PAUSED: "warning", ENDED: undefined },
};
export const recordStates: States<BargainRecordState> = {
  prefix: "bargain:recordState",
  colors: {
    RUNNING: "processing",
    FLOOR_REACHED: "success",
    ORDERED: "warning",
    PAID: "success",
    EXPIRED: undefined,
    PAY_EXPIRED: "error",
  },
};
