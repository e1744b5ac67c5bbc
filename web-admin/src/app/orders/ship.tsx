// A parcel leaves the house: everything that is left, or a part of it.
import { Alert, App, Form, Input, InputNumber, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { OrderShipInput } from "@/gql/graphql";
import { CarrierInput, tidyTracking, useTrackingRule } from "@/lib/carrier";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useKeyring } from "@/lib/key";
import { useWrite } from "@/lib/query";
import { type Order, toShip } from "./order";

const shipDocument = graphql(`
  mutation OrderShip($input: OrderShipInput!) {
    orderShip(input: $input) { order { id status } userErrors { code field message } }
  }
`);

export type Entered = {
  carrier: string;
  trackingNo: string;
  part?: boolean;
  pieces?: Record<string, number | null | undefined>;
};

/** What was entered, as the server wants it. A parcel with everything names no lines. */
export function toInput(entered: Entered, order: string): Omit<OrderShipInput, "idempotencyKey"> {
  const lines = Object.entries(entered.pieces ?? {}).flatMap(([lineId, quantity]) =>
    quantity ? [{ lineId, quantity }] : [],
  );
  return {
    id: order,
    carrier: entered.carrier.trim(),
    trackingNo: tidyTracking(entered.trackingNo),
    lines: entered.part ? lines : undefined,
  };
}

export default function ShipForm({ order, close }: { order: Order; close: () => void }) {
  const { t } = useTranslation("orders");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const ship = useWrite(shipDocument);
  const keys = useKeyring();
  const required = useRequired();
  const trackingRule = useTrackingRule();
  const part = Form.useWatch("part", form) ?? false;
  const { recipient, phone, region, street } = order.shippingAddress;
  const left = toShip(order.lines);
  const pieces = left.reduce((sum, { here }) => sum + here, 0);
  return (
    <FormDrawer
      title={t("ship.title", { number: order.orderNo })}
      submit={t("ship.submit")}
      form={form}
      initial={{ pieces: Object.fromEntries(left.map(({ id, here }) => [id, here])) }}
      pending={ship.isPending}
      refused={ship.data?.orderShip.userErrors ?? []}
      failed={ship.error}
      close={close}
      note={
        <Alert
          type="info"
          showIcon
          className="edit-note"
          title={t("ship.to", { recipient, phone, where: `${region} ${street}` })}
        />
      }
      onSubmit={async (entered) => {
        const parcel = toInput(entered, order.id);
        const answer = await ship.mutateAsync({ input: { ...parcel, idempotencyKey: keys.of(parcel) } });
        if (!answer.orderShip.order) return;
        message.success(t("ship.done"));
        close();
      }}
    >
      <Form.Item
        name="carrier"
        label={tCommon("parcel.carrier")}
        extra={tCommon("parcel.carrierHelp")}
        rules={[required]}
      >
        <CarrierInput />
      </Form.Item>
      <Form.Item
        name="trackingNo"
        label={tCommon("parcel.trackingNo")}
        extra={tCommon("parcel.trackingNoHelp")}
        rules={[required, trackingRule]}
      >
        <Input autoComplete="off" />
      </Form.Item>
      {pieces > 1 && (
        <Form.Item name="part" label={t("ship.part")} extra={t("ship.partHelp")} valuePropName="checked">
          <Switch />
        </Form.Item>
      )}
      {part && (
        <fieldset>
          <legend>{t("ship.contents")}</legend>
          {left.map((line) => (
            <Form.Item
              key={line.id}
              name={["pieces", line.id]}
              label={`${line.title} ${line.optionsLabel}`}
              extra={t("ship.here", { count: line.here })}
              dependencies={[["pieces"]]}
              rules={[
                {
                  validator: async () => {
                    const entered: NonNullable<Entered["pieces"]> = form.getFieldValue("pieces") ?? {};
                    if (!Object.values(entered).some((count) => count)) throw new Error(t("ship.nothing"));
                  },
                },
              ]}
            >
              <InputNumber min={0} max={line.here} precision={0} className="short" />
            </Form.Item>
          ))}
        </fieldset>
      )}
    </FormDrawer>
  );
}
