// What goes onto parcels: one label for every order that waits to be shipped, to be printed.
import { PrinterOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button, Checkbox, Empty, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { Page } from "@/lib/page";
import { useRead } from "@/lib/query";
import { OrderNav } from "./places";

const waitingDocument = graphql(`
  query OrdersToLabel {
    orders(first: 50, filter: { status: TO_SHIP }) { edges { node { id deliveryMethod } } }
  }
`);
const labelsDocument = graphql(`
  query ShippingLabels($orderIds: [ID!]!) {
    shippingLabels(orderIds: $orderIds) {
      order { id orderNo buyerNote }
      to { recipient phone region street }
      lines { id title optionsLabel quantity }
    }
  }
`);

export default function Labels() {
  const { t } = useTranslation("orders");
  const waiting = useRead(waitingDocument, {});
  const orderIds =
    waiting.data?.orders.edges.flatMap(({ node }) => (node.deliveryMethod === "PARCEL" ? [node.id] : [])) ?? [];
  const { data, error, refetch } = useRead(labelsDocument, { orderIds }, { enabled: orderIds.length > 0 });
  const [without, setWithout] = useState<string[]>([]);
  const labels = orderIds.length > 0 ? (data?.shippingLabels ?? []) : [];
  const failed = waiting.error ?? error;
  const count = labels.length - without.length;
  return (
    <Page
      title={t("labels.title")}
      actions={
        <Button type="primary" icon={<PrinterOutlined />} disabled={count < 1} onClick={() => globalThis.print()}>
          {t("labels.print", { count })}
        </Button>
      }
    >
      <OrderNav />
      <p className="quiet above-list">{t("labels.help")}</p>
      {failed && <Failed error={failed} retry={() => (waiting.error ? waiting.refetch() : refetch())} />}
      {waiting.isPending && <Skeleton active />}
      {waiting.data && orderIds.length === 0 && <Empty description={t("labels.empty")} />}
      <ul className="labels">
        {labels.map(({ order, to, lines }) => {
          const prints = !without.includes(order.id);
          return (
            <li key={order.id} className={prints ? "label" : "label unprinted"}>
              <div className="label-head">
                <Link to={`/orders/${order.id}`} className="numeric">
                  {order.orderNo}
                </Link>
                <Checkbox
                  checked={prints}
                  aria-label={t("labels.prints", { number: order.orderNo })}
                  onChange={({ target }) =>
                    setWithout((ids) => (target.checked ? ids.filter((id) => id !== order.id) : [...ids, order.id]))
                  }
                />
              </div>
              <address>
                <strong>
                  {to.recipient} <span className="numeric">{to.phone}</span>
                </strong>
                <br />
                {to.region} {to.street}
              </address>
              <ul className="plain-list">
                {lines.map(({ id, title, optionsLabel, quantity }) => (
                  <li key={id}>
                    {title} {optionsLabel} × {quantity}
                  </li>
                ))}
              </ul>
              {order.buyerNote && <p className="label-note">{order.buyerNote}</p>}
            </li>
          );
        })}
      </ul>
    </Page>
  );
}
