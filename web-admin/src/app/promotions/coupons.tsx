import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Space } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CouponWay, PromotionState } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, date, ListPage, number, Open, state, text } from "@/lib/list-page";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { CouponWords } from "./benefit";
import { type Coupon, couponsDocument } from "./coupon-form";
import { OfferSteps } from "./offer";
import { PromotionNav } from "./places";
import { offerStates } from "./states";

const CouponForm = lazy(() => import("./coupon-form"));

const activateDocument = graphql(`
  mutation CouponTemplateActivate($id: ID!) {
    couponTemplateActivate(id: $id) { couponTemplate { id state } userErrors { code field message } }
  }
`);
const stopDocument = graphql(`
  mutation CouponTemplateStop($id: ID!) {
    couponTemplateStop(id: $id) { couponTemplate { id state } userErrors { code field message } }
  }
`);

const ways: CouponWay[] = ["CLAIM", "CODE", "STAFF", "REGISTER", "BIRTHDAY", "ORDER_PAID", "CHECK_IN"];

export default function CouponList() {
  const { t } = useTranslation("promotions");
  const { can } = useViewer();
  const [editing, setEditing] = useState<Coupon | "new">();
  const mayWrite = can("PROMOTION_WRITE");
  return (
    <>
      <ListPage
        title={t("coupons")}
        above={<PromotionNav />}
        query={couponsDocument}
        variables={({ after, state, way }) => ({
          first: 20,
          after,
          state: state as PromotionState | undefined,
          way: way as CouponWay | undefined,
        })}
        connection={(answer) => answer.couponTemplates}
        filters={[
          byChoice("state", t("columns.state"), choices(offerStates, t)),
          byChoice(
            "way",
            t("coupon.way"),
            ways.map((value) => ({ value, label: t(`coupon.ways.${value}`) })),
          ),
        ]}
        actions={
          mayWrite && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
              {t("coupon.create")}
            </Button>
          )
        }
        columns={[
          text<Coupon>((row) => <Open to={`/promotions/coupon/${row.id}`}>{row.title}</Open>)(t("columns.name")),
          state<Coupon, PromotionState>(offerStates, (row) => row.state)(t("columns.state")),
          text<Coupon>((row) => <CouponWords terms={row.terms} />)(t("columns.gives")),
          text<Coupon>((row) => t(`coupon.ways.${row.way}`))(t("coupon.way")),
          number<Coupon>((row) => (row.quota ? t("takenOf", { taken: row.taken, quota: row.quota }) : row.taken))(
            t("columns.taken"),
          ),
          date<Coupon>((row) => row.endsAt)(t("columns.endsAt")),
          ...(mayWrite
            ? [
                text<Coupon>((row) => (
                  <Space>
                    <Button
                      size="small"
                      icon={<EditOutlined />}
                      aria-label={`${t("edit")}: ${row.title}`}
                      onClick={() => setEditing(row)}
                    />
                    <CouponSteps coupon={row} />
                  </Space>
                ))(t("columns.actions")),
              ]
            : []),
        ]}
        empty={t("coupon.empty")}
      />
      <Suspense>
        {editing && (
          <CouponForm {...(editing === "new" ? {} : { coupon: editing })} close={() => setEditing(undefined)} />
        )}
      </Suspense>
    </>
  );
}

export function CouponSteps({
  coupon,
  size = "small",
}: {
  coupon: { id: string; title: string; state: PromotionState };
  size?: "small" | "middle";
}) {
  const activate = useWrite(activateDocument);
  const stop = useWrite(stopDocument);
  return (
    <OfferSteps
      offer={coupon}
      size={size}
      run={{
        activate: async () => (await activate.mutateAsync({ id: coupon.id })).couponTemplateActivate,
        stop: async () => (await stop.mutateAsync({ id: coupon.id })).couponTemplateStop,
      }}
    />
  );
}
