// What staff can do to an order in its state, and may.
import { Alert, App, Button, Dropdown, Form, Input, Space } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "@/lib/act";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { type Order, possible } from "./order";

const ShipForm = lazy(() => import("./ship"));
const RefundForm = lazy(() => import("./refund"));
const RepriceForm = lazy(() => import("./reprice"));

const cancelDocument = graphql(`
  mutation OrderCancel($id: ID!) {
    orderCancel(id: $id) { order { id status } userErrors { code field message } }
  }
`);
const readyDocument = graphql(`
  mutation OrderReadyForPickup($id: ID!) {
    orderReadyForPickup(id: $id) { order { id status } userErrors { code field message } }
  }
`);
const handOverDocument = graphql(`
  mutation OrderHandOver($input: OrderHandOverInput!) {
    orderHandOver(input: $input) { order { id status } userErrors { code field message } }
  }
`);
const noteDocument = graphql(`
  mutation OrderNoteAdd($id: ID!, $note: String!) {
    orderNoteAdd(id: $id, note: $note) { order { id } userErrors { code field message } }
  }
`);
const referenceDocument = graphql(`
  mutation OrderReferenceSet($input: OrderReferenceSetInput!) {
    orderReferenceSet(input: $input) { order { id } userErrors { code field message } }
  }
`);

type Doing = "ship" | "refund" | "reprice" | "handOver" | "note" | "reference";

export function OrderActions({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const { can } = useViewer();
  const [doing, setDoing] = useState<Doing>();
  const ask = useAsk();
  const cancel = useWrite(cancelDocument);
  const ready = useWrite(readyDocument);
  const may = possible(order);
  const write = can("ORDER_WRITE");
  const close = () => setDoing(undefined);
  const open = (what: Doing) => () => setDoing(what);
  return (
    <Space wrap>
      {write && (
        <Dropdown
          trigger={["click"]}
          menu={{
            items: [
              { key: "note", label: t("note.open"), onClick: open("note") },
              { key: "reference", label: t("reference.open"), onClick: open("reference") },
            ],
          }}
        >
          <Button>{t("more")}</Button>
        </Dropdown>
      )}
      {write && may.cancel && (
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
      {write && may.reprice && <Button onClick={open("reprice")}>{t("reprice.open")}</Button>}
      {can("REFUND_WRITE") && may.refund && <Button onClick={open("refund")}>{t("refund.open")}</Button>}
      {write && may.ship && (
        <Button type="primary" onClick={open("ship")}>
          {t("ship.open")}
        </Button>
      )}
      {write && may.ready && (
        <Button
          type="primary"
          onClick={() =>
            ask({
              title: t("ready.question", { store: order.pickup?.store.name }),
              effect: t("ready.effect"),
              name: t("ready.name"),
              done: t("ready.done"),
              run: async () => (await ready.mutateAsync({ id: order.id })).orderReadyForPickup,
            })
          }
        >
          {t("ready.name")}
        </Button>
      )}
      {write && may.handOver && (
        <Button type="primary" onClick={open("handOver")}>
          {t("handOver.open")}
        </Button>
      )}
      <Suspense>
        {doing === "ship" && <ShipForm order={order} close={close} />}
        {doing === "refund" && <RefundForm order={order} close={close} />}
        {doing === "reprice" && <RepriceForm order={order} close={close} />}
        {doing === "handOver" && <HandOverForm order={order} close={close} />}
        {doing === "note" && <NoteForm order={order} close={close} />}
        {doing === "reference" && <ReferenceForm order={order} close={close} />}
      </Suspense>
    </Space>
  );
}

function HandOverForm({ order, close }: { order: Order; close: () => void }) {
  const { t } = useTranslation("orders");
  const { message } = App.useApp();
  const [form] = Form.useForm<{ code: string }>();
  const handOver = useWrite(handOverDocument);
  return (
    <FormDrawer
      title={t("handOver.title", { number: order.orderNo })}
      submit={t("handOver.submit")}
      form={form}
      pending={handOver.isPending}
      refused={handOver.data?.orderHandOver.userErrors ?? []}
      failed={handOver.error}
      close={close}
      note={<Alert type="info" showIcon className="edit-note" title={t("handOver.note")} />}
      onSubmit={async ({ code }) => {
        const answer = await handOver.mutateAsync({ input: { id: order.id, code: code.replace(/\s+/g, "") } });
        if (!answer.orderHandOver.order) return;
        message.success(t("handOver.done"));
        close();
      }}
    >
      <Form.Item
        name="code"
        label={t("handOver.code")}
        rules={[{ required: true, pattern: /^\s*(\d\s*){8}$/, message: t("handOver.codeWrong") }]}
      >
        <Input className="totp" inputMode="numeric" autoComplete="off" maxLength={12} />
      </Form.Item>
    </FormDrawer>
  );
}

function NoteForm({ order, close }: { order: Order; close: () => void }) {
  const { t } = useTranslation("orders");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ note: string }>();
  const add = useWrite(noteDocument);
  const required = useRequired();
  return (
    <FormDrawer
      title={t("note.title", { number: order.orderNo })}
      submit={tCommon("save")}
      form={form}
      pending={add.isPending}
      refused={add.data?.orderNoteAdd.userErrors ?? []}
      failed={add.error}
      close={close}
      onSubmit={async ({ note }) => {
        const answer = await add.mutateAsync({ id: order.id, note: note.trim() });
        if (!answer.orderNoteAdd.order) return;
        message.success(tCommon("saved"));
        close();
      }}
    >
      <Form.Item name="note" label={t("note.label")} extra={t("note.help")} rules={[required]}>
        <Input.TextArea rows={4} maxLength={500} showCount />
      </Form.Item>
    </FormDrawer>
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
