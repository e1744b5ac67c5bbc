import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { GroupBuyState, GroupBuysQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byChoice, byText, choices, date, ListPage, number, Open, state, text } from "@/lib/list-page";
import { Picture, PriceRange } from "@/lib/parts";
import { useViewer } from "@/lib/viewer";
import { CampaignActions } from "./actions";
import { campaignStates } from "./states";

const CampaignForm = lazy(() => import("./form"));

const groupBuysDocument = graphql(`
  query GroupBuys($first: Int, $after: String, $filter: GroupBuyFilter) {
    groupBuys(first: $first, after: $after, filter: $filter) {
      edges {
        node {
          id title imageUrl state startsAt endsAt sizes
          skus { skuId prices { size price { amount currency } } }
          teamCounts { open formed failed }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = GroupBuysQuery["groupBuys"]["edges"][number]["node"];

export default function GroupBuyList() {
  const { t } = useTranslation("groupBuy");
  const { can } = useViewer();
  const [creating, setCreating] = useState(false);
  const mayWrite = can("GROUP_BUY_WRITE");
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("create.open")}
    </Button>
  );

  return (
    <>
      <ListPage
        title={t("title")}
        query={groupBuysDocument}
        variables={({ after, state, search }) => ({
          first: 20,
          after,
          filter: { state: state as GroupBuyState | undefined, search },
        })}
        connection={(answer) => answer.groupBuys}
        every={15_000}
        filters={[
          byText("search", t("searchCampaign")),
          byChoice("state", t("columns.state"), choices(campaignStates, t)),
        ]}
        columns={[
          text<Row>((row) => (
            <Open to={`/group-buy/${row.id}`}>
              <Picture url={row.imageUrl} /> {row.title}
            </Open>
          ))(t("columns.campaign")),
          state<Row, GroupBuyState>(campaignStates, (row) => row.state)(t("columns.state")),
          number<Row>((row) => <PriceRange prices={row.skus.flatMap(({ prices }) => prices)} />)(t("columns.price")),
          number<Row>((row) => t("peopleOf", { sizes: row.sizes.join(" / ") }))(t("columns.size")),
          number<Row>((row) => row.teamCounts.open)(t("teamState.OPEN")),
          number<Row>((row) => row.teamCounts.formed)(t("teamState.FORMED")),
          number<Row>((row) => row.teamCounts.failed)(t("teamState.FAILED")),
          date<Row>((row) => row.endsAt)(t("columns.endsAt")),
          ...(mayWrite
            ? [text<Row>((row) => <CampaignActions campaign={row} size="small" />)(t("columns.actions"))]
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
