// The steps of one limited-time discount, and what it comes to before it begins.
import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";
import { PlayPreview } from "@/lib/play-preview";
import type { Discount } from "./discount-form";
import { SkuName } from "./pickers";

const activateDocument = graphql(`
  mutation TimeDiscountActivate($id: ID!) {
    timeDiscountActivate(id: $id) { timeDiscount { id state } userErrors { code field message } }
  }
`);

const steps = {
  publish: activateDocument,
  pause: graphql(`
    mutation TimeDiscountStop($id: ID!) {
      timeDiscountStop(id: $id) { timeDiscount { id state } userErrors { code field message } }
    }
  `),
  resume: activateDocument,
  end: graphql(`
    mutation TimeDiscountEndEarly($id: ID!) {
      timeDiscountEndEarly(id: $id) { timeDiscount { id state } userErrors { code field message } }
    }
  `),
  copy: graphql(`
    mutation TimeDiscountCopy($id: ID!) {
      timeDiscountCopy(id: $id) { timeDiscount { id state } userErrors { code field message } }
    }
  `),
};

const previewDocument = graphql(`
  query TimeDiscountPreview($id: ID!, $costs: [PlayCostInput!]) {
    timeDiscountPreview(id: $id, costs: $costs) {
      lines {
        skuId units
        regularPrice { amount currency } price { amount currency }
        margin { amount currency } worstCase { amount currency }
      }
      worstCase { amount currency }
    }
  }
`);

export const DiscountActions = ({ discount }: { discount: Discount }) => (
  <PlayActions
    namespace="promotions"
    texts="discount."
    play={discount}
    size="small"
    steps={steps}
    variables={{ id: discount.id }}
  />
);

export function DiscountPreview({ discount, close }: { discount: Discount; close: () => void }) {
  const { t } = useTranslation("promotions");
  return (
    <Drawer open title={discount.title} size="large" onClose={close}>
      <PlayPreview
        id={discount.id}
        document={previewDocument}
        preview={(answer) => answer.timeDiscountPreview}
        label={(skuId) => t("discount.nth", { n: discount.prices.findIndex((price) => price.skuId === skuId) + 1 })}
        name={(skuId) => <SkuName id={skuId} />}
      />
    </Drawer>
  );
}
