// One crowdfunding, live: how much is raised, what backers get and were told, what it costs at the worst, and who backs it.
import { EditOutlined, NotificationOutlined, QuestionCircleOutlined } from "@ant-design/icons";
import { useParams } from "@tanstack/react-router";
import { Button, Card, Descriptions, Empty, Progress, Result, Skeleton, Space, Statistic, Table, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CrowdfundingPledgeState, CrowdfundingPledgesQuery } from "@/gql/graphql";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { byChoice, choices, date, List, number, Open, StateTag, state, text, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Page } from "@/lib/page";
import { Face, Picture, Price } from "@/lib/parts";
import { PlayPreview } from "@/lib/play-preview";
import { useProductOfPlay } from "@/lib/product-of-play";
import { queryClient } from "@/lib/query";
import { clockOf, countdown, useRemaining } from "@/lib/time";
import { useViewer } from "@/lib/viewer";
import { CrowdfundingActions } from "./actions";
import { type Crowdfunding, crowdfundingDocument } from "./crowdfunding";
import { crowdfundingStates, pledgeStates } from "./states";

const pledgesDocument = graphql(`
  query CrowdfundingPledges($crowdfundingId: ID!, $state: CrowdfundingPledgeState, $first: Int, $after: String) {
    crowdfundingPledges(crowdfundingId: $crowdfundingId, state: $state, first: $first, after: $after) {
      edges {
        node {
          id state tierId quantity amount editionNo orderId refundReason pledgedAt
          customer { id nickname avatarUrl }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const previewDocument = graphql(`
  query CrowdfundingPreview($id: ID!, $costs: [PlayCostInput!]) {
    crowdfundingPreview(id: $id, costs: $costs) {
      worstCase { amount currency }
      lines {
        skuId units regularPrice { amount currency } price { amount currency } margin { amount currency }
        worstCase { amount currency }
      }
    }
  }
`);

const CrowdfundingForm = lazy(() => import("./form"));
const TellForm = lazy(() => import("./tell"));
const AskForm = lazy(() => import("./ask"));

/** The list of pledges is read again when the crowdfunding moved. */
const moved = (_: unknown, before: unknown) => {
  if (before) queryClient.invalidateQueries({ queryKey: [pledgesDocument.toString()] });
};

type Row = CrowdfundingPledgesQuery["crowdfundingPledges"]["edges"][number]["node"];

export default function CrowdfundingDetail() {
  const { t } = useTranslation("crowdfunding");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { can } = useViewer();
  const [open, setOpen] = useState<"edit" | "tell" | "ask">();
  const live = useLive(crowdfundingDocument, { id }, (answer) => answer.crowdfundingProgress, moved);
  const crowdfunding = live.frame?.crowdfunding;
  const product = useProductOfPlay(crowdfunding?.productId);

  if (live.error && !crowdfunding) {
    return live.error.code === "NOT_FOUND" ? (
      <Result status="404" title={tCommon("gone")} />
    ) : (
      <Failed error={live.error} />
    );
  }
  if (!crowdfunding) return <Skeleton active title paragraph={{ rows: 8 }} />;
  const mayWrite = can("CROWDFUNDING_WRITE");
  const close = () => setOpen(undefined);
  const rewards = new Map(crowdfunding.tiers.map((tier) => [tier.id, tier.title]));
  return (
    <Page
      title={crowdfunding.title}
      crumbs={[{ label: t("title"), to: "/crowdfunding" }]}
      aside={
        <>
          <StateTag states={crowdfundingStates} value={crowdfunding.state} />
          <ConnectionPill />
        </>
      }
      actions={
        mayWrite && (
          <Space wrap>
            {crowdfunding.state === "DRAFT" && (
              <Button icon={<EditOutlined />} onClick={() => setOpen("edit")}>
                {t("edit.open")}
              </Button>
            )}
            <CrowdfundingActions crowdfunding={crowdfunding} />
          </Space>
        )
      }
    >
      <Suspense>
        {open === "edit" && <CrowdfundingForm crowdfunding={crowdfunding} close={close} />}
        {open === "tell" && <TellForm id={id} close={close} />}
        {open === "ask" && <AskForm id={id} close={close} />}
      </Suspense>
      <Card data-testid="crowdfunding">
        <Goal crowdfunding={crowdfunding} offset={live.offset} />
      </Card>
      <Facts crowdfunding={crowdfunding} product={product} />
      <PlayPreview
        id={id}
        document={previewDocument}
        preview={(answer) => answer.crowdfundingPreview}
        label={(skuId) => product.labels[skuId] ?? ""}
      />
      <div className="two-cards">
        <Card
          size="small"
          title={t("updates")}
          extra={
            mayWrite &&
            crowdfunding.state !== "DRAFT" && (
              <Button size="small" icon={<NotificationOutlined />} onClick={() => setOpen("tell")}>
                {t("tell.open")}
              </Button>
            )
          }
        >
          {crowdfunding.updates.map((news) => (
            <section key={news.id}>
              <strong>{news.title}</strong>
              <span className="quiet">
                {" "}
                <When at={news.postedAt} />
              </span>
              <p>{news.body}</p>
            </section>
          ))}
          {crowdfunding.updates.length === 0 && (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("noUpdates")} />
          )}
        </Card>
        <Card
          size="small"
          title={t("polls")}
          extra={
            mayWrite &&
            crowdfunding.state !== "DRAFT" && (
              <Button size="small" icon={<QuestionCircleOutlined />} onClick={() => setOpen("ask")}>
                {t("ask.open")}
              </Button>
            )
          }
        >
          {crowdfunding.polls.map((poll) => (
            <Poll key={poll.id} poll={poll} />
          ))}
          {crowdfunding.polls.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("noPolls")} />}
        </Card>
      </div>
      <h2>{t("pledges")}</h2>
      <List
        label={t("pledges")}
        query={pledgesDocument}
        variables={({ after, state }) => ({
          crowdfundingId: id,
          state: state as CrowdfundingPledgeState | undefined,
          first: 20,
          after,
        })}
        connection={(answer) => answer.crowdfundingPledges}
        filters={[byChoice("state", t("columns.state"), choices(pledgeStates, t))]}
        columns={[
          text<Row>((row) => (
            <span className="open">
              {row.customer && <Face customer={row.customer} size={28} />} {row.customer?.nickname ?? t("somebody")}
            </span>
          ))(t("columns.backer")),
          state<Row, CrowdfundingPledgeState>(pledgeStates, (row) => row.state)(t("columns.state")),
          text<Row>((row) => rewards.get(row.tierId))(t("columns.tier")),
          number<Row>((row) => row.editionNo && t("editionNo", { no: row.editionNo }))(t("columns.edition")),
          number<Row>((row) => row.quantity)(t("columns.quantity")),
          number<Row>((row) => <Price money={{ amount: row.amount, currency: crowdfunding.currency }} />)(
            t("columns.amount"),
          ),
          date<Row>((row) => row.pledgedAt)(t("columns.pledgedAt")),
          text<Row>((row) => row.refundReason && t(`refundReason.${row.refundReason}`))(t("columns.refundReason")),
          text<Row>((row) => <Open to={`/orders/${row.orderId}`}>{t("columns.order")}</Open>)(t("columns.order")),
        ]}
        empty={t("noPledges")}
      />
    </Page>
  );
}

/** So much of what the goal counts. */
function Counted({ crowdfunding, count }: { crowdfunding: Crowdfunding; count: number }) {
  const { t } = useTranslation("crowdfunding");
  return crowdfunding.goalKind === "UNITS" ? (
    t("pieces", { count })
  ) : (
    <Price money={{ amount: count, currency: crowdfunding.currency }} />
  );
}

function Goal({ crowdfunding, offset }: { crowdfunding: Crowdfunding; offset: number }) {
  const { t } = useTranslation("crowdfunding");
  const starts = useRemaining(crowdfunding.startsAt, offset);
  const ends = useRemaining(crowdfunding.endsAt, offset);
  const left = countdown(starts || ends);
  const lives = crowdfunding.state === "PUBLISHED" || crowdfunding.state === "PAUSED";
  const raised = crowdfunding.goalKind === "UNITS" ? crowdfunding.units : crowdfunding.raised.amount;
  const percent = Math.floor(crowdfunding.progressBps / 100);
  return (
    <>
      <div className="goal-line">
        <span>
          <strong className="goal-raised numeric">
            <Counted crowdfunding={crowdfunding} count={raised} />
          </strong>{" "}
          <span className="quiet">
            / {t("columns.goal")} <Counted crowdfunding={crowdfunding} count={crowdfunding.goal} />
          </span>
        </span>
        {lives && (
          <span className="numeric" role="timer">
            {t(starts ? "startsIn" : "endsIn", { days: left.days, clock: clockOf(left) })}
          </span>
        )}
        {crowdfunding.endedAt && (
          <span className="quiet">
            {t("endedAt")} <When at={crowdfunding.endedAt} />
          </span>
        )}
      </div>
      <Progress
        percent={percent}
        status={crowdfunding.state === "FAILED" ? "exception" : percent >= 100 ? "success" : "normal"}
        format={() => `${percent}%`}
        aria-label={t("columns.progress")}
      />
    </>
  );
}

function Poll({ poll }: { poll: Crowdfunding["polls"][number] }) {
  const { t } = useTranslation("crowdfunding");
  const all = poll.options.reduce((sum, { votes }) => sum + votes, 0);
  return (
    <section>
      <strong>{poll.question}</strong>
      <span className="quiet">
        {" "}
        {t("closesAt")} <When at={poll.closesAt} />
      </span>
      {poll.options.map(({ label, votes }) => (
        <div className="poll-option" key={label}>
          <span>{label}</span>
          <Progress
            size="small"
            percent={all ? Math.round((100 * votes) / all) : 0}
            format={() => t("votes", { count: votes })}
            aria-label={label}
          />
        </div>
      ))}
    </section>
  );
}

function Facts(props: { crowdfunding: Crowdfunding; product: ReturnType<typeof useProductOfPlay> }) {
  const { t } = useTranslation("crowdfunding");
  const { crowdfunding, product } = props;
  return (
    <div className="facts">
      <Card className="tallies">
        <Statistic title={t("columns.backers")} value={crowdfunding.backers} />
        <Statistic title={t("tally.units")} value={crowdfunding.units} />
        <Statistic
          title={t("columns.raised")}
          valueRender={() => <Price money={crowdfunding.raised} />}
          value={crowdfunding.raised.amount}
        />
      </Card>
      <Card>
        <Descriptions
          size="small"
          column={{ xs: 1, sm: 2 }}
          items={[
            {
              key: "product",
              label: t("form.product"),
              span: "filled" as const,
              children: (
                <span className="open">
                  <Picture url={product.product?.cover?.url} /> {product.title}
                </span>
              ),
            },
            {
              key: "window",
              label: t("window"),
              span: "filled" as const,
              children: (
                <span>
                  <When at={crowdfunding.startsAt} /> – <When at={crowdfunding.endsAt} />
                </span>
              ),
            },
            {
              key: "rule",
              label: t("columns.funding"),
              children: t(crowdfunding.keepsAll ? "keepsAll" : "allOrNothing"),
            },
            { key: "ship", label: t("shipBy"), children: <When at={crowdfunding.shipBy} /> },
            ...crowdfunding.stretchGoals.map((stretch, n) => ({
              key: `stretch${n}`,
              label: t("form.stretch", { n: n + 1 }),
              span: "filled" as const,
              children: (
                <span>
                  <Counted crowdfunding={crowdfunding} count={stretch.goal} /> · {stretch.title}{" "}
                  {stretch.reached && <Tag color="success">{t("reached")}</Tag>}
                </span>
              ),
            })),
          ]}
        />
        <Table
          className="sku-table"
          size="small"
          rowKey="id"
          pagination={false}
          scroll={{ x: "max-content" }}
          dataSource={crowdfunding.tiers}
          columns={[
            {
              title: t("columns.tier"),
              render: (_, tier) => (
                <span>
                  {tier.title} {tier.numbered && <Tag>{t("columns.numbered")}</Tag>}
                </span>
              ),
            },
            { title: t("columns.sku"), render: (_, tier) => product.labels[tier.skuId] },
            { title: t("columns.price"), align: "end", render: (_, tier) => <Price money={tier.price} /> },
            {
              title: t("columns.stock"),
              align: "end",
              className: "numeric",
              render: (_, tier) => tier.stock ?? t("unlimited"),
            },
            {
              title: t("columns.left"),
              align: "end",
              className: "numeric",
              render: (_, tier) => tier.left ?? t("unlimited"),
            },
            {
              title: t("columns.perCustomer"),
              align: "end",
              className: "numeric",
              render: (_, tier) => tier.perCustomerLimit ?? t("unlimited"),
            },
          ]}
        />
      </Card>
    </div>
  );
}
