// One presale, live: how far it is, what it promises, what it costs at the worst, and who reserved what.
import { EditOutlined } from "@ant-design/icons";
import { useParams } from "@tanstack/react-router";
import { Button, Card, Descriptions, Progress, Result, Skeleton, Space, Statistic, Steps, Table, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PresaleReservationState, PresaleReservationsQuery } from "@/gql/graphql";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { useLanguage } from "@/lib/i18n";
import { byChoice, choices, date, List, number, Open, StateTag, state, text, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Page } from "@/lib/page";
import { Face, Picture, Price } from "@/lib/parts";
import { PlayPreview } from "@/lib/play-preview";
import { useProductOfPlay } from "@/lib/product-of-play";
import { queryClient } from "@/lib/query";
import { clockOf, countdown, formatTime, useRemaining } from "@/lib/time";
import { useViewer } from "@/lib/viewer";
import { PresaleActions } from "./actions";
import { milestones } from "./milestones";
import { type Presale, presaleDocument } from "./presale";
import { presaleStates, reservationStates } from "./states";

const reservationsDocument = graphql(`
  query PresaleReservations($presaleId: ID!, $state: PresaleReservationState, $first: Int, $after: String) {
    presaleReservations(presaleId: $presaleId, state: $state, first: $first, after: $after) {
      edges {
        node {
          id state skuId quantity refundReason reservedAt depositOrderId balanceOrderId
          deposit { amount currency }
          reminders { kind toldAt textedAt }
          customer { id nickname avatarUrl }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const previewDocument = graphql(`
  query PresalePreview($id: ID!, $costs: [PlayCostInput!]) {
    presalePreview(id: $id, costs: $costs) {
      worstCase { amount currency }
      lines {
        skuId units regularPrice { amount currency } price { amount currency } margin { amount currency }
        worstCase { amount currency }
      }
    }
  }
`);

const PresaleForm = lazy(() => import("./form"));

/** The list of reservations is read again when the presale moved. */
const moved = (_: unknown, before: unknown) => {
  if (before) queryClient.invalidateQueries({ queryKey: [reservationsDocument.toString()] });
};

type Row = PresaleReservationsQuery["presaleReservations"]["edges"][number]["node"];

export default function PresaleDetail() {
  const { t } = useTranslation("presale");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { can } = useViewer();
  const [editing, setEditing] = useState(false);
  const live = useLive(presaleDocument, { id }, (answer) => answer.presaleProgress, moved);
  const presale = live.frame?.presale;
  const product = useProductOfPlay(presale?.productId);

  if (live.error && !presale) {
    return live.error.code === "NOT_FOUND" ? (
      <Result status="404" title={tCommon("gone")} />
    ) : (
      <Failed error={live.error} />
    );
  }
  if (!live.frame || !presale) return <Skeleton active title paragraph={{ rows: 8 }} />;
  const now = Date.now() + live.offset;
  return (
    <Page
      title={presale.title}
      crumbs={[{ label: t("title"), to: "/presale" }]}
      aside={
        <>
          <StateTag states={presaleStates} value={presale.state} />
          <ConnectionPill />
        </>
      }
      actions={
        can("PRESALE_WRITE") && (
          <Space wrap>
            {presale.state === "DRAFT" && (
              <Button icon={<EditOutlined />} onClick={() => setEditing(true)}>
                {t("edit.open")}
              </Button>
            )}
            <PresaleActions presale={presale} />
          </Space>
        )
      }
    >
      {editing && (
        <Suspense>
          <PresaleForm presale={presale} close={() => setEditing(false)} />
        </Suspense>
      )}
      <Card data-testid="presale">
        <Timeline presale={presale} now={now} nextAt={live.frame.nextAt} offset={live.offset} />
      </Card>
      <Facts presale={presale} product={product} />
      <PlayPreview
        id={id}
        document={previewDocument}
        preview={(answer) => answer.presalePreview}
        label={(skuId) => product.labels[skuId] ?? ""}
      />
      <h2>{t("reservations")}</h2>
      <List
        label={t("reservations")}
        query={reservationsDocument}
        variables={({ after, state }) => ({
          presaleId: id,
          state: state as PresaleReservationState | undefined,
          first: 20,
          after,
        })}
        connection={(answer) => answer.presaleReservations}
        filters={[byChoice("state", t("columns.state"), choices(reservationStates, t))]}
        columns={[
          text<Row>((row) => (
            <span className="open">
              {row.customer && <Face customer={row.customer} size={28} />} {row.customer?.nickname ?? t("somebody")}
            </span>
          ))(t("columns.customer")),
          state<Row, PresaleReservationState>(reservationStates, (row) => row.state)(t("columns.state")),
          text<Row>((row) => product.labels[row.skuId])(t("columns.sku")),
          number<Row>((row) => row.quantity)(t("columns.quantity")),
          number<Row>((row) => <Price money={{ ...row.deposit, amount: row.deposit.amount * row.quantity }} />)(
            t(presale.mode === "FULL" ? "columns.price" : "columns.deposit"),
          ),
          date<Row>((row) => row.reservedAt)(t("columns.reservedAt")),
          text<Row>((row) => <Reminded row={row} />)(t("columns.reminded")),
          text<Row>((row) => row.refundReason && t(`refundReason.${row.refundReason}`))(t("columns.refundReason")),
          text<Row>((row) => (
            <Space size="small">
              <Open to={`/orders/${row.depositOrderId}`}>
                {t(presale.mode === "FULL" ? "order.full" : "order.deposit")}
              </Open>
              {row.balanceOrderId && <Open to={`/orders/${row.balanceOrderId}`}>{t("order.balance")}</Open>}
            </Space>
          ))(t("columns.orders")),
        ]}
        empty={t("noReservations")}
      />
    </Page>
  );
}

function Timeline(props: { presale: Presale; now: number; nextAt?: string | null | undefined; offset: number }) {
  const { t } = useTranslation("presale");
  const left = countdown(useRemaining(props.nextAt, props.offset));
  const steps = milestones(props.presale);
  const passed = steps.filter(({ at }) => Date.parse(at) <= props.now).length;
  return (
    <Steps
      size="small"
      current={passed}
      aria-label={t("timeline")}
      items={steps.map(({ key, at }, n) => ({
        title: t(`milestone.${key}`),
        content: (
          <>
            <When at={at} />
            {n === passed && !left.over && props.presale.state !== "DRAFT" && (
              <span className="quiet numeric" role="timer">
                <br />
                {t("in", { days: left.days, clock: clockOf(left) })}
              </span>
            )}
          </>
        ),
      }))}
    />
  );
}

function Reminded({ row }: { row: Row }) {
  const { t } = useTranslation("presale");
  const { language } = useLanguage();
  return (
    <Space size={4} wrap>
      {row.reminders.map(({ kind, toldAt, textedAt }) => (
        <Tag key={kind} title={formatTime(toldAt, language)}>
          {t(`reminder.${kind}`)}
          {textedAt && ` · ${t("texted")}`}
        </Tag>
      ))}
    </Space>
  );
}

function Facts({ presale, product }: { presale: Presale; product: ReturnType<typeof useProductOfPlay> }) {
  const { t } = useTranslation("presale");
  const { t: tCommon } = useTranslation();
  const sum = (of: "stock" | "left") => presale.skus.reduce((all, sku) => all + sku[of], 0);
  const deposit = presale.mode === "DEPOSIT";
  return (
    <div className="facts">
      <Card className="tallies">
        <Statistic title={t("form.stock")} value={sum("stock")} />
        <Statistic title={t("columns.left")} value={sum("left")} />
        <Statistic title={t("tally.reserved")} value={presale.reserved} />
        <Statistic title={t("tally.paid")} value={presale.paid} />
      </Card>
      <Card>
        <Descriptions
          size="small"
          column={{ xs: 1, sm: 2 }}
          items={[
            {
              key: "product",
              label: t("form.product"),
              span: "filled",
              children: (
                <span className="open">
                  <Picture url={product.product?.cover?.url} /> {product.title}
                </span>
              ),
            },
            { key: "mode", label: t("columns.mode"), children: t(`mode.${presale.mode}`) },
            {
              key: "customer",
              label: t("form.perCustomer"),
              children: presale.perCustomerLimit ?? t("unlimited"),
            },
            ...(deposit
              ? [
                  { key: "lapse", label: t("lapse"), children: t(presale.forfeits ? "forfeits" : "refunds") },
                  {
                    key: "protects",
                    label: t("form.protects"),
                    children: tCommon(presale.protectsPrice ? "yes" : "no"),
                  },
                ]
              : []),
          ]}
        />
        <Table
          className="sku-table"
          size="small"
          rowKey="skuId"
          pagination={false}
          scroll={{ x: "max-content" }}
          dataSource={presale.skus}
          columns={[
            { title: t("columns.sku"), render: (_, sku) => product.labels[sku.skuId] },
            { title: t("columns.price"), align: "end", render: (_, sku) => <Price money={sku.price} /> },
            ...(deposit
              ? [
                  {
                    title: t("columns.deposit"),
                    align: "end" as const,
                    render: (_: unknown, sku: Presale["skus"][number]) => <Price money={sku.deposit} />,
                  },
                  {
                    title: t("form.worth"),
                    align: "end" as const,
                    render: (_: unknown, sku: Presale["skus"][number]) => <Price money={sku.depositWorth} />,
                  },
                  {
                    title: t("columns.balance"),
                    align: "end" as const,
                    render: (_: unknown, sku: Presale["skus"][number]) => <Price money={sku.balance} />,
                  },
                ]
              : []),
            { title: t("form.stock"), align: "end", className: "numeric", dataIndex: "stock" },
            { title: t("columns.left"), align: "end", className: "numeric", dataIndex: "left" },
            {
              title: t("taken"),
              width: 160,
              render: (_, sku) => (
                <Progress
                  size="small"
                  percent={Math.round((100 * (sku.stock - sku.left)) / sku.stock)}
                  aria-label={t("takenOf", { taken: sku.stock - sku.left, stock: sku.stock })}
                />
              ),
            },
          ]}
        />
      </Card>
    </div>
  );
}
