import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Space } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PromotionState } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, ListPage, number, period, state, text } from "@/lib/list-page";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { ReductionWords } from "./benefit";
import { OfferSteps } from "./offer";
import { PromotionNav } from "./places";
import { type Reduction, reductionsDocument } from "./reduction-form";
import { offerStates } from "./states";

const ReductionForm = lazy(() => import("./reduction-form"));

const activateDocument = graphql(`
  mutation ReductionActivate($id: ID!) {
    reductionActivate(id: $id) { reduction { id state } userErrors { code field message } }
  }
`);
const stopDocument = graphql(`
  mutation ReductionStop($id: ID!) {
    reductionStop(id: $id) { reduction { id state } userErrors { code field message } }
  }
`);

export default function ReductionList() {
  const { t } = useTranslation("promotions");
  const { can } = useViewer();
  const [editing, setEditing] = useState<Reduction | "new">();
  const activate = useWrite(activateDocument);
  const stop = useWrite(stopDocument);
  const mayWrite = can("PROMOTION_WRITE");
  return (
    <>
      <ListPage
        title={t("reductions")}
        above={<PromotionNav />}
        query={reductionsDocument}
        variables={({ after, state }) => ({ first: 20, after, state: state as PromotionState | undefined })}
        connection={(answer) => answer.reductions}
        filters={[byChoice("state", t("columns.state"), choices(offerStates, t))]}
        actions={
          mayWrite && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
              {t("reduction.create")}
            </Button>
          )
        }
        columns={[
          text<Reduction>((row) => <strong>{row.title}</strong>)(t("columns.name")),
          state<Reduction, PromotionState>(offerStates, (row) => row.state)(t("columns.state")),
          text<Reduction>((row) => t(`reduction.kinds.${row.effect.kind}`))(t("reduction.kind")),
          text<Reduction>((row) => <ReductionWords effect={row.effect} />)(t("columns.gives")),
          number<Reduction>((row) => row.priority)(t("reduction.priority")),
          period<Reduction>((row) => row)(t("columns.period")),
          ...(mayWrite
            ? [
                text<Reduction>((row) => (
                  <Space>
                    <Button
                      size="small"
                      icon={<EditOutlined />}
                      aria-label={`${t("edit")}: ${row.title}`}
                      onClick={() => setEditing(row)}
                    />
                    <OfferSteps
                      size="small"
                      offer={row}
                      run={{
                        activate: async () => (await activate.mutateAsync({ id: row.id })).reductionActivate,
                        stop: async () => (await stop.mutateAsync({ id: row.id })).reductionStop,
                      }}
                    />
                  </Space>
                ))(t("columns.actions")),
              ]
            : []),
        ]}
        empty={t("reduction.empty")}
      />
      <Suspense>
        {editing && (
          <ReductionForm {...(editing === "new" ? {} : { reduction: editing })} close={() => setEditing(undefined)} />
        )}
      </Suspense>
    </>
  );
}
