import type { GroupBuySeatState, GroupBuyState, GroupBuyTeamState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const campaignStates: States<GroupBuyState> = {
  prefix: "groupBuy:state",
  colors: { DRAFT: undefined, SCHEDULED: "processing", RUNNING: "success", PAUSED: "warning", ENDED: undefined },
};
export const teamStates: States<GroupBuyTeamState> = {
  prefix: "groupBuy:teamState",
  colors: { PENDING: "default", OPEN: "processing", FORMED: "success", FAILED: "error" },
};
export const seatStates: States<GroupBuySeatState> = {
  prefix: "groupBuy:seatState",
  colors: { RESERVED: "warning", CONFIRMED: "success", RELEASED: undefined, REFUNDED: "error" },
};
