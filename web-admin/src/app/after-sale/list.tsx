import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { AfterSaleState, AfterSalesQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, date, ListPage, number, Open, state, text } from "@/lib/list-page";
import { Price } from "@/lib/parts";
import { viewFilter } from "./cases";
import { Due } from "./due";
import { AfterSaleLive } from "./feed";
import { AfterSaleNav } from "./places";
import { caseStates } from "./states";

const casesDocument = graphql(`
  query AfterSales($first: Int, $after: String, $filter: AfterSaleFilterInput) {
    afterSales(first: $first, after: $after, filter: $filter) {
      edges { node { id caseNo kind state reason instant amount { amount currency } dueAt createdAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = AfterSalesQuery["afterSales"]["edges"][number]["node"];

export default function CaseList() {
  const { t } = useTranslation("afterSale");
  return (
    <ListPage
      title={t("cases")}
      above={<AfterSaleNav />}
      actions={<AfterSaleLive query={casesDocument} />}
      query={casesDocument}
      variables={({ after, view, state }) => ({ first: 20, after, filter: viewFilter(view, state, Date.now()) })}
      connection={(answer) => answer.afterSales}
      every={60_000}
      filters={[
        byChoice("view", t("view.label"), [
          { value: "waiting", label: t("view.waiting") },
          { value: "urgent", label: t("view.urgent") },
        ]),
        byChoice("state", t("columns.state"), choices(caseStates, t)),
      ]}
      columns={[
        text<Row>((row) => (
          <Open to={`/after-sale/case/${row.id}`}>
            <span className="numeric">{row.caseNo}</span>
          </Open>
        ))(t("columns.case")),
        state<Row, AfterSaleState>(caseStates, (row) => row.state)(t("columns.state")),
        text<Row>((row) => (
          <>
            {t(`kind.${row.kind}`)} {row.instant && <Tag>{t("instant")}</Tag>}
          </>
        ))(t("columns.kind")),
        text<Row>((row) => t(`reason.${row.reason}`))(t("columns.reason")),
        number<Row>((row) => <Price money={row.amount} />)(t("columns.amount")),
        text<Row>((row) => <Due at={row.dueAt} />)(t("columns.dueAt")),
        date<Row>((row) => row.createdAt)(t("columns.createdAt")),
      ]}
      empty={t("empty")}
    />
  );
}
