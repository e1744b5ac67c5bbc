import type { AfterSaleState, ComplaintState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const caseStates: States<AfterSaleState> = {
  prefix: "afterSale:state",
  colors: {
    REQUESTED: "warning",
    AWAITING_RETURN: "processing",
    RETURNING: "processing",
    INSPECTING: "warning",
    REFUNDING: "processing",
    RESHIPPING: "warning",
    RESHIPPED: "processing",
    DONE: "success",
    REJECTED: "error",
    CANCELLED: undefined,
    ESCALATED: "error",
  },
};
export const complaintStates: States<ComplaintState> = {
  prefix: "afterSale:complaintState",
  colors: {
    FILED: "warning",
    ANSWERED: "processing",
    UNANSWERED: "error",
    UPHELD: "success",
    DISMISSED: undefined,
    WITHDRAWN: undefined,
  },
};
