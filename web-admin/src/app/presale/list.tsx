import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PresaleState, PresalesQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { actions, byChoice, choices, date, ListPage, number, Open, state, text } from "@/lib/list-page";
import { PriceRange } from "@/lib/parts";
import { useViewer } from "@/lib/viewer";
import { PresaleActions } from "./actions";
import { presaleStates } from "./states";

const PresaleForm = lazy(() => import("./form"));

const presalesDocument = graphql(`
  query Presales($first: Int, $after: String, $state: PresaleState) {
    presales(first: $first, after: $after, state: $state) {
      edges {
        node {
          id title state mode forfeits endsAt balanceUntil reserved paid
          skus { skuId left price { amount currency } deposit { amount currency } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
type Row = PresalesQuery["presales"]["edges"][number]["node"];

export default function PresaleList() {
  const { t } = useTranslation("presale");
  const { can } = useViewer();
  const [creating, setCreating] = useState(false);
  const mayWrite = can("PRESALE_WRITE");
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("create.open")}
    </Button>
  );

  return (
    <>
      <ListPage
        title={t("title")}
        query={presalesDocument}
        variables={({ after, state }) => ({ first: 20, after, state: state as PresaleState | undefined })}
        connection={(answer) => answer.presales}
        every={10_000}
        filters={[byChoice("state", t("columns.state"), choices(presaleStates, t))]}
        columns={[
          text<Row>((row) => <Open to={`/presale/${row.id}`}>{row.title}</Open>)(t("columns.presale")),
          state<Row, PresaleState>(presaleStates, (row) => row.state)(t("columns.state")),
          text<Row>((row) =>
            row.mode === "FULL"
              ? t("mode.FULL")
              : `${t("mode.DEPOSIT")} · ${row.forfeits ? t("forfeits") : t("refunds")}`,
          )(t("columns.mode")),
          number<Row>((row) => <PriceRange prices={row.skus} />)(t("columns.price")),
          number<Row>((row) => <PriceRange prices={row.skus.map(({ deposit }) => ({ price: deposit }))} />)(
            t("columns.deposit"),
          ),
          number<Row>((row) => row.skus.reduce((sum, { left }) => sum + left, 0))(t("columns.left")),
          number<Row>((row) => t("of", { paid: row.paid, reserved: row.reserved }))(t("columns.paid")),
          date<Row>((row) => row.endsAt)(t("columns.endsAt")),
          date<Row>((row) => row.balanceUntil)(t("columns.balanceUntil")),
          ...(mayWrite
            ? [actions<Row>((row) => <PresaleActions presale={row} size="small" />)(t("columns.actions"))]
            : []),
        ]}
        actions={mayWrite && create}
        empty={t("empty")}
      />
      {creating && (
        <Suspense>
          <PresaleForm close={() => setCreating(false)} />
        </Suspense>
      )}
    </>
  );
}
