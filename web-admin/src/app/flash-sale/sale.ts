// One sale with everything staff may see and change of it, live: its page and its form share it.
import type { FlashSaleProgressSubscription } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";

export const saleDocument = graphql(`
  subscription FlashSaleProgress($id: ID!, $after: String) {
    flashSaleProgress(id: $id, after: $after) {
      cursor gap serverTime
      flashSale {
        id title titleTexts { zhCn en } state phase soldOut startsAt endsAt endedAt perOrderLimit perCustomerLimit payMinutes
        items { skuId title optionsLabel imageUrl price { amount currency } regularPrice { amount currency } stock left }
        counts { skuId stock left reserved sold returned soldBps }
      }
    }
  }
`);

export type Sale = FlashSaleProgressSubscription["flashSaleProgress"]["flashSale"];
