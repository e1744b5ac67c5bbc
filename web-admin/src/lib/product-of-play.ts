// The product a play sells: what its variants are called.
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { useRead } from "@/lib/query";

export const productOfPlayDocument = graphql(`
  query ProductOfPlay($id: ID!) {
    product(id: $id) {
      id
      title { zhCn en }
      cover { url }
      skus { id status label { zhCn en } price { amount currency } }
    }
  }
`);

/** Name and picture of a product, and the names of its variants; the only one is called as the product. */
export function useProductOfPlay(id: string | undefined) {
  const { language } = useLanguage();
  const { data, error } = useRead(productOfPlayDocument, { id: id ?? "" }, { enabled: id !== undefined });
  const product = data?.product;
  const title = product ? inLanguage(product.title, language) : "";
  const labels = Object.fromEntries(
    (product?.skus ?? []).map((sku) => [sku.id, (sku.label && inLanguage(sku.label, language)) || title]),
  );
  return { product, title, labels, error };
}
