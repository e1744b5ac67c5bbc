import { useTranslation } from "react-i18next";
import type { PresaleState, PresalesQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, date, ListPage, number, state, text } from "@/lib/list-page";
import { PriceRange } from "@/lib/parts";
import { PlayActions } from "@/lib/play-actions";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { presaleStates } from "./states";

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
const publishDocument = graphql(`
  mutation PresalePublish($id: ID!) { presalePublish(id: $id) { userErrors { code message } } }
`);
const pauseDocument = graphql(`
  mutation PresalePause($id: ID!) { presalePause(id: $id) { userErrors { code message } } }
`);
const resumeDocument = graphql(`
  mutation PresaleResume($id: ID!) { presaleResume(id: $id) { userErrors { code message } } }
`);
const endDocument = graphql(`
  mutation PresaleEndEarly($id: ID!) { presaleEndEarly(id: $id) { userErrors { code message } } }
`);
const copyDocument = graphql(`
  mutation PresaleCopy($id: ID!) { presaleCopy(id: $id) { userErrors { code message } } }
`);

type Row = PresalesQuery["presales"]["edges"][number]["node"];

export default function PresaleList() {
  const { t } = useTranslation("presale");
  const { can } = useViewer();
  return (
    <ListPage
      title={t("title")}
      query={presalesDocument}
      variables={({ after, state }) => ({ first: 20, after, state: state as PresaleState | undefined })}
      connection={(answer) => answer.presales}
      every={10_000}
      filters={[byChoice("state", t("columns.state"), choices(presaleStates, t))]}
      columns={[
        text<Row>((row) => row.title)(t("columns.presale")),
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
        ...(can("PRESALE_WRITE") ? [text<Row>((row) => <Actions row={row} />)(t("columns.actions"))] : []),
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
      namespace="presale"
      play={row}
      run={{
        publish: async () => (await publish.mutateAsync(id)).presalePublish,
        pause: async () => (await pause.mutateAsync(id)).presalePause,
        resume: async () => (await resume.mutateAsync(id)).presaleResume,
        end: async () => (await end.mutateAsync(id)).presaleEndEarly,
        copy: async () => (await copy.mutateAsync(id)).presaleCopy,
      }}
    />
  );
}
