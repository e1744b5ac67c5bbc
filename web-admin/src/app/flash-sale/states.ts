import type { FlashSalePhase, FlashSaleState } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const saleStates: States<FlashSaleState> = {
  prefix: "flashSale:state",
  colors: { DRAFT: undefined, PUBLISHED: "success", PAUSED: "warning", ENDED: undefined },
};
export const salePhases: States<FlashSalePhase> = {
  prefix: "flashSale:phase",
  colors: { UPCOMING: "processing", RUNNING: "success", PAUSED: "warning", ENDED: undefined },
};
