import type { CrowdfundingPledgeState, CrowdfundingState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const crowdfundingStates: States<CrowdfundingState> = {
  prefix: "crowdfunding:state",
  colors: { DRAFT: undefined, PUBLISHED: "processing", PAUSED: "warning", SUCCEEDED: "success", FAILED: "error" },
};
export const pledgeStates: States<CrowdfundingPledgeState> = {
  prefix: "crowdfunding:pledgeState",
  colors: { RESERVED: "warning", PLEDGED: "success", RELEASED: "default", REFUNDED: "default" },
};
