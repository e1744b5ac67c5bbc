// Putting an article on sale, and taking it down.
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { ProductStatus } from "@/gql/graphql";
import { useAsk } from "@/lib/act";
import { execute } from "@/lib/api";
import { graphql } from "@/lib/graphql";
import { queryClient } from "@/lib/query";

const publishDocument = graphql(`
  mutation ProductPublish($id: ID!) {
    productPublish(id: $id) { product { id status } userErrors { code field message } }
  }
`);
const unpublishDocument = graphql(`
  mutation ProductUnpublish($id: ID!) {
    productUnpublish(id: $id) { product { id status } userErrors { code field message } }
  }
`);

export function PublishButton({
  product,
  size = "middle",
}: {
  product: { id: string; title: string; status: ProductStatus };
  size?: "small" | "middle";
}) {
  const { t } = useTranslation("products");
  const ask = useAsk();
  const { id, title } = product;
  const step = product.status === "ON_SALE" ? "unpublish" : "publish";
  const run = async () => {
    const answer =
      step === "publish"
        ? (await execute(publishDocument, { id })).productPublish
        : (await execute(unpublishDocument, { id })).productUnpublish;
    await queryClient.invalidateQueries();
    return answer;
  };
  return (
    <Button
      size={size}
      type={step === "publish" ? "primary" : "default"}
      aria-label={`${t(`action.${step}.name`)}: ${title}`}
      onClick={() =>
        ask({
          title: t(`action.${step}.question`, { title }),
          effect: t(`action.${step}.effect`),
          name: t(`action.${step}.name`),
          done: t(`action.${step}.done`),
          run,
        })
      }
    >
      {t(`action.${step}.name`)}
    </Button>
  );
}
