// A parcel leaves the house.
import { Alert, App, AutoComplete, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useKeyring } from "@/lib/key";
import { useWrite } from "@/lib/query";
import type { Order } from "./order";

const shipDocument = graphql(`
  mutation OrderShip($input: OrderShipInput!) {
    orderShip(input: $input) { order { id status } userErrors { code field message } }
  }
`);

type Entered = { carrier: string; trackingNo: string };

/** The number as it stands on the label: letters and digits, however it was pasted. */
export const tidyTracking = (typed: string) => typed.replace(/\s+/g, "").toUpperCase();
export const isTracking = (typed: string) => /^[A-Z0-9-]{4,64}$/.test(tidyTracking(typed));

export default function ShipForm({ order, close }: { order: Order; close: () => void }) {
  const { t } = useTranslation("orders");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const ship = useWrite(shipDocument);
  const keys = useKeyring();
  const required = useRequired();
  const { recipient, phone, region, street } = order.shippingAddress;
  return (
    <FormDrawer
      title={t("ship.title", { number: order.orderNo })}
      submit={t("ship.submit")}
      form={form}
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
      onSubmit={async ({ carrier, trackingNo }) => {
        const parcel = { id: order.id, carrier: carrier.trim(), trackingNo: tidyTracking(trackingNo) };
        const answer = await ship.mutateAsync({ input: { ...parcel, idempotencyKey: keys.of(parcel) } });
        if (!answer.orderShip.order) return;
        message.success(t("ship.done"));
        close();
      }}
    >
      <Form.Item name="carrier" label={t("ship.carrier")} extra={t("ship.carrierHelp")} rules={[required]}>
        <AutoComplete
          options={t("ship.carriers")
            .split("、")
            .map((value) => ({ value }))}
          showSearch={{ filterOption: (typed, option) => (option?.value ?? "").includes(typed) }}
        />
      </Form.Item>
      <Form.Item
        name="trackingNo"
        label={t("ship.trackingNo")}
        extra={t("ship.trackingNoHelp")}
        rules={[
          required,
          {
            validator: async (_, typed?: string) => {
              if (typed?.trim() && !isTracking(typed)) throw new Error(t("ship.trackingNoWrong"));
            },
          },
        ]}
      >
        <Input autoComplete="off" inputMode="text" />
      </Form.Item>
    </FormDrawer>
  );
}
