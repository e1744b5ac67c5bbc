// What lies on the shelf of a variant: a delivery, a loss, a count; and the journal of it.
import { App, Drawer, Form, Input, InputNumber, Segmented, Skeleton, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "@/lib/errors";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useKeyring } from "@/lib/key";
import { When } from "@/lib/list-page";
import { useRead, useWrite } from "@/lib/query";
import type { Sku } from "./article";
import { type Correction, deltaOf } from "./correction";

const adjustDocument = graphql(`
  mutation SkuStockAdjust($input: SkuStockAdjustInput!) {
    skuStockAdjust(input: $input) { stock { available onHand } userErrors { code field message } }
  }
`);
const movementsDocument = graphql(`
  query SkuStockMovements($skuId: ID!) {
    skuStockMovements(skuId: $skuId, first: 50) {
      edges { node { id kind delta onHand reason reference actor createdAt } }
    }
  }
`);

type Entered = { kind: Correction; count: number; reason: string };
type Props = { sku: Sku; name: string; close: () => void };

export function AdjustStock({ sku, name, close }: Props) {
  const { t } = useTranslation("products");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const kind: Correction = Form.useWatch("kind", form) ?? "came";
  const keys = useKeyring();
  const adjust = useWrite(adjustDocument);
  const required = useRequired();
  const onHand = sku.stock?.onHand ?? 0;
  return (
    <FormDrawer<Entered>
      title={t("stock.title", { name })}
      submit={t("stock.submit")}
      form={form}
      initial={{ kind: "came" }}
      pending={adjust.isPending}
      refused={adjust.data?.skuStockAdjust.userErrors ?? []}
      failed={adjust.error}
      close={close}
      note={
        <p className="quiet edit-note">
          {t("stock.now", { onHand, reserved: sku.stock?.reserved ?? 0, available: sku.stock?.available ?? 0 })}
        </p>
      }
      onSubmit={async (entered) => {
        const change = {
          skuId: sku.id,
          delta: deltaOf(entered.kind, entered.count, onHand),
          reason: entered.reason.trim(),
        };
        const answer = await adjust.mutateAsync({ input: { ...change, idempotencyKey: keys.of(change) } });
        if (!answer.skuStockAdjust.stock) return;
        keys.used();
        message.success(t("stock.done", { count: answer.skuStockAdjust.stock.available }));
        close();
      }}
    >
      <Form.Item name="kind" label={t("stock.kind")}>
        <Segmented
          options={(["came", "went", "counted"] as const).map((value) => ({ value, label: t(`stock.${value}`) }))}
        />
      </Form.Item>
      <Form.Item
        name="count"
        label={t(`stock.count.${kind}`)}
        rules={[
          { required: true, message: required.message },
          {
            validator: async (_, count?: number | null) => {
              if (count !== undefined && count !== null && deltaOf(kind, count, onHand) === 0)
                throw new Error(t("stock.nothing"));
            },
          },
        ]}
      >
        <InputNumber min={0} max={1_000_000_000} precision={0} className="short" />
      </Form.Item>
      <Form.Item name="reason" label={t("stock.reason")} extra={t("stock.reasonHelp")} rules={[required]}>
        <Input maxLength={200} />
      </Form.Item>
    </FormDrawer>
  );
}

export function StockJournal({ sku, name, close }: Props) {
  const { t } = useTranslation("products");
  const { data, error, refetch } = useRead(movementsDocument, { skuId: sku.id });
  return (
    <Drawer open onClose={close} size="large" title={t("stock.journal", { name })}>
      {error && <Failed error={error} retry={refetch} />}
      {!data && !error && <Skeleton active />}
      {data && (
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          scroll={{ x: "max-content" }}
          dataSource={data.skuStockMovements.edges.map(({ node }) => node)}
          columns={[
            { title: t("stock.at"), className: "numeric", render: (_, line) => <When at={line.createdAt} /> },
            { title: t("stock.why"), render: (_, line) => t(`stock.movement.${line.kind}`) },
            {
              title: t("stock.delta"),
              align: "end",
              className: "numeric",
              render: (_, line) => (line.delta > 0 ? `+${line.delta}` : line.delta),
            },
            { title: t("stock.after"), align: "end", className: "numeric", dataIndex: "onHand" },
            { title: t("stock.reason"), dataIndex: "reason" },
            { title: t("history.actor"), render: (_, line) => <span className="id">{line.actor}</span> },
          ]}
        />
      )}
    </Drawer>
  );
}

/** Which of the drawers of a variant is open. */
export function useOpened<W extends string>() {
  const [opened, setOpened] = useState<{ what: W; sku: Sku; name: string }>();
  return {
    opened,
    open: (what: W, sku: Sku, name: string) => setOpened({ what, sku, name }),
    close: () => setOpened(undefined),
  };
}
