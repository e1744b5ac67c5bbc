import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FlashSalePhase, FlashSaleState, FlashSalesQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { actions, byChoice, choices, date, ListPage, number, Open, state, text } from "@/lib/list-page";
import { Picture } from "@/lib/parts";
import { useViewer } from "@/lib/viewer";
import { SaleActions } from "./actions";
import { salePhases, saleStates } from "./states";

const SaleForm = lazy(() => import("./form"));

const flashSalesDocument = graphql(`
  query FlashSales($first: Int, $after: String, $state: FlashSaleState) {
    flashSales(first: $first, after: $after, state: $state) {
      edges {
        node {
          id title state phase startsAt endsAt
          items { skuId imageUrl }
          counts { skuId stock left reserved sold }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = FlashSalesQuery["flashSales"]["edges"][number]["node"];

const sum = (row: Row, of: "stock" | "left" | "reserved" | "sold") =>
  row.counts.reduce((all, counts) => all + counts[of], 0);

export default function FlashSaleList() {
  const { t } = useTranslation("flashSale");
  const { can } = useViewer();
  const [creating, setCreating] = useState(false);
  const mayWrite = can("FLASH_SALE_WRITE");
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("create.open")}
    </Button>
  );

  return (
    <>
      <ListPage
        title={t("title")}
        query={flashSalesDocument}
        variables={({ after, state }) => ({ first: 20, after, state: state as FlashSaleState | undefined })}
        connection={(answer) => answer.flashSales}
        every={15_000}
        filters={[byChoice("state", t("columns.state"), choices(saleStates, t))]}
        columns={[
          text<Row>((row) => (
            <Open to={`/flash-sale/${row.id}`}>
              <Picture url={row.items[0]?.imageUrl} /> {row.title}
            </Open>
          ))(t("columns.sale")),
          state<Row, FlashSaleState>(saleStates, (row) => row.state)(t("columns.state")),
          state<Row, FlashSalePhase>(salePhases, (row) => row.phase)(t("columns.phase")),
          number<Row>((row) => sum(row, "stock"))(t("columns.stock")),
          number<Row>((row) => sum(row, "left"))(t("columns.left")),
          number<Row>((row) => sum(row, "reserved"))(t("columns.reserved")),
          number<Row>((row) => sum(row, "sold"))(t("columns.sold")),
          date<Row>((row) => row.startsAt)(t("columns.startsAt")),
          date<Row>((row) => row.endsAt)(t("columns.endsAt")),
          ...(mayWrite ? [actions<Row>((row) => <SaleActions sale={row} size="small" />)(t("columns.actions"))] : []),
        ]}
        actions={mayWrite && create}
        empty={t("empty")}
      />
      {creating && (
        <Suspense>
          <SaleForm close={() => setCreating(false)} />
        </Suspense>
      )}
    </>
  );
}
