import { Progress } from "antd";
import { useTranslation } from "react-i18next";
import type { CrowdfundingState, CrowdfundingsQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, date, ListPage, number, state, text } from "@/lib/list-page";
import { Price } from "@/lib/parts";
import { PlayActions } from "@/lib/play-actions";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { crowdfundingStates } from "./states";

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
const publishDocument = graphql(`
  mutation CrowdfundingPublish($id: ID!) { crowdfundingPublish(id: $id) { userErrors { code message } } }
`);
const pauseDocument = graphql(`
  mutation CrowdfundingPause($id: ID!) { crowdfundingPause(id: $id) { userErrors { code message } } }
`);
const resumeDocument = graphql(`
  mutation CrowdfundingResume($id: ID!) { crowdfundingResume(id: $id) { userErrors { code message } } }
`);
const endDocument = graphql(`
  mutation CrowdfundingEndEarly($id: ID!) { crowdfundingEndEarly(id: $id) { userErrors { code message } } }
`);
const copyDocument = graphql(`
  mutation CrowdfundingCopy($id: ID!) { crowdfundingCopy(id: $id) { userErrors { code message } } }
`);

type Row = CrowdfundingsQuery["crowdfundings"]["edges"][number]["node"];

export default function CrowdfundingList() {
  const { t } = useTranslation("crowdfunding");
  const { can } = useViewer();
  return (
    <ListPage
      title={t("title")}
      query={crowdfundingsDocument}
      variables={({ after, state }) => ({ first: 20, after, state: state as CrowdfundingState | undefined })}
      connection={(answer) => answer.crowdfundings}
      every={10_000}
      filters={[byChoice("state", t("columns.state"), choices(crowdfundingStates, t))]}
      columns={[
        text<Row>((row) => row.title)(t("columns.crowdfunding")),
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
          <Progress size="small" style={{ minWidth: 120 }} percent={Math.round(row.progressBps / 100)} />
        ))(t("columns.progress")),
        number<Row>((row) => row.backers)(t("columns.backers")),
        date<Row>((row) => row.endsAt)(t("columns.endsAt")),
        ...(can("CROWDFUNDING_WRITE") ? [text<Row>((row) => <Actions row={row} />)(t("columns.actions"))] : []),
      ]}
      empty={t("empty")}
    />
  );
}

function Actions({ row }: { row: Row }) {
  const publish = useWrite(publishDocument);
  const pause = useWrite(pauseDocument);
  const resume = useWrite(resumeDocument);
  const end = useWrite(endDocument);
  const copy = useWrite(copyDocument);
  const id = { id: row.id };
  return (
    <PlayActions
      namespace="crowdfunding"
      play={row}
      run={{
        publish: async () => (await publish.mutateAsync(id)).crowdfundingPublish,
        pause: async () => (await pause.mutateAsync(id)).crowdfundingPause,
        resume: async () => (await resume.mutateAsync(id)).crowdfundingResume,
        end: async () => (await end.mutateAsync(id)).crowdfundingEndEarly,
        copy: async () => (await copy.mutateAsync(id)).crowdfundingCopy,
      }}
    />
  );
}
