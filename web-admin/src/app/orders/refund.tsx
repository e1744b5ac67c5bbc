// Money back to where it came from: all that is left, or an amount.
import { Alert, App, Form, Input, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import type { OrderRefundInput } from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useKeyring } from "@/lib/key";
import { formatMoney, type Money, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import { type Order, possible, refundable } from "./order";

const refundDocument = graphql(`
  mutation OrderRefund($input: OrderRefundInput!) {
    orderRefund(input: $input) { refund { id status } userErrors { code field message } }
  }
`);

export type Entered = { how: "all" | "part"; amount?: string | null; reason: string };

/** What was entered, as the server wants it. "All" is said as all, so that a refund made meanwhile is not exceeded. */
export function toInput(
  entered: Entered,
  order: { id: string; total: Money },
): Omit<OrderRefundInput, "idempotencyKey"> {
  const { currency } = order.total;
  const minor = entered.how === "part" ? toMinor(String(entered.amount ?? ""), currency) : undefined;
  return {
    orderId: order.id,
    amount: minor === undefined ? undefined : { amount: minor, currency },
    reason: entered.reason.trim(),
  };
}

export default function RefundForm({ order, close }: { order: Order; close: () => void }) {
  const { t, i18n } = useTranslation("orders");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const refund = useWrite(refundDocument);
  const keys = useKeyring();
  const required = useRequired();
  const amountRule = useAmountRule();
  const left = refundable(order);
  const all = formatMoney(left, i18n.language);
  const how = Form.useWatch("how", form) ?? "all";
  const { refundPart } = possible(order);
  return (
    <FormDrawer
      title={t("refund.title", { number: order.orderNo })}
      submit={t("refund.submit")}
      danger
      form={form}
      initial={{ how: "all" }}
      pending={refund.isPending}
      refused={refund.data?.orderRefund.userErrors ?? []}
      failed={refund.error}
      close={close}
      note={<Alert type="warning" showIcon className="edit-note" title={t("refund.note", { left: all })} />}
      onSubmit={async (entered) => {
        const input = toInput(entered, order);
        const answer = await refund.mutateAsync({ input: { ...input, idempotencyKey: keys.of(input) } });
        if (!answer.orderRefund.refund) return;
        message.success(t("refund.done"));
        close();
      }}
    >
      <Form.Item name="how" label={t("refund.how")} extra={refundPart ? undefined : t("refund.gathering")}>
        <Segmented
          options={[
            { value: "all", label: t("refund.all", { left: all }) },
            { value: "part", label: t("refund.part"), disabled: !refundPart },
          ]}
        />
      </Form.Item>
      {how === "part" && (
        <Form.Item name="amount" label={t("refund.amount")} rules={[required, amountRule(order.total.currency, left)]}>
          <AmountInput currency={order.total.currency} />
        </Form.Item>
      )}
      <Form.Item name="reason" label={t("refund.reason")} extra={t("refund.reasonHelp")} rules={[required]}>
        <Input.TextArea rows={3} maxLength={200} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
