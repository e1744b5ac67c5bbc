import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Space } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "@/lib/act";
import { graphql } from "@/lib/graphql";
import { date, ListPage, text } from "@/lib/list-page";
import { formatMoney } from "@/lib/money";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { type Freight, freightDocument } from "./freight-form";
import { PromotionNav } from "./places";
import { regionName } from "./regions";

const FreightForm = lazy(() => import("./freight-form"));

const deleteDocument = graphql(`
  mutation FreightTemplateDelete($id: ID!) {
    freightTemplateDelete(id: $id) { id userErrors { code field message } }
  }
`);

export default function FreightList() {
  const { t } = useTranslation("promotions");
  const { can } = useViewer();
  const ask = useAsk();
  const remove = useWrite(deleteDocument);
  const [editing, setEditing] = useState<Freight | "new">();
  const mayWrite = can("PROMOTION_WRITE");
  return (
    <>
      <ListPage
        title={t("freight.title")}
        above={<PromotionNav />}
        query={freightDocument}
        variables={({ after }) => ({ first: 20, after })}
        connection={(answer) => answer.freightTemplates}
        filters={[]}
        actions={
          mayWrite && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
              {t("freight.create")}
            </Button>
          )
        }
        columns={[
          text<Freight>((row) => <strong>{row.name}</strong>)(t("freight.name")),
          text<Freight>((row) => t(`freight.by.${row.chargedBy}`))(t("freight.chargedBy")),
          text<Freight>((row) => <Rules freight={row} />)(t("freight.rules")),
          date<Freight>((row) => row.updatedAt)(t("columns.updatedAt")),
          ...(mayWrite
            ? [
                text<Freight>((row) => (
                  <Space>
                    <Button
                      size="small"
                      icon={<EditOutlined />}
                      aria-label={`${t("edit")}: ${row.name}`}
                      onClick={() => setEditing(row)}
                    />
                    <Button
                      size="small"
                      danger
                      aria-label={`${t("freight.remove.name")}: ${row.name}`}
                      onClick={() =>
                        ask({
                          title: t("freight.remove.question", { name: row.name }),
                          effect: t("freight.remove.effect"),
                          name: t("freight.remove.name"),
                          done: t("freight.remove.done"),
                          danger: true,
                          run: async () => (await remove.mutateAsync({ id: row.id })).freightTemplateDelete,
                        })
                      }
                    >
                      {t("freight.remove.name")}
                    </Button>
                  </Space>
                ))(t("columns.actions")),
              ]
            : []),
        ]}
        empty={t("freight.empty")}
      />
      <Suspense>
        {editing && (
          <FreightForm {...(editing === "new" ? {} : { freight: editing })} close={() => setEditing(undefined)} />
        )}
      </Suspense>
    </>
  );
}

/** Each rule in one line. */
function Rules({ freight }: { freight: Freight }) {
  const { t, i18n } = useTranslation("promotions");
  const unit = t(`freight.unit.${freight.chargedBy}`);
  const count = (n: number) => `${freight.chargedBy === "WEIGHT" ? n / 1000 : n} ${unit}`;
  return (
    <ul className="plain-list">
      {freight.rules.map((rule) => {
        const where =
          rule.regions.length === 0
            ? t("freight.everywhere")
            : rule.regions.map((code) => regionName(code, i18n.language)).join("、");
        return (
          <li key={rule.regions.join()}>
            {where}
            {t("colon")}
            {rule.refused
              ? t("freight.notCarried")
              : t("freight.ruleWords", {
                  first: count(rule.first),
                  firstFee: formatMoney(rule.firstFee, i18n.language),
                  next: count(rule.next),
                  nextFee: formatMoney(rule.nextFee, i18n.language),
                })}
            {rule.freeFrom && t("freight.freeWords", { least: formatMoney(rule.freeFrom, i18n.language) })}
            {rule.freeFromPieces &&
              t("freight.freeWords", { least: t("words.pieces", { count: rule.freeFromPieces }) })}
          </li>
        );
      })}
    </ul>
  );
}
