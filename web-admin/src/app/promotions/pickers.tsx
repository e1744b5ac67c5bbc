// Choosing products, shelves and variants by their names.
import { useQueries } from "@tanstack/react-query";
import { Select, TreeSelect } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CategoryChoicesQuery } from "@/gql/graphql";
import { execute } from "@/lib/api";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { useRead } from "@/lib/query";

const productsDocument = graphql(`
  query ProductOptions($search: String) {
    products(first: 20, filter: { search: $search }) {
      edges { node { id title { zhCn en } skus { id status label { zhCn en } } } }
    }
  }
`);
const productDocument = graphql(`
  query ProductOption($id: ID!) { product(id: $id) { id title { zhCn en } } }
`);
const skuDocument = graphql(`
  query SkuOption($id: ID!) { sku(id: $id) { id label { zhCn en } price { amount currency } product { id title { zhCn en } } } }
`);
const categoriesDocument = graphql(`
  query CategoryChoices { categories { id parentId name { zhCn en } } }
`);

function useSearched() {
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, isFetching } = useRead(productsDocument, { search: search || undefined }, { staleTime: 30_000 });
  return { products: data?.products.edges.map(({ node }) => node) ?? [], isFetching, setTyped };
}

type Ids = { id?: string; value?: string[]; onChange?: (ids: string[]) => void; disabled?: boolean };

export function ProductsPicker(props: Ids) {
  const { t } = useTranslation("promotions");
  const { language } = useLanguage();
  const { products, isFetching, setTyped } = useSearched();
  const chosen = useQueries({
    queries: (props.value ?? []).map((id) => ({
      queryKey: [productDocument.toString(), { id }],
      queryFn: () => execute(productDocument, { id }),
      staleTime: 600_000,
    })),
  }).flatMap(({ data }) => (data?.product ? [data.product] : []));
  const known = new Map([...chosen, ...products].map(({ id, title }) => [id, inLanguage(title, language)]));
  return (
    <Select
      {...props}
      mode="multiple"
      allowClear
      loading={isFetching}
      placeholder={t("scope.search")}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      options={[...known].map(([value, label]) => ({ value, label }))}
    />
  );
}

/** A variant by its id, once it is known. */
export function useSku(id: string | undefined) {
  const { language } = useLanguage();
  const { data } = useRead(skuDocument, { id: id ?? "" }, { enabled: id !== undefined, staleTime: 600_000 });
  const sku = data?.sku;
  const product = sku?.product ? inLanguage(sku.product.title, language) : "";
  return sku && { price: sku.price, name: `${product} ${inLanguage(sku.label, language)}`.trim() };
}

export const SkuName = ({ id }: { id: string }) => <>{useSku(id)?.name ?? "…"}</>;

/** One variant of a product. */
export function SkuPicker(props: {
  id?: string;
  value?: string;
  onChange?: (id: string) => void;
  disabled?: boolean;
  "aria-label"?: string;
}) {
  const { t } = useTranslation("promotions");
  const { language } = useLanguage();
  const { products, isFetching, setTyped } = useSearched();
  const options = products.flatMap(({ title, skus }) =>
    skus
      .filter(({ status }) => status === "ACTIVE")
      .map(({ id, label }) => ({
        value: id,
        label: `${inLanguage(title, language)} ${inLanguage(label, language)}`.trim(),
      })),
  );
  const chosen = useSku(props.value);
  if (props.value && chosen && !options.some(({ value }) => value === props.value))
    options.unshift({ value: props.value, label: chosen.name });
  return (
    <Select
      {...props}
      loading={isFetching}
      placeholder={t("scope.search")}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      options={options}
    />
  );
}

type Category = CategoryChoicesQuery["categories"][number];
type Shelf = { value: string; title: string; children: Shelf[] };

/** The shelves as a tree. */
export function treeOf(categories: Category[], name: (of: Category) => string, parent: string | null = null): Shelf[] {
  return categories
    .filter(({ parentId }) => (parentId ?? null) === parent)
    .map((category) => ({
      value: category.id,
      title: name(category),
      children: treeOf(categories, name, category.id),
    }));
}

export function CategoriesPicker(props: Ids) {
  const { t } = useTranslation("promotions");
  const { language } = useLanguage();
  const { data } = useRead(categoriesDocument, {}, { staleTime: 60_000 });
  return (
    <TreeSelect
      {...props}
      multiple
      allowClear
      treeDefaultExpandAll
      placeholder={t("scope.shelf")}
      treeData={treeOf(data?.categories ?? [], ({ name }) => inLanguage(name, language))}
    />
  );
}
