// The steps of one sale.
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";

const steps = {
  publish: graphql(`
    mutation FlashSalePublish($input: FlashSaleIdInput!) {
      flashSalePublish(input: $input) { flashSale { id state } userErrors { code message } }
    }
  `),
  pause: graphql(`
    mutation FlashSalePause($input: FlashSaleIdInput!) {
      flashSalePause(input: $input) { flashSale { id state } userErrors { code message } }
    }
  `),
  resume: graphql(`
    mutation FlashSaleResume($input: FlashSaleIdInput!) {
      flashSaleResume(input: $input) { flashSale { id state } userErrors { code message } }
    }
  `),
  end: graphql(`
    mutation FlashSaleEndEarly($input: FlashSaleIdInput!) {
      flashSaleEndEarly(input: $input) { flashSale { id state } userErrors { code message } }
    }
  `),
  copy: graphql(`
    mutation FlashSaleCopy($input: FlashSaleIdInput!) {
      flashSaleCopy(input: $input) { flashSale { id state } userErrors { code message } }
    }
  `),
};

export const SaleActions = ({
  sale,
  size,
}: {
  sale: { id: string; title: string; state: string };
  size?: "small" | "middle";
}) => (
  <PlayActions namespace="flashSale" play={sale} size={size} steps={steps} variables={{ input: { id: sale.id } }} />
);
