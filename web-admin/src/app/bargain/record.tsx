// One customer's bargain, live: the price as it falls, every cut, what is left to the cent, and the proof.
import { CheckCircleFilled, ClockCircleFilled, CloseCircleFilled, LockOutlined } from "@ant-design/icons";
import { useParams } from "@tanstack/react-router";
import { Card, Descriptions, Progress, Result, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { BargainCutsQuery, BargainRecordProgressSubscription } from "@/gql/graphql";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { date, List, number, Open, StateTag, text, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Page } from "@/lib/page";
import { Face, Price } from "@/lib/parts";
import { queryClient, useRead } from "@/lib/query";
import { clockOf, countdown, useRemaining } from "@/lib/time";
import { recordStates } from "./states";

const progressDocument = graphql(`
  subscription BargainRecordProgress($id: ID!, $after: String) {
    bargainProgress(id: $id, after: $after) {
      cursor gap serverTime
      record {
        id state cuts cutsMade cutsLeft deadline payBy startedAt endedAt seedHash orderId optionsLabel imageUrl
        firstPrice { amount currency } floorPrice { amount currency } price { amount currency }
        cutOff { amount currency } remaining { amount currency }
        owner { id nickname avatarUrl }
        bargain { id title }
      }
    }
  }
`);
const cutsDocument = graphql(`
  query BargainCuts($recordId: ID!, $first: Int, $after: String) {
    bargainCuts(recordId: $recordId, first: $first, after: $after) {
      edges {
        node {
          no at drawnByNewCustomer amount { amount currency } price { amount currency }
          helper { id nickname avatarUrl }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const seedDocument = graphql(`
  query BargainSeed($id: ID!) { bargainProof(id: $id) { version seed } }
`);

type Shown = BargainRecordProgressSubscription["bargainProgress"]["record"];
type Cut = BargainCutsQuery["bargainCuts"]["edges"][number]["node"] & { id: string };

/** The cuts and the seed are read again when the record moved. */
const moved = (_: unknown, before: unknown) => {
  if (!before) return;
  for (const document of [cutsDocument, seedDocument])
    queryClient.invalidateQueries({ queryKey: [document.toString()] });
};

export default function BargainRecordPage() {
  const { t } = useTranslation("bargain");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const live = useLive(progressDocument, { id }, (answer) => answer.bargainProgress, moved);
  const seed = useRead(seedDocument, { id }).data?.bargainProof?.seed;
  const record = live.frame?.record;

  if (live.error && !record) {
    return live.error.code === "NOT_FOUND" ? (
      <Result status="404" title={tCommon("gone")} />
    ) : (
      <Failed error={live.error} />
    );
  }
  if (!record) return <Skeleton active title paragraph={{ rows: 8 }} />;
  return (
    <Page
      title={t("recordOf", { name: record.owner?.nickname ?? t("somebody") })}
      crumbs={[
        { label: t("title"), to: "/bargain" },
        { label: record.bargain.title, to: `/bargain/${record.bargain.id}` },
      ]}
      aside={<StateTag states={recordStates} value={record.state} />}
      actions={<ConnectionPill />}
    >
      <div className="team-layout">
        <Card className="team" data-testid="record">
          <Banner record={record} offset={live.offset} />
          <Progress
            percent={(100 * record.cutsMade) / record.cuts}
            showInfo={false}
            strokeColor={{ from: "#ff8a4c", to: "#5b4be1" }}
            aria-label={t("cutsOf", { made: record.cutsMade, count: record.cuts })}
          />
          <List
            label={t("cuts")}
            filters={[]}
            query={cutsDocument}
            variables={({ after }) => ({ recordId: id, first: 20, after })}
            connection={(answer) => ({
              ...answer.bargainCuts,
              edges: answer.bargainCuts.edges.map(({ node }) => ({ node: { ...node, id: `${node.no}` } })),
            })}
            columns={[
              number<Cut>((cut) => cut.no)(t("columns.no")),
              text<Cut>((cut) => (
                <span className="open">
                  {cut.helper && <Face customer={cut.helper} size={28} />} {cut.helper?.nickname ?? t("somebody")}
                  {cut.drawnByNewCustomer && <span className="quiet"> {t("newCustomer")}</span>}
                </span>
              ))(t("columns.helper")),
              number<Cut>((cut) => <Price money={{ ...cut.amount, amount: -cut.amount.amount }} />)(t("columns.cut")),
              number<Cut>((cut) => <Price money={cut.price} />)(t("columns.price")),
              date<Cut>((cut) => cut.at)(t("columns.at")),
            ]}
            empty={t("noCuts")}
          />
        </Card>
        <div className="team-side">
          <Card size="small" title={t("facts")}>
            <Descriptions
              size="small"
              column={1}
              items={[
                { key: "first", label: t("form.first"), children: <Price money={record.firstPrice} /> },
                { key: "price", label: t("columns.price"), children: <Price money={record.price} /> },
                { key: "floor", label: t("form.floor"), children: <Price money={record.floorPrice} /> },
                { key: "off", label: t("cutOff"), children: <Price money={record.cutOff} /> },
                { key: "started", label: t("columns.startedAt"), children: <When at={record.startedAt} /> },
                { key: "deadline", label: t("columns.deadline"), children: <When at={record.deadline} /> },
                ...(record.payBy ? [{ key: "pay", label: t("payBy"), children: <When at={record.payBy} /> }] : []),
                ...(record.orderId
                  ? [
                      {
                        key: "order",
                        label: t("order"),
                        children: <Open to={`/orders/${record.orderId}`}>{t("order")}</Open>,
                      },
                    ]
                  : []),
                { key: "id", label: t("id"), children: <code className="id">{record.id}</code> },
              ]}
            />
          </Card>
          <Card size="small" title={t("proof.title")}>
            <p className="quiet">{t("proof.text")}</p>
            <Descriptions
              size="small"
              column={1}
              layout="vertical"
              items={[
                {
                  key: "hash",
                  label: t("proof.hash"),
                  children: (
                    <Typography.Text code copyable className="id">
                      {record.seedHash}
                    </Typography.Text>
                  ),
                },
                {
                  key: "seed",
                  label: t("proof.seed"),
                  children: seed ? (
                    <Typography.Text code copyable className="id">
                      {seed}
                    </Typography.Text>
                  ) : (
                    <span className="quiet">
                      <LockOutlined /> {t("proof.sealed")}
                    </span>
                  ),
                },
              ]}
            />
          </Card>
        </div>
      </div>
    </Page>
  );
}

function Banner({ record, offset }: { record: Shown; offset: number }) {
  const { t } = useTranslation("bargain");
  const ends = record.state === "RUNNING" ? record.deadline : record.state === "FLOOR_REACHED" ? record.payBy : null;
  const left = countdown(useRemaining(ends ?? undefined, offset));
  const good = record.state === "PAID" || record.state === "FLOOR_REACHED";
  const bad = record.state === "EXPIRED" || record.state === "PAY_EXPIRED";
  const Icon = good ? CheckCircleFilled : bad ? CloseCircleFilled : ClockCircleFilled;
  return (
    <div className={`banner ${good ? "good" : bad ? "bad" : "open"}`}>
      <Icon />
      <div>
        <strong data-testid="price">
          <Price money={record.price} />
        </strong>
        <p>
          {record.remaining.amount > 0 ? (
            <span data-testid="remaining">
              {t("banner.left")} <Price money={record.remaining} /> · {t("banner.cuts", { count: record.cutsLeft })}
            </span>
          ) : (
            t("banner.floor")
          )}
        </p>
      </div>
      {ends && !left.over && (
        <div className="clock" role="timer" aria-label={t("remaining")}>
          {left.days > 0 && <small>{t("days", { count: left.days })}</small>}
          <span className="numeric">{clockOf(left)}</span>
        </div>
      )}
    </div>
  );
}
