import type { CrowdfundingState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const crowdfundingStates: States<CrowdfundingState> = {
  prefix: "crowdfunding:state",
  colors: { DRAFT: undefined, PUBLISHED: "processing", PAUSED: "warning", SUCCEEDED: "success", FAILED: "error" },
};
