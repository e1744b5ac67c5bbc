// On which goods an offer holds.
import { Form, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import type { PromotionScopeInput } from "@/gql/graphql";
import { CategoriesPicker, ProductsPicker } from "./pickers";

type Lists = "productIds" | "categoryIds" | "withoutProductIds" | "withoutCategoryIds";

export type ScopeEntered = {
  on: "all" | "some";
  productIds?: string[];
  categoryIds?: string[];
  withoutProductIds?: string[];
  withoutCategoryIds?: string[];
};

export const scopeInput = (scope: ScopeEntered): PromotionScopeInput => ({
  productIds: scope.on === "some" ? (scope.productIds ?? []) : [],
  categoryIds: scope.on === "some" ? (scope.categoryIds ?? []) : [],
  withoutProductIds: scope.withoutProductIds ?? [],
  withoutCategoryIds: scope.withoutCategoryIds ?? [],
});

export const scopeEntered = (scope: Record<Lists, string[]>): ScopeEntered => ({
  on: scope.productIds.length + scope.categoryIds.length > 0 ? "some" : "all",
  productIds: scope.productIds,
  categoryIds: scope.categoryIds,
  withoutProductIds: scope.withoutProductIds,
  withoutCategoryIds: scope.withoutCategoryIds,
});

/** The questions about it; the form holds them under `scope`. */
export function ScopeFields({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation("promotions");
  const form = Form.useFormInstance();
  const on = Form.useWatch(["scope", "on"], form) ?? "all";
  const some = {
    validator: async () => {
      const { productIds = [], categoryIds = [] } = form.getFieldValue("scope") ?? {};
      if (productIds.length + categoryIds.length === 0) throw new Error(t("scope.none"));
    },
  };
  return (
    <>
      <Form.Item name={["scope", "on"]} label={t("scope.on")}>
        <Segmented
          disabled={disabled}
          options={(["all", "some"] as const).map((value) => ({ value, label: t(`scope.${value}`) }))}
        />
      </Form.Item>
      {on === "some" && (
        <>
          <Form.Item name={["scope", "productIds"]} label={t("scope.products")} rules={[some]}>
            <ProductsPicker disabled={disabled} />
          </Form.Item>
          <Form.Item name={["scope", "categoryIds"]} label={t("scope.categories")} extra={t("scope.categoriesHelp")}>
            <CategoriesPicker disabled={disabled} />
          </Form.Item>
        </>
      )}
      <Form.Item name={["scope", "withoutProductIds"]} label={t("scope.without")} extra={t("scope.withoutHelp")}>
        <ProductsPicker disabled={disabled} />
      </Form.Item>
    </>
  );
}
