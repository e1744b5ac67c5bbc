import { CalculatorOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Space } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TimeDiscountState } from "@/gql/graphql";
import { byChoice, choices, ListPage, period, state, text } from "@/lib/list-page";
import { formatMoney } from "@/lib/money";
import { useViewer } from "@/lib/viewer";
import { DiscountActions, DiscountPreview } from "./discount-actions";
import { type Discount, discountsDocument } from "./discount-form";
import { SkuName } from "./pickers";
import { PromotionNav } from "./places";
import { discountStates } from "./states";

const DiscountForm = lazy(() => import("./discount-form"));

export default function DiscountList() {
  const { t } = useTranslation("promotions");
  const { can } = useViewer();
  const [editing, setEditing] = useState<Discount | "new">();
  const [previewed, setPreviewed] = useState<Discount>();
  const mayWrite = can("PROMOTION_WRITE");
  return (
    <>
      <ListPage
        title={t("discount.title")}
        above={<PromotionNav />}
        query={discountsDocument}
        variables={({ after, state }) => ({ first: 20, after, state: state as TimeDiscountState | undefined })}
        connection={(answer) => answer.timeDiscounts}
        filters={[byChoice("state", t("columns.state"), choices(discountStates, t))]}
        actions={
          mayWrite && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
              {t("discount.create")}
            </Button>
          )
        }
        columns={[
          text<Discount>((row) => <strong>{row.title}</strong>)(t("columns.name")),
          state<Discount, TimeDiscountState>(discountStates, (row) => row.state)(t("columns.state")),
          text<Discount>((row) => <Lowered discount={row} />)(t("columns.gives")),
          period<Discount>((row) => row)(t("columns.period")),
          ...(mayWrite
            ? [
                text<Discount>((row) => (
                  <Space>
                    <Button
                      size="small"
                      icon={<CalculatorOutlined />}
                      aria-label={`${t("discount.preview")}: ${row.title}`}
                      onClick={() => setPreviewed(row)}
                    />
                    {row.state === "DRAFT" && (
                      <Button
                        size="small"
                        icon={<EditOutlined />}
                        aria-label={`${t("edit")}: ${row.title}`}
                        onClick={() => setEditing(row)}
                      />
                    )}
                    <DiscountActions discount={row} />
                  </Space>
                ))(t("columns.actions")),
              ]
            : []),
        ]}
        empty={t("discount.empty")}
      />
      {previewed && <DiscountPreview discount={previewed} close={() => setPreviewed(undefined)} />}
      <Suspense>
        {editing && (
          <DiscountForm {...(editing === "new" ? {} : { discount: editing })} close={() => setEditing(undefined)} />
        )}
      </Suspense>
    </>
  );
}

const SHOWN = 3;

/** The first few variants, and how many more. */
function Lowered({ discount: { prices, mostPerCustomer, mostInAll, used } }: { discount: Discount }) {
  const { t, i18n } = useTranslation("promotions");
  return (
    <ul className="plain-list">
      {prices.slice(0, SHOWN).map(({ skuId, price, offBps }) => (
        <li key={skuId}>
          <SkuName id={skuId} />
          {t("colon")}
          {offBps
            ? t("words.percent", { percent: offBps / 100 })
            : formatMoney({ amount: price ?? 0, currency: "CNY" }, i18n.language)}
        </li>
      ))}
      {prices.length > SHOWN && <li>{t("discount.more", { count: prices.length - SHOWN })}</li>}
      {mostPerCustomer && <li>{t("discount.each", { most: mostPerCustomer })}</li>}
      {mostInAll && <li>{t("discount.used", { used: used ?? 0, most: mostInAll })}</li>}
    </ul>
  );
}
