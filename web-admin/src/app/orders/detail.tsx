// One order, live: what was bought and for how much, where it is, what was paid and went back, and what happened.
import { Link, useParams } from "@tanstack/react-router";
import { Alert, Card, Collapse, Descriptions, Result, Skeleton, Table, Tag, Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { caseStates } from "@/app/after-sale/states";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { StateTag, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Announce, Page } from "@/lib/page";
import { Picture, Price } from "@/lib/parts";
import { clockOf, countdown, useRemaining } from "@/lib/time";
import { OrderActions } from "./actions";
import { type Order, orderDocument } from "./order";
import { orderStates, parcelStates, paymentStates, refundStates } from "./states";
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
          {order.isPartlyShipped && <Tag>{t("partlyShipped")}</Tag>}
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
          {order.parcels.length > 0 && <Parcels order={order} />}
          <Trace order={order} />
          <Payments order={order} />
          {order.refunds.length > 0 && <Refunds order={order} />}
        </div>
        <div className="team-side">
          {order.afterSales.length > 0 && <AfterSales order={order} />}
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
      {order.buyerNote && (
        <Alert className="gap-note" type="warning" title={t("buyerNote")} description={order.buyerNote} />
      )}
      {failed && <Alert className="gap-note" type="error" showIcon title={t("refundFailed")} />}
      <Alert
        className="gap-note"
        type={order.status === "TO_SHIP" ? "warning" : "info"}
        showIcon
        title={
          order.status === "CANCELLED" && why
            ? t("nextCancelled", { why: t(`cancelReason.${why}`, { defaultValue: why }) })
            : t(`next.${order.isPartlyShipped ? "PARTLY_SHIPPED" : order.status}`, {
                time: `${left.days > 0 ? `${left.days * 24} h + ` : ""}${clockOf(left)}`,
              })
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
          {
            title: t("columns.quantity"),
            align: "end",
            className: "numeric",
            render: (_, line) =>
              line.shippedQuantity > 0 && line.shippedQuantity < line.quantity
                ? t("shippedOf", { shipped: line.shippedQuantity, count: line.quantity })
                : line.quantity,
          },
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
            render: (_, row) => row.text,
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
          { title: t("columns.which"), render: (_, row) => <Pieces order={order} refund={row} /> },
          { title: t("columns.reason"), render: (_, row) => row.reasonText ?? row.reason },
          { title: t("columns.createdAt"), render: (_, row) => <When at={row.createdAt} /> },
          { title: t("columns.finishedAt"), render: (_, row) => <When at={row.finishedAt} /> },
          { title: t("columns.refundNo"), render: (_, row) => <code className="id">{row.refundNo}</code> },
        ]}
      />
    </Card>
  );
}

/** What of a refund is for which goods. */
function Pieces({ order, refund }: { order: Order; refund: Order["refunds"][number] }) {
  const { t } = useTranslation("orders");
  const parts = refund.lines.flatMap(({ orderLineId, quantity }) => {
    const line = order.lines.find(({ id }) => id === orderLineId);
    return line && quantity > 0 ? [`${line.title} × ${quantity}`] : [];
  });
  if (refund.shipping.amount > 0) parts.push(t("sum.shipping"));
  return parts.join("，") || t("refund.moneyOnly");
}

function Parcels({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const nameOf = (lineId: string) => order.lines.find(({ id }) => id === lineId)?.title ?? lineId;
  return (
    <Card size="small" title={t("parcels")}>
      <Collapse
        ghost
        items={order.parcels.map((parcel) => ({
          key: parcel.id,
          label: (
            <>
              {t("parcelOf", { number: parcel.number, carrier: parcel.carrier })}{" "}
              <code className="id">{parcel.trackingNo}</code> <StateTag states={parcelStates} value={parcel.state} />
            </>
          ),
          children: (
            <>
              <p>
                {parcel.contents.map(({ lineId, quantity }) => `${nameOf(lineId)} × ${quantity}`).join("，")}
                <br />
                <small className="quiet">
                  {t("columns.shippedAt")} <When at={parcel.shippedAt} />
                </small>
              </p>
              {parcel.stops.length === 0 ? (
                <p className="quiet">{t("noStops")}</p>
              ) : (
                <Timeline
                  items={parcel.stops.map((stop) => ({
                    key: `${stop.at} ${stop.text}`,
                    content: (
                      <>
                        <div>{stop.text}</div>
                        <small className="quiet">
                          {stop.place} <When at={stop.at} />
                        </small>
                      </>
                    ),
                  }))}
                />
              )}
            </>
          ),
        }))}
      />
    </Card>
  );
}

function Recipient({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const { recipient, phone, region, street } = order.shippingAddress;
  const { pickup } = order;
  return (
    <Card
      size="small"
      title={t("recipient")}
      extra={order.deliveryMethod !== "PARCEL" && <Tag>{t(`method.${order.deliveryMethod}`)}</Tag>}
    >
      <Descriptions
        size="small"
        column={1}
        items={[
          { key: "name", label: t("address.recipient"), children: recipient },
          { key: "phone", label: t("address.phone"), children: <bdi className="numeric">{phone}</bdi> },
          ...(order.deliveryMethod === "PARCEL"
            ? [{ key: "where", label: t("address.where"), children: `${region} ${street}` }]
            : []),
          ...(pickup
            ? [
                { key: "store", label: t("address.store"), children: pickup.store.name },
                { key: "at", label: t("address.where"), children: `${pickup.store.region} ${pickup.store.street}` },
                { key: "ready", label: t("columns.readyAt"), children: <When at={pickup.readyAt} /> },
                { key: "collected", label: t("columns.collectedAt"), children: <When at={pickup.collectedAt} /> },
              ]
            : []),
        ]}
      />
    </Card>
  );
}

function AfterSales({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Card size="small" title={t("afterSales")}>
      <ul className="plain-list">
        {order.afterSales.map((of) => (
          <li key={of.id}>
            <Link to={`/after-sale/case/${of.id}`}>{t(`afterSale:kind.${of.kind}`)}</Link>{" "}
            <StateTag states={caseStates} value={of.state} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Facts({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const moments = [
    ["createdAt", order.createdAt],
    ["paidAt", order.paidAt],
    ["shippedAt", order.shippedAt],
    ["receiveBy", order.status === "SHIPPED" ? order.receiveBy : undefined],
    ["extendedAt", order.extendedAt],
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

const colorOf = (kind: string) =>
  good.includes(kind) ? "green" : bad.includes(kind) ? "red" : kind === "NOTE" ? "gray" : "blue";

function History({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Card size="small" title={t("timeline")}>
      <Timeline
        items={order.timeline.toReversed().map((moment, n) => ({
          key: order.timeline.length - n,
          color: colorOf(moment.kind),
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
                {moment.by !== "SYSTEM" && ` · ${t(`doer.${moment.by}`)}`}
              </small>
            </>
          ),
        }))}
      />
    </Card>
  );
}
