import type { PresaleState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const presaleStates: States<PresaleState> = {
  prefix: "presale:state",
  colors: { DRAFT: undefined, PUBLISHED: "success", PAUSED: "warning", ENDED: "default" },
};
