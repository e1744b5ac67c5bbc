// One crowdfunding with everything staff may see and change of it, live: its page and its forms share it.
import type { CrowdfundingProgressSubscription } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";

export const crowdfundingDocument = graphql(`
  subscription CrowdfundingProgress($id: ID!, $after: String) {
    crowdfundingProgress(id: $id, after: $after) {
      cursor gap serverTime
      crowdfunding {
        id title titleTexts { zhCn en } productId state goalKind goal keepsAll currency
        startsAt endsAt endedAt shipBy units backers progressBps raised { amount currency }
        tiers { id title titleTexts { zhCn en } skuId stock left numbered perCustomerLimit price { amount currency } }
        stretchGoals { goal title titleTexts { zhCn en } reached }
        updates { id title body postedAt }
        polls { id question closesAt options { label votes } }
      }
    }
  }
`);

export type Crowdfunding = CrowdfundingProgressSubscription["crowdfundingProgress"]["crowdfunding"];
