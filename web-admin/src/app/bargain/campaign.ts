// One campaign with everything staff may see and change of it, live: its page and its form share it.
import type { BargainCampaignSubscription } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";

export const campaignDocument = graphql(`
  subscription BargainCampaign($bargainId: ID!, $after: String) {
    bargainCampaignProgress(id: $bargainId, after: $after) {
      cursor gap serverTime
      bargain {
        id title titleTexts { zhCn en } productId imageUrl state startsAt endsAt
        goalCuts averageCut { amount currency } runHours payHours firstCut buyAt newCustomerDraws helperDailyLimit perCustomerLimit
        skus { skuId optionsLabel cuts firstPrice { amount currency } floorPrice { amount currency } }
        recordCounts { running floorReached ordered paid expired cuts }
      }
    }
  }
`);

export type Campaign = BargainCampaignSubscription["bargainCampaignProgress"]["bargain"];
