import { UploadOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import { Button, Space, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { OrderStatus, OrdersQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byChoice, byText, choices, date, ListPage, number, Open, StateTag, text } from "@/lib/list-page";
import { Picture, Price } from "@/lib/parts";
import { useViewer } from "@/lib/viewer";
import { OrdersLive } from "./feed";
import { OrderNav } from "./places";
import { orderStates } from "./states";

const ordersDocument = graphql(`
  query Orders($first: Int, $after: String, $filter: OrderFilterInput) {
    orders(first: $first, after: $after, filter: $filter) {
      edges {
        node {
          id orderNo status isPartlyShipped deliveryMethod createdAt paidAt
          origin { kind }
          total { amount currency }
          refunded { amount currency }
          lines { id title imageUrl quantity }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = OrdersQuery["orders"]["edges"][number]["node"];

export default function OrderList() {
  const { t } = useTranslation("orders");
  const { can } = useViewer();
  const navigate = useNavigate();
  return (
    <ListPage
      title={t("title")}
      above={<OrderNav />}
      query={ordersDocument}
      variables={({ after, state, orderNo, customer, store }) => ({
        first: 20,
        after,
        filter: { status: state as OrderStatus | undefined, orderNo, customerId: customer, storeId: store },
      })}
      connection={(answer) => answer.orders}
      every={60_000}
      actions={
        <Space>
          <OrdersLive query={ordersDocument} />
          {can("ORDER_WRITE") && (
            <Button icon={<UploadOutlined />} onClick={() => navigate({ to: "/orders/batch" })}>
              {t("batch.open")}
            </Button>
          )}
        </Space>
      }
      filters={[
        byText("orderNo", t("searchNumber"), t("searchNumberHint")),
        byChoice("state", t("columns.state"), choices(orderStates, t)),
      ]}
      columns={[
        text<Row>((row) => (
          <Open to={`/orders/${row.id}`}>
            <Picture url={row.lines[0]?.imageUrl} />
            <span className="numeric">{row.orderNo}</span>
          </Open>
        ))(t("columns.order")),
        text<Row>((row) => (
          <>
            <StateTag states={orderStates} value={row.status} />
            {row.isPartlyShipped && <Tag>{t("partlyShipped")}</Tag>}
            {row.deliveryMethod !== "PARCEL" && <Tag>{t(`method.${row.deliveryMethod}`)}</Tag>}
          </>
        ))(t("columns.state")),
        text<Row>((row) => <Goods lines={row.lines} />)(t("columns.goods")),
        text<Row>((row) => t(`origin.${row.origin?.kind ?? "none"}`, { defaultValue: row.origin?.kind }))(
          t("columns.origin"),
        ),
        number<Row>((row) => <Price money={row.total} />)(t("columns.total")),
        number<Row>((row) => row.refunded.amount > 0 && <Price money={row.refunded} />)(t("columns.refunded")),
        date<Row>((row) => row.createdAt)(t("columns.createdAt")),
        date<Row>((row) => row.paidAt)(t("columns.paidAt")),
      ]}
      empty={t("empty")}
    />
  );
}

function Goods({ lines }: { lines: Row["lines"] }) {
  const { t } = useTranslation("orders");
  const [first] = lines;
  if (!first) return null;
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return lines.length === 1
    ? t("goodsOne", { title: first.title, pieces })
    : t("goodsMany", { title: first.title, kinds: lines.length, pieces });
}
