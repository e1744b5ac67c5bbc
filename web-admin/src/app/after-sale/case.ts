// One after-sale case with everything staff see of it, live.
import type { AfterSaleLiveSubscription } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";

export const caseDocument = graphql(`
  subscription AfterSaleLive($id: ID!, $after: String) {
    afterSaleUpdated(id: $id, after: $after) {
      cursor gap serverTime
      case {
        id caseNo orderId kind state reason note keepsGoods instant goodsBack refusal
        amount { amount currency }
        returnTo carrier trackingNo replacementCarrier replacementTrackingNo
        dueAt createdAt closedAt
        lines { orderLineId skuId quantity amount { amount currency } replacementSkuId }
        timeline { what by note at media { id url } }
      }
    }
  }
`);

export const orderOfCaseDocument = graphql(`
  query OrderOfCase($id: ID!) {
    order(id: $id) {
      id orderNo
      total { amount currency }
      shippingAddress { recipient phone region street }
      lines { id title optionsLabel imageUrl quantity }
    }
  }
`);

export type Case = AfterSaleLiveSubscription["afterSaleUpdated"]["case"];
