// One case, live: what the shopper wants and why, what it is about, whose turn it is and what happens if nobody moves.
import { Link, useParams } from "@tanstack/react-router";
import { Alert, Card, Descriptions, Result, Skeleton, Table, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { StateTag, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Announce, Page } from "@/lib/page";
import { Picture, Price } from "@/lib/parts";
import { useRead } from "@/lib/query";
import { CaseActions } from "./actions";
import { type Case, caseDocument, orderOfCaseDocument } from "./case";
import { Due } from "./due";
import { Moments } from "./moments";
import { caseStates } from "./states";

export default function CaseDetail() {
  const { t } = useTranslation("afterSale");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const live = useLive(caseDocument, { id }, (answer) => answer.afterSaleUpdated);
  const of = live.frame?.case;
  if (live.error && !of) {
    return live.error.code === "NOT_FOUND" ? (
      <Result status="404" title={tCommon("gone")} />
    ) : (
      <Failed error={live.error} />
    );
  }
  if (!of) return <Skeleton active title paragraph={{ rows: 8 }} />;
  return (
    <Page
      title={t("caseOf", { number: of.caseNo })}
      crumbs={[{ label: t("cases"), to: "/after-sale" }]}
      aside={
        <>
          <StateTag states={caseStates} value={of.state} />
          <ConnectionPill />
        </>
      }
      actions={<CaseActions case={of} />}
    >
      <Announce text={t(`state.${of.state}`)} />
      <Alert
        className="gap-note"
        type={of.state === "REJECTED" || of.state === "ESCALATED" ? "error" : "info"}
        showIcon
        title={t(`next.${of.state}`)}
        description={
          of.dueAt && (
            <>
              {t("due")} <Due at={of.dueAt} offset={live.offset} />
            </>
          )
        }
      />
      <div className="team-layout" data-testid="case">
        <div className="team-side">
          <Wish case={of} />
          <Pieces case={of} />
          <Moments moments={of.timeline} />
        </div>
        <div className="team-side">
          <Facts case={of} />
        </div>
      </div>
    </Page>
  );
}

function Wish({ case: of }: { case: Case }) {
  const { t } = useTranslation("afterSale");
  return (
    <Card size="small" title={t("wish")}>
      <Descriptions
        size="small"
        column={1}
        items={[
          {
            key: "kind",
            label: t("columns.kind"),
            children: (
              <>
                {t(`kind.${of.kind}`)} {of.instant && <Tag>{t("instant")}</Tag>}
                {of.keepsGoods && <Tag>{t("keepsGoods")}</Tag>}
              </>
            ),
          },
          { key: "reason", label: t("columns.reason"), children: t(`reason.${of.reason}`) },
          { key: "amount", label: t("columns.amount"), children: <strong>{<Price money={of.amount} />}</strong> },
          { key: "note", label: t("words"), children: <span className="said">{of.note}</span> },
          ...(of.refusal
            ? [{ key: "no", label: t("refusal"), children: <span className="said">{of.refusal}</span> }]
            : []),
        ]}
      />
    </Card>
  );
}

function Pieces({ case: of }: { case: Case }) {
  const { t } = useTranslation("afterSale");
  const { data } = useRead(orderOfCaseDocument, { id: of.orderId });
  const lineOf = (id: string) => data?.order?.lines.find((line) => line.id === id);
  return (
    <Card size="small" title={t("pieces")}>
      <Table
        size="small"
        rowKey="orderLineId"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={of.lines}
        columns={[
          {
            title: t("columns.goods"),
            render: (_, row) => {
              const line = lineOf(row.orderLineId);
              return (
                <span className="open">
                  <Picture url={line?.imageUrl} />
                  <span>
                    {line?.title ?? row.skuId} <span className="quiet">{line?.optionsLabel}</span>
                  </span>
                </span>
              );
            },
          },
          { title: t("columns.quantity"), align: "end", className: "numeric", dataIndex: "quantity" },
          {
            title: t("columns.amount"),
            align: "end",
            className: "numeric",
            render: (_, row) => <Price money={row.amount} />,
          },
          ...(of.kind === "EXCHANGE"
            ? [
                {
                  title: t("columns.replacement"),
                  render: (_: unknown, row: Case["lines"][number]) =>
                    row.replacementSkuId === row.skuId || !row.replacementSkuId ? (
                      t("sameAgain")
                    ) : (
                      <code className="id">{row.replacementSkuId}</code>
                    ),
                },
              ]
            : []),
        ]}
      />
    </Card>
  );
}

function Facts({ case: of }: { case: Case }) {
  const { t } = useTranslation("afterSale");
  const { data } = useRead(orderOfCaseDocument, { id: of.orderId });
  const parcel = (carrier?: string | null, number?: string | null) =>
    number && (
      <>
        {carrier} <code className="id">{number}</code>
      </>
    );
  const rows = [
    {
      key: "order",
      label: t("columns.order"),
      children: <Link to={`/orders/${of.orderId}`}>{data?.order?.orderNo ?? of.orderId}</Link>,
    },
    { key: "created", label: t("columns.createdAt"), children: <When at={of.createdAt} /> },
    { key: "returnTo", label: t("returnTo"), children: of.returnTo },
    { key: "back", label: t("parcelBack"), children: parcel(of.carrier, of.trackingNo) },
    { key: "here", label: t("goodsBack"), children: of.goodsBack && t("here") },
    {
      key: "replacement",
      label: t("parcelOut"),
      children: parcel(of.replacementCarrier, of.replacementTrackingNo),
    },
    { key: "closed", label: t("columns.closedAt"), children: of.closedAt && <When at={of.closedAt} /> },
  ];
  return (
    <Card size="small" title={t("facts")}>
      <Descriptions size="small" column={1} items={rows.filter(({ children }) => children)} />
    </Card>
  );
}
