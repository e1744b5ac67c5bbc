// One campaign: what it promises, what it costs at the worst, and its records, live.
import { EditOutlined } from "@ant-design/icons";
import { useParams } from "@tanstack/react-router";
import { Button, Card, Descriptions, Result, Skeleton, Space, Statistic } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BargainRecordState, BargainRecordsQuery } from "@/gql/graphql";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, date, List, number, Open, StateTag, state, text, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Page } from "@/lib/page";
import { Face, Price } from "@/lib/parts";
import { PlayPreview } from "@/lib/play-preview";
import { queryClient } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { CampaignActions } from "./actions";
import { type Campaign, campaignDocument } from "./campaign";
import { range } from "./list";
import { CutBar } from "./parts";
import { campaignStates, recordStates } from "./states";

const recordsDocument = graphql(`
  query BargainRecords($bargainId: ID!, $state: BargainRecordState, $first: Int, $after: String) {
    bargainRecords(bargainId: $bargainId, state: $state, first: $first, after: $after) {
      edges {
        node {
          id state cuts cutsMade startedAt deadline
          price { amount currency } remaining { amount currency }
          owner { id nickname avatarUrl }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const previewDocument = graphql(`
  query BargainPreview($id: ID!, $costs: [PlayCostInput!]) {
    bargainPreview(id: $id, costs: $costs) {
      lines {
        skuId units regularPrice { amount currency } price { amount currency } margin { amount currency }
        worstCase { amount currency }
      }
      worstCase { amount currency }
    }
  }
`);

const CampaignForm = lazy(() => import("./form"));

/** The list of records is read again when the campaign's counters moved. */
const recordsMoved = (_: unknown, before: unknown) => {
  if (before) queryClient.invalidateQueries({ queryKey: [recordsDocument.toString()] });
};

type Row = BargainRecordsQuery["bargainRecords"]["edges"][number]["node"];

export default function BargainDetail() {
  const { t } = useTranslation("bargain");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { can } = useViewer();
  const [editing, setEditing] = useState(false);
  const live = useLive(campaignDocument, { bargainId: id }, (answer) => answer.bargainCampaignProgress, recordsMoved);
  const campaign = live.frame?.bargain;

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
      crumbs={[{ label: t("title"), to: "/bargain" }]}
      aside={
        <>
          <StateTag states={campaignStates} value={campaign.state} />
          <ConnectionPill />
        </>
      }
      actions={
        can("BARGAIN_WRITE") && (
          <Space>
            {campaign.state === "DRAFT" && (
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
        preview={(answer) => answer.bargainPreview}
        label={(skuId) => campaign.skus.find((sku) => sku.skuId === skuId)?.optionsLabel ?? ""}
      />
      <h2>{t("records")}</h2>
      <List
        label={t("records")}
        query={recordsDocument}
        variables={({ after, state }) => ({
          bargainId: id,
          state: state as BargainRecordState | undefined,
          first: 20,
          after,
        })}
        connection={(answer) => answer.bargainRecords}
        filters={[byChoice("state", t("columns.state"), choices(recordStates, t))]}
        columns={[
          text<Row>((row) => (
            <Open to={`/bargain/record/${row.id}`}>
              {row.owner && <Face customer={row.owner} size={28} />} {row.owner?.nickname ?? t("somebody")}
            </Open>
          ))(t("columns.owner")),
          state<Row, BargainRecordState>(recordStates, (row) => row.state)(t("columns.state")),
          text<Row>((row) => <CutBar made={row.cutsMade} cuts={row.cuts} />)(t("columns.cuts")),
          number<Row>((row) => <Price money={row.price} />)(t("columns.price")),
          number<Row>((row) => <Price money={row.remaining} />)(t("columns.remaining")),
          date<Row>((row) => row.startedAt)(t("columns.startedAt")),
          date<Row>((row) => row.deadline)(t("columns.deadline")),
        ]}
        empty={t("noRecords")}
      />
    </Page>
  );
}

function Facts({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation("bargain");
  const { running, floorReached, ordered, paid, expired, cuts } = campaign.recordCounts;
  return (
    <div className="facts">
      <Card className="tallies">
        <Statistic title={t("recordState.RUNNING")} value={running} />
        <Statistic title={t("recordState.FLOOR_REACHED")} value={floorReached} />
        <Statistic title={t("recordState.ORDERED")} value={ordered} />
        <Statistic title={t("recordState.PAID")} value={paid} />
        <Statistic title={t("over")} value={expired} />
        <Statistic title={t("cuts")} value={cuts} />
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
            { key: "cuts", label: t("columns.cuts"), children: range(campaign.skus.map(({ cuts }) => cuts)) },
            { key: "run", label: t("form.runHours"), children: t("hours", { count: campaign.runHours }) },
            { key: "pay", label: t("form.payHours"), children: t("hours", { count: campaign.payHours }) },
            { key: "first", label: t("form.ownerFirst"), children: t(campaign.firstCut === "OWNER" ? "yes" : "no") },
            {
              key: "any",
              label: t("form.anyPrice"),
              children: t(campaign.buyAt === "CURRENT_PRICE" ? "yes" : "no"),
            },
            { key: "new", label: t("form.newDraws"), children: campaign.newCustomerDraws },
            { key: "daily", label: t("form.daily"), children: campaign.helperDailyLimit ?? t("unlimited") },
            { key: "customer", label: t("form.perCustomer"), children: campaign.perCustomerLimit ?? t("unlimited") },
          ]}
        />
      </Card>
    </div>
  );
}
