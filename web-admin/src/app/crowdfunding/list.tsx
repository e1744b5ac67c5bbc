import { PlusOutlined } from "@ant-design/icons";
import { Button, Progress } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CrowdfundingState, CrowdfundingsQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { actions, byChoice, choices, date, ListPage, number, Open, state, text } from "@/lib/list-page";
import { Price } from "@/lib/parts";
import { useViewer } from "@/lib/viewer";
import { CrowdfundingActions } from "./actions";
import { crowdfundingStates } from "./states";

const CrowdfundingForm = lazy(() => import("./form"));

const crowdfundingsDocument = graphql(`
  query Crowdfundings($first: Int, $after: String, $state: CrowdfundingState) {
    crowdfundings(first: $first, after: $after, state: $state) {
      edges {
        node {
          id title state goalKind goal keepsAll currency endsAt units backers progressBps
          raised { amount currency }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
type Row = CrowdfundingsQuery["crowdfundings"]["edges"][number]["node"];

export default function CrowdfundingList() {
  const { t } = useTranslation("crowdfunding");
  const { can } = useViewer();
  const [creating, setCreating] = useState(false);
  const mayWrite = can("CROWDFUNDING_WRITE");
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("create.open")}
    </Button>
  );

  return (
    <>
      <ListPage
        title={t("title")}
        query={crowdfundingsDocument}
        variables={({ after, state }) => ({ first: 20, after, state: state as CrowdfundingState | undefined })}
        connection={(answer) => answer.crowdfundings}
        every={10_000}
        filters={[byChoice("state", t("columns.state"), choices(crowdfundingStates, t))]}
        columns={[
          text<Row>((row) => <Open to={`/crowdfunding/${row.id}`}>{row.title}</Open>)(t("columns.crowdfunding")),
          state<Row, CrowdfundingState>(crowdfundingStates, (row) => row.state)(t("columns.state")),
          text<Row>((row) => (row.keepsAll ? t("keepsAll") : t("allOrNothing")))(t("columns.funding")),
          number<Row>((row) =>
            row.goalKind === "UNITS" ? (
              t("pieces", { count: row.goal })
            ) : (
              <Price money={{ amount: row.goal, currency: row.currency }} />
            ),
          )(t("columns.goal")),
          number<Row>((row) => <Price money={row.raised} />)(t("columns.raised")),
          text<Row>((row) => (
            <Progress
              size="small"
              style={{ minWidth: 120 }}
              percent={Math.floor(row.progressBps / 100)}
              format={(percent) => `${percent}%`}
              aria-label={t("columns.progress")}
            />
          ))(t("columns.progress")),
          number<Row>((row) => row.backers)(t("columns.backers")),
          date<Row>((row) => row.endsAt)(t("columns.endsAt")),
          ...(mayWrite
            ? [actions<Row>((row) => <CrowdfundingActions crowdfunding={row} size="small" />)(t("columns.actions"))]
            : []),
        ]}
        actions={mayWrite && create}
        empty={t("empty")}
      />
      {creating && (
        <Suspense>
          <CrowdfundingForm close={() => setCreating(false)} />
        </Suspense>
      )}
    </>
  );
}
