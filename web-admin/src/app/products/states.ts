import type { MarketPriceBase, ProductStatus } from "@/gql/graphql";
import type { States } from "@/lib/list-page";

export const productStates: States<ProductStatus> = {
  prefix: "products:state",
  colors: { ON_SALE: "success", DRAFT: undefined, OFF_SALE: "warning" },
};

/** Whose price a strike-through price may be. */
export const bases: MarketPriceBase[] = ["RECOMMENDED_RETAIL", "FIRST_PRICE", "OTHER_CHANNEL"];
