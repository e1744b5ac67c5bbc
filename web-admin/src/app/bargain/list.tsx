import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BargainState, BargainsQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { actions, byChoice, byText, choices, date, ListPage, number, Open, state, text } from "@/lib/list-page";
import { Picture, PriceRange } from "@/lib/parts";
import { useViewer } from "@/lib/viewer";
import { CampaignActions } from "./actions";
import { campaignStates } from "./states";

const CampaignForm = lazy(() => import("./form"));

const bargainsDocument = graphql(`
  query Bargains($first: Int, $after: String, $filter: BargainFilter) {
    bargains(first: $first, after: $after, filter: $filter) {
      edges {
        node {
          id title imageUrl state startsAt endsAt
          skus { skuId cuts floorPrice { amount currency } }
          recordCounts { running floorReached paid expired }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = BargainsQuery["bargains"]["edges"][number]["node"];

export default function BargainList() {
  const { t } = useTranslation("bargain");
  const { can } = useViewer();
  const [creating, setCreating] = useState(false);
  const mayWrite = can("BARGAIN_WRITE");
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("create.open")}
    </Button>
  );

  return (
    <>
      <ListPage
        title={t("title")}
        query={bargainsDocument}
        variables={({ after, state, search }) => ({
          first: 20,
          after,
          filter: { state: state as BargainState | undefined, search },
        })}
        connection={(answer) => answer.bargains}
        every={15_000}
        filters={[
          byText("search", t("searchCampaign")),
          byChoice("state", t("columns.state"), choices(campaignStates, t)),
        ]}
        columns={[
          text<Row>((row) => (
            <Open to={`/bargain/${row.id}`}>
              <Picture url={row.imageUrl} /> {row.title}
            </Open>
          ))(t("columns.campaign")),
          state<Row, BargainState>(campaignStates, (row) => row.state)(t("columns.state")),
          number<Row>((row) => <PriceRange prices={row.skus.map(({ floorPrice }) => ({ price: floorPrice }))} />)(
            t("columns.floor"),
          ),
          number<Row>((row) => range(row.skus.map(({ cuts }) => cuts)))(t("columns.cuts")),
          number<Row>((row) => row.recordCounts.running)(t("recordState.RUNNING")),
          number<Row>((row) => row.recordCounts.floorReached)(t("recordState.FLOOR_REACHED")),
          number<Row>((row) => row.recordCounts.paid)(t("recordState.PAID")),
          date<Row>((row) => row.endsAt)(t("columns.endsAt")),
          ...(mayWrite
            ? [actions<Row>((row) => <CampaignActions campaign={row} size="small" />)(t("columns.actions"))]
            : []),
        ]}
        actions={mayWrite && create}
        empty={t("empty")}
      />
      {creating && (
        <Suspense>
          <CampaignForm close={() => setCreating(false)} />
        </Suspense>
      )}
    </>
  );
}

/** The lowest and the highest of some numbers. */
export function range(numbers: number[]): string {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return low === high ? `${low}` : `${low} – ${high}`;
}
