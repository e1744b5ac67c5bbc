import { useTranslation } from "react-i18next";
import type { ComplaintState, ComplaintsQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, date, ListPage, Open, state, text } from "@/lib/list-page";
import { Due } from "./due";
import { AfterSaleLive } from "./feed";
import { AfterSaleNav } from "./places";
import { complaintStates } from "./states";

const complaintsDocument = graphql(`
  query Complaints($first: Int, $after: String, $filter: ComplaintFilterInput) {
    complaints(first: $first, after: $after, filter: $filter) {
      edges { node { id state topic dueAt createdAt timeline { note } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = ComplaintsQuery["complaints"]["edges"][number]["node"];

export default function ComplaintList() {
  const { t } = useTranslation("afterSale");
  return (
    <ListPage
      title={t("complaints")}
      above={<AfterSaleNav />}
      actions={<AfterSaleLive query={complaintsDocument} />}
      query={complaintsDocument}
      variables={({ after, state }) => ({
        first: 20,
        after,
        filter: { states: state ? [state as ComplaintState] : undefined },
      })}
      connection={(answer) => answer.complaints}
      every={60_000}
      filters={[byChoice("state", t("columns.state"), choices(complaintStates, t))]}
      columns={[
        text<Row>((row) => <Open to={`/after-sale/complaints/${row.id}`}>{t(`topic.${row.topic}`)}</Open>)(
          t("columns.topic"),
        ),
        state<Row, ComplaintState>(complaintStates, (row) => row.state)(t("columns.state")),
        text<Row>((row) => <span className="excerpt">{row.timeline[0]?.note}</span>)(t("words")),
        text<Row>((row) => <Due at={row.dueAt} />)(t("columns.dueAt")),
        date<Row>((row) => row.createdAt)(t("columns.createdAt")),
      ]}
      empty={t("noComplaints")}
    />
  );
}
