// One order, live: what was bought and for how much, who gets it, what was paid and went back, and what happened.
import { useParams } from "@tanstack/react-router";
import { Alert, Card, Descriptions, Result, Skeleton, Table, Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { StateTag, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Announce, Page } from "@/lib/page";
import { Picture, Price } from "@/lib/parts";
import { clockOf, countdown, useRemaining } from "@/lib/time";
import { OrderActions } from "./actions";
import { type Order, orderDocument } from "./order";
import { orderStates, paymentStates, refundStates } from "./states";
import { explain } from "./trace";

export default function OrderDetail() {
  const { t } = useTranslation("orders");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const live = useLive(orderDocument, { id }, (answer) => answer.orderUpdated);
  const order = live.frame?.order;
  if (live.error && !order) {
    return live.error.code === "NOT_FOUND" ? (
      <Result status="404" title={tCommon("gone")} />
    ) : (
      <Failed error={live.error} />
    );
  }
  if (!order) return <Skeleton active title paragraph={{ rows: 8 }} />;
  return (
    <Page
      title={t("orderOf", { number: order.orderNo })}
      crumbs={[{ label: t("title"), to: "/orders" }]}
      aside={
        <>
          <StateTag states={orderStates} value={order.status} />
          <ConnectionPill />
        </>
      }
      actions={<OrderActions order={order} />}
    >
      <Announce text={t(`status.${order.status}`)} />
      <Next order={order} offset={live.offset} />
      <div className="team-layout" data-testid="order">
        <div className="team-side">
          <Lines order={order} />
          <Trace order={order} />
          <Payments order={order} />
          {order.refunds.length > 0 && <Refunds order={order} />}
        </div>
        <div className="team-side">
          <Recipient order={order} />
          <Facts order={order} />
          <History order={order} />
        </div>
      </div>
    </Page>
  );
}

/** What the order waits for, in one sentence. */
function Next({ order, offset }: { order: Order; offset: number }) {
  const { t } = useTranslation("orders");
  const left = countdown(useRemaining(order.status === "PENDING_PAYMENT" ? order.payBy : undefined, offset));
  const failed = order.refunds.some(({ status }) => status === "FAILED");
  const why = order.cancelReason;
  return (
    <>
      {failed && <Alert className="gap-note" type="error" showIcon title={t("refundFailed")} />}
      <Alert
        className="gap-note"
        type={order.status === "TO_SHIP" ? "warning" : "info"}
        showIcon
        title={
          order.status === "CANCELLED" && why
            ? t("nextCancelled", { why: t(`cancelReason.${why}`, { defaultValue: why }) })
            : t(`next.${order.status}`, { time: `${left.days > 0 ? `${left.days * 24} h + ` : ""}${clockOf(left)}` })
        }
      />
    </>
  );
}

function Lines({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Card size="small" title={t("lines")}>
      <Table
        size="small"
        rowKey="id"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={order.lines}
        columns={[
          {
            title: t("columns.goods"),
            render: (_, line) => (
              <span className="open">
                <Picture url={line.imageUrl} />
                <span>
                  {line.title}
                  {line.optionsLabel && <span className="quiet"> {line.optionsLabel}</span>}
                </span>
              </span>
            ),
          },
          {
            title: t("columns.unitPrice"),
            align: "end",
            className: "numeric",
            render: (_, line) => <Price money={line.unitPrice} />,
          },
          { title: t("columns.quantity"), align: "end", className: "numeric", dataIndex: "quantity" },
          {
            title: t("columns.discount"),
            align: "end",
            className: "numeric",
            render: (_, line) =>
              line.discount.amount === 0 ? (
                t("noDiscount")
              ) : (
                <Price money={{ ...line.discount, amount: -Math.abs(line.discount.amount) }} />
              ),
          },
          {
            title: t("columns.payable"),
            align: "end",
            className: "numeric",
            render: (_, line) => <strong>{<Price money={line.payable} />}</strong>,
          },
        ]}
      />
      <Descriptions
        className="sums"
        size="small"
        column={1}
        items={[
          { key: "goods", label: t("sum.goods"), children: <Price money={order.goods} /> },
          { key: "shipping", label: t("sum.shipping"), children: <Price money={order.shipping} /> },
          { key: "total", label: t("sum.total"), children: <strong>{<Price money={order.total} />}</strong> },
          ...(order.refunded.amount > 0
            ? [{ key: "refunded", label: t("sum.refunded"), children: <Price money={order.refunded} /> }]
            : []),
        ]}
      />
    </Card>
  );
}

function Trace({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Card size="small" title={t("trace.title")}>
      <p className="quiet">{t("trace.help")}</p>
      <Table
        size="small"
        rowKey="key"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={explain(order.trace, order.lines)}
        columns={[
          {
            title: t("trace.step"),
            render: (_, row) =>
              t(`trace.codes.${row.code}`, {
                defaultValue: t(`trace.steps.${row.step}`, { defaultValue: row.code }),
              }),
          },
          { title: t("trace.what"), render: (_, row) => row.what ?? t("trace.whole") },
          {
            title: t("trace.amount"),
            align: "end",
            className: "numeric",
            render: (_, row) => <Price money={row.amount} />,
          },
          { title: t("trace.sum"), align: "end", className: "numeric", render: (_, row) => <Price money={row.sum} /> },
        ]}
      />
    </Card>
  );
}

function Payments({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Card size="small" title={t("payments")}>
      {order.payments.length === 0 ? (
        <p className="quiet">{t("noPayments")}</p>
      ) : (
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          scroll={{ x: "max-content" }}
          dataSource={order.payments}
          columns={[
            {
              title: t("columns.gateway"),
              render: (_, row) => t(`gateway.${row.gateway}`, { defaultValue: row.gateway }),
            },
            { title: t("columns.state"), render: (_, row) => <StateTag states={paymentStates} value={row.state} /> },
            {
              title: t("columns.amount"),
              align: "end",
              className: "numeric",
              render: (_, row) => <Price money={row.amount} />,
            },
            { title: t("columns.paidAt"), render: (_, row) => <When at={row.paidAt} /> },
            { title: t("columns.paymentNo"), render: (_, row) => <code className="id">{row.paymentNo}</code> },
          ]}
        />
      )}
    </Card>
  );
}

function Refunds({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Card size="small" title={t("refunds")}>
      <Table
        size="small"
        rowKey="id"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={order.refunds}
        columns={[
          { title: t("columns.state"), render: (_, row) => <StateTag states={refundStates} value={row.status} /> },
          {
            title: t("columns.amount"),
            align: "end",
            className: "numeric",
            render: (_, row) => <Price money={row.amount} />,
          },
          { title: t("columns.reason"), render: (_, row) => row.reasonText ?? row.reason },
          { title: t("columns.createdAt"), render: (_, row) => <When at={row.createdAt} /> },
          { title: t("columns.finishedAt"), render: (_, row) => <When at={row.finishedAt} /> },
          { title: t("columns.refundNo"), render: (_, row) => <code className="id">{row.refundNo}</code> },
        ]}
      />
    </Card>
  );
}

function Recipient({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const { recipient, phone, region, street } = order.shippingAddress;
  return (
    <Card size="small" title={t("recipient")}>
      <Descriptions
        size="small"
        column={1}
        items={[
          { key: "name", label: t("address.recipient"), children: recipient },
          { key: "phone", label: t("address.phone"), children: <bdi className="numeric">{phone}</bdi> },
          { key: "where", label: t("address.where"), children: `${region} ${street}` },
          ...(order.trackingNo
            ? [
                {
                  key: "tracking",
                  label: t("address.tracking"),
                  children: (
                    <>
                      {order.carrier} <code className="id">{order.trackingNo}</code>
                    </>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Card>
  );
}

function Facts({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const moments = [
    ["createdAt", order.createdAt],
    ["paidAt", order.paidAt],
    ["shippedAt", order.shippedAt],
    ["receivedAt", order.receivedAt],
  ] as const;
  return (
    <Card size="small" title={t("facts")}>
      <Descriptions
        size="small"
        column={1}
        items={[
          ...moments
            .filter(([, at]) => at)
            .map(([key, at]) => ({ key, label: t(`columns.${key}`), children: <When at={at} /> })),
          {
            key: "origin",
            label: t("columns.origin"),
            children: t(`origin.${order.origin?.kind ?? "none"}`, { defaultValue: order.origin?.kind }),
          },
          ...(order.externalReference
            ? [{ key: "ref", label: t("reference.label"), children: <code>{order.externalReference}</code> }]
            : []),
          { key: "id", label: t("id"), children: <code className="id">{order.id}</code> },
        ]}
      />
    </Card>
  );
}

const good = ["PAID", "RELEASED", "RECEIVED", "COMPLETED", "PICKED_UP", "DELIVERED"];
const bad = ["CANCELLED", "PAID_TOO_LATE", "REFUND_FAILED", "PARCEL_PROBLEM", "PARCEL_RETURNED"];

function History({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Card size="small" title={t("timeline")}>
      <Timeline
        items={order.timeline.toReversed().map((moment, n) => ({
          key: order.timeline.length - n,
          color: good.includes(moment.kind) ? "green" : bad.includes(moment.kind) ? "red" : "blue",
          content: (
            <>
              <div>
                {t(`moment.${moment.kind}`, { defaultValue: moment.kind })}
                {moment.amount && (
                  <>
                    {" "}
                    <Price money={moment.amount} />
                  </>
                )}
              </div>
              {moment.note && (
                <div className="quiet">
                  {moment.kind === "CANCELLED"
                    ? t(`cancelReason.${moment.note}`, { defaultValue: moment.note })
                    : moment.note}
                </div>
              )}
              <small className="quiet numeric">
                <When at={moment.at} />
              </small>
            </>
          ),
        }))}
      />
    </Card>
  );
}
