// What payment providers reported that does not fit our books: nothing of it was applied, a person looks.
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import type { ParkedNotificationsQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { date, ListPage, text } from "@/lib/list-page";
import { MoneyNav } from "./places";

const parkedDocument = graphql(`
  query ParkedNotifications($first: Int, $after: String) {
    parkedNotifications(first: $first, after: $after) {
      edges { node { provider eventId kind chargeNo refundNo why receivedAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = ParkedNotificationsQuery["parkedNotifications"]["edges"][number]["node"] & { id: string };

export default function Parked() {
  const { t } = useTranslation("money");
  return (
    <ListPage
      title={t("parked.title")}
      above={
        <>
          <MoneyNav />
          <Alert className="gap-note" type="info" showIcon title={t("parked.help")} />
        </>
      }
      query={parkedDocument}
      variables={({ after }) => ({ first: 20, after })}
      connection={({ parkedNotifications: { edges, pageInfo } }) => ({
        edges: edges.map(({ node }) => ({ node: { ...node, id: `${node.provider} ${node.eventId}` } })),
        pageInfo,
      })}
      filters={[]}
      every={30_000}
      columns={[
        text<Row>((row) => t(`orders:gateway.${row.provider}`, { defaultValue: row.provider }))(t("columns.provider")),
        text<Row>((row) => t(`parked.kinds.${row.kind}`, { defaultValue: row.kind }))(t("columns.kind")),
        text<Row>((row) => <code className="id">{row.chargeNo}</code>)(t("columns.chargeNo")),
        text<Row>((row) => row.refundNo && <code className="id">{row.refundNo}</code>)(t("columns.refundNo")),
        text<Row>((row) => <span lang="en">{row.why}</span>)(t("columns.why")),
        date<Row>((row) => row.receivedAt)(t("columns.receivedAt")),
      ]}
      empty={t("parked.empty")}
    />
  );
}
