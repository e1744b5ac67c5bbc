import { EditOutlined } from "@ant-design/icons";
import { useParams } from "@tanstack/react-router";
import { Avatar, Button, Card, Descriptions, Progress, Result, Skeleton, Space, Statistic, Table, Tooltip } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { GroupBuyTeamState, GroupBuyTeamsQuery } from "@/gql/graphql";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, date, List, Open, StateTag, state, text, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { formatMoney } from "@/lib/money";
import { Page } from "@/lib/page";
import { Face, Price } from "@/lib/parts";
import { PlayPreview } from "@/lib/play-preview";
import { queryClient } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { CampaignActions } from "./actions";
import { type Campaign, campaignDocument } from "./campaign";
import { campaignStates, teamStates } from "./states";

const groupBuyTeamsDocument = graphql(`
  query GroupBuyTeams($groupBuyId: ID!, $state: GroupBuyTeamState, $first: Int, $after: String) {
    groupBuyTeams(groupBuyId: $groupBuyId, state: $state, first: $first, after: $after) {
      edges {
        node {
          id state size seatsTaken needed deadline openedAt
          seats { seatNo state isLeader customer { id nickname avatarUrl } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const previewDocument = graphql(`
  query GroupBuyPreview($id: ID!, $costs: [PlayCostInput!]) {
    groupBuyPreview(id: $id, costs: $costs) {
      lines {
        skuId units regularPrice { amount currency } price { amount currency } margin { amount currency }
        worstCase { amount currency }
      }
      worstCase { amount currency }
    }
  }
`);

const CampaignForm = lazy(() => import("./form"));

/** The list of teams is read again when the campaign's counters moved. */
const teamsMoved = (_: unknown, before: unknown) => {
  if (before) queryClient.invalidateQueries({ queryKey: [groupBuyTeamsDocument.toString()] });
};

type Team = GroupBuyTeamsQuery["groupBuyTeams"]["edges"][number]["node"];

export default function GroupBuyDetail() {
  const { t } = useTranslation("groupBuy");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { can } = useViewer();
  const [editing, setEditing] = useState(false);
  const live = useLive(campaignDocument, { groupBuyId: id }, (answer) => answer.groupBuyCampaignProgress, teamsMoved);
  const campaign = live.frame?.groupBuy;

  if (live.error && !campaign) {
    return live.error.code === "NOT_FOUND" ? (
      <Result status="404" title={tCommon("gone")} />
    ) : (
      <Failed error={live.error} />
    );
  }
  if (!campaign) return <Skeleton active title paragraph={{ rows: 8 }} />;
  return (
    <Page
      title={campaign.title}
      crumbs={[{ label: t("title"), to: "/group-buy" }]}
      aside={
        <>
          <StateTag states={campaignStates} value={campaign.state} />
          <ConnectionPill />
        </>
      }
      actions={
        can("GROUP_BUY_WRITE") && (
          <Space>
            {campaign.state !== "ENDED" && (
              <Button icon={<EditOutlined />} onClick={() => setEditing(true)}>
                {t("edit.open")}
              </Button>
            )}
            <CampaignActions campaign={campaign} />
          </Space>
        )
      }
    >
      {editing && (
        <Suspense>
          <CampaignForm campaign={campaign} close={() => setEditing(false)} />
        </Suspense>
      )}
      <Facts campaign={campaign} />
      <PlayPreview
        id={id}
        document={previewDocument}
        preview={(answer) => answer.groupBuyPreview}
        label={(skuId) => campaign.skus.find((sku) => sku.skuId === skuId)?.optionsLabel ?? ""}
      />
      <h2>{t("teams")}</h2>
      <List
        label={t("teams")}
        query={groupBuyTeamsDocument}
        variables={({ after, state }) => ({
          groupBuyId: id,
          state: state as GroupBuyTeamState | undefined,
          first: 20,
          after,
        })}
        connection={(answer) => answer.groupBuyTeams}
        filters={[byChoice("state", t("columns.state"), choices(teamStates, t))]}
        columns={[
          text<Team>((team) => (
            <Open to={`/group-buy/team/${team.id}`}>
              <Seats team={team} />
            </Open>
          ))(t("columns.team")),
          state<Team, GroupBuyTeamState>(teamStates, (team) => team.state)(t("columns.state")),
          text<Team>((team) => <Filled team={team} />)(t("columns.filled")),
          date<Team>((team) => team.openedAt)(t("columns.openedAt")),
          date<Team>((team) => team.deadline)(t("columns.deadline")),
        ]}
        empty={t("noTeams")}
      />
    </Page>
  );
}

function Facts({ campaign }: { campaign: Campaign }) {
  const { t, i18n } = useTranslation("groupBuy");
  const { t: tCommon } = useTranslation();
  const { open, formed, formedVirtually, failed, paidSeats } = campaign.teamCounts;
  const percent = (bps: number) => (bps ? `${bps / 100}%` : t("no"));
  const saves = (discount: Campaign["leaderDiscount"]) => {
    if (discount?.amount) return t("amountOff", { amount: formatMoney(discount.amount, i18n.language) });
    return discount?.rateBps ? t("percentOff", { percent: discount.rateBps / 100 }) : t("no");
  };
  return (
    <div className="facts">
      <Card className="tallies">
        <Statistic title={t("teamState.OPEN")} value={open} />
        <Statistic title={t("teamState.FORMED")} value={formed} />
        <Statistic title={t("teamState.FAILED")} value={failed} />
        <Statistic title={t("paidSeats")} value={paidSeats} />
        <Statistic title={t("formedVirtually")} value={formedVirtually} />
        <Statistic
          title={t("rate")}
          value={formed + failed ? Math.round((100 * formed) / (formed + failed)) : "—"}
          suffix={formed + failed ? "%" : ""}
        />
      </Card>
      <Card>
        <Descriptions
          size="small"
          column={{ xs: 1, sm: 2, xxl: 3 }}
          items={[
            {
              key: "window",
              label: t("window"),
              span: 2,
              children: (
                <span>
                  <When at={campaign.startsAt} /> – <When at={campaign.endsAt} />
                </span>
              ),
            },
            { key: "life", label: t("form.lifetime"), children: t("hours", { count: campaign.teamHours }) },
            { key: "hold", label: t("form.hold"), children: t("minutes", { count: campaign.seatHoldMinutes }) },
            { key: "leader", label: t("form.leaderDiscount"), children: saves(campaign.leaderDiscount) },
            { key: "commission", label: t("form.leaderCommission"), children: percent(campaign.leaderCommissionBps) },
            {
              key: "new",
              label: t("form.newOnly"),
              children: campaign.joiners === "NEW_CUSTOMERS" ? t("yes") : t("no"),
            },
            { key: "order", label: t("form.perOrder"), children: campaign.perOrderLimit },
            { key: "customer", label: t("form.perCustomer"), children: campaign.perCustomerLimit ?? t("unlimited") },
            {
              key: "virtual",
              label: t("form.virtual"),
              children: campaign.virtualFromPercent
                ? t("fromPercent", { percent: campaign.virtualFromPercent })
                : t("no"),
            },
          ]}
        />
        <Table
          className="sku-table"
          size="small"
          rowKey="skuId"
          pagination={false}
          dataSource={campaign.skus}
          columns={[
            { title: t("form.sku"), dataIndex: "optionsLabel", render: (label: string) => label || t("form.onlySku") },
            {
              title: t("form.original"),
              align: "end",
              render: (_, sku) => (sku.originalPrice ? <Price money={sku.originalPrice} /> : tCommon("none")),
            },
            ...campaign.sizes.map((size) => ({
              title: t("teamOfSize", { size }),
              align: "end" as const,
              render: (_: unknown, sku: Campaign["skus"][number]) => {
                const of = sku.prices.find((price) => price.size === size);
                return of && <strong>{<Price money={of.price} />}</strong>;
              },
            })),
          ]}
        />
      </Card>
    </div>
  );
}

function Seats({ team }: { team: Team }) {
  const { t } = useTranslation("groupBuy");
  const seated = team.seats.filter(
    (seat) => seat.customer && (seat.state === "CONFIRMED" || seat.state === "RESERVED"),
  );
  const leader = seated.find((seat) => seat.isLeader)?.customer?.nickname;
  return (
    <>
      <Avatar.Group max={{ count: 5 }} size={28}>
        {seated.map((seat) => (
          <Tooltip key={seat.seatNo} title={seat.customer?.nickname}>
            <span>{seat.customer && <Face customer={seat.customer} size={28} />}</span>
          </Tooltip>
        ))}
      </Avatar.Group>
      <span>{leader ? t("teamOf", { name: leader }) : t("teamNobody")}</span>
    </>
  );
}

function Filled({ team }: { team: Team }) {
  const { t } = useTranslation("groupBuy");
  return (
    <div className="filled">
      <Progress
        size="small"
        showInfo={false}
        percent={(100 * team.seatsTaken) / team.size}
        {...(team.state === "FAILED" ? { status: "exception" as const } : {})}
        aria-label={t("seatsOf", { taken: team.seatsTaken, size: team.size })}
      />
      <span className="numeric">
        {team.seatsTaken}/{team.size}
      </span>
    </div>
  );
}
