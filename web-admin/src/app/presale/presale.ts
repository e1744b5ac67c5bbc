// One presale with everything staff may see and change of it, live: its page and its form share it.
import type { PresaleProgressSubscription } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";

export const presaleDocument = graphql(`
  subscription PresaleProgress($id: ID!, $after: String) {
    presaleProgress(id: $id, after: $after) {
      cursor gap serverTime nextAt
      presale {
        id title titleTexts { zhCn en } productId state mode forfeits protectsPrice currency
        startsAt endsAt balanceFrom balanceUntil shipBy perCustomerLimit reserved paid
        skus {
          skuId stock left
          price { amount currency } deposit { amount currency } depositWorth { amount currency } balance { amount currency }
        }
      }
    }
  }
`);

export type Presale = PresaleProgressSubscription["presaleProgress"]["presale"];
