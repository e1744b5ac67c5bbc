// One campaign with everything staff may see and change of it, live: its page and its form share it.
import type { GroupBuyProgressSubscription } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";

export const campaignDocument = graphql(`
  subscription GroupBuyProgress($groupBuyId: ID!, $after: String) {
    groupBuyCampaignProgress(groupBuyId: $groupBuyId, after: $after) {
      cursor gap serverTime
      groupBuy {
        id title titleTexts { zhCn en } productId imageUrl state startsAt endsAt createdAt
        sizes teamHours seatHoldMinutes joiners leaderCommissionBps perOrderLimit perCustomerLimit virtualFromPercent
        leaderDiscount { amount { amount currency } rateBps }
        skus { skuId optionsLabel originalPrice { amount currency } prices { size price { amount currency } } }
        teamCounts { pending open formed formedVirtually failed paidSeats }
      }
    }
  }
`);

export type Campaign = GroupBuyProgressSubscription["groupBuyCampaignProgress"]["groupBuy"];
