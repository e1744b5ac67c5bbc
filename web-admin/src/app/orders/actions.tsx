// What staff can do to an order in its state, and may.
import { App, Button, Form, Input, Space } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "@/lib/act";
import { FormDrawer } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { type Order, possible } from "./order";

const ShipForm = lazy(() => import("./ship"));
const RefundForm = lazy(() => import("./refund"));

const cancelDocument = graphql(`
  mutation OrderCancel($id: ID!) {
    orderCancel(id: $id) { order { id status } userErrors { code field message } }
  }
`);
const referenceDocument = graphql(`
  mutation OrderReferenceSet($input: OrderReferenceSetInput!) {
    orderReferenceSet(input: $input) { order { id } userErrors { code field message } }
  }
`);

type Doing = "ship" | "refund" | "reference";

export function OrderActions({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const { can } = useViewer();
  const [doing, setDoing] = useState<Doing>();
  const ask = useAsk();
  const cancel = useWrite(cancelDocument);
  const may = possible(order);
  const close = () => setDoing(undefined);
  return (
    <Space wrap>
      {can("ORDER_WRITE") && (
        <>
          <Button onClick={() => setDoing("reference")}>{t("reference.open")}</Button>
          {may.cancel && (
            <Button
              danger
              onClick={() =>
                ask({
                  title: t("cancel.question"),
                  effect: t("cancel.effect"),
                  name: t("cancel.name"),
                  done: t("cancel.done"),
                  danger: true,
                  run: async () => (await cancel.mutateAsync({ id: order.id })).orderCancel,
                })
              }
            >
              {t("cancel.name")}
            </Button>
          )}
        </>
      )}
      {can("REFUND_WRITE") && may.refund && <Button onClick={() => setDoing("refund")}>{t("refund.open")}</Button>}
      {can("ORDER_WRITE") && may.ship && (
        <Button type="primary" onClick={() => setDoing("ship")}>
          {t("ship.open")}
        </Button>
      )}
      <Suspense>
        {doing === "ship" && <ShipForm order={order} close={close} />}
        {doing === "refund" && <RefundForm order={order} close={close} />}
        {doing === "reference" && <ReferenceForm order={order} close={close} />}
      </Suspense>
    </Space>
  );
}

function ReferenceForm({ order, close }: { order: Order; close: () => void }) {
  const { t } = useTranslation("orders");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ reference?: string }>();
  const set = useWrite(referenceDocument);
  return (
    <FormDrawer
      title={t("reference.open")}
      submit={tCommon("save")}
      form={form}
      initial={{ reference: order.externalReference ?? "" }}
      pending={set.isPending}
      refused={set.data?.orderReferenceSet.userErrors ?? []}
      failed={set.error}
      close={close}
      onSubmit={async ({ reference }) => {
        const externalReference = reference?.trim() || undefined;
        const answer = await set.mutateAsync({ input: { id: order.id, externalReference } });
        if (!answer.orderReferenceSet.order) return;
        message.success(tCommon("saved"));
        close();
      }}
    >
      <Form.Item name="reference" label={t("reference.label")} extra={t("reference.help")}>
        <Input maxLength={64} allowClear />
      </Form.Item>
    </FormDrawer>
  );
}
