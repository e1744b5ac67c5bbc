// Money back to where it came from: all that is left, an amount, or what some pieces are worth.
import { Alert, App, Form, Input, InputNumber, Segmented, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { OrderRefundInput } from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useKeyring } from "@/lib/key";
import { formatMoney, type Money, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import { type Order, piecesLeft, possible, refundable } from "./order";

const refundDocument = graphql(`
  mutation OrderRefund($input: OrderRefundInput!) {
    orderRefund(input: $input) { refund { id status } userErrors { code field message } }
  }
`);

export type Entered = {
  how: "all" | "amount" | "pieces";
  amount?: string | null;
  pieces?: Record<string, number | null | undefined>;
  includeShipping?: boolean;
  restock?: boolean;
  reason: string;
};

/** What was entered, as the server wants it. "All" is said as all, so that a refund made meanwhile is not exceeded. */
export function toInput(
  entered: Entered,
  order: { id: string; total: Money },
): Omit<OrderRefundInput, "idempotencyKey"> {
  const { currency } = order.total;
  const minor = entered.how === "amount" ? toMinor(String(entered.amount ?? ""), currency) : undefined;
  const byPieces = entered.how === "pieces";
  return {
    orderId: order.id,
    amount: minor === undefined ? undefined : { amount: minor, currency },
    lines: byPieces
      ? Object.entries(entered.pieces ?? {}).flatMap(([orderLineId, quantity]) =>
          quantity ? [{ orderLineId, quantity }] : [],
        )
      : undefined,
    includeShipping: byPieces && (entered.includeShipping ?? false),
    restock: byPieces && (entered.restock ?? false),
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
  const lines = order.lines.flatMap((line) => {
    const pieces = piecesLeft(line, order.refunds);
    return pieces > 0 ? [{ ...line, pieces }] : [];
  });
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
      <Form.Item name="how" label={t("refund.how")} extra={refundPart ? t(`refund.${how}Help`) : t("refund.gathering")}>
        <Segmented
          options={[
            { value: "all", label: t("refund.all", { left: all }) },
            { value: "pieces", label: t("refund.pieces"), disabled: !refundPart || lines.length === 0 },
            { value: "amount", label: t("refund.amount"), disabled: !refundPart },
          ]}
        />
      </Form.Item>
      {how === "amount" && (
        <Form.Item name="amount" label={t("refund.howMuch")} rules={[required, amountRule(order.total.currency, left)]}>
          <AmountInput currency={order.total.currency} />
        </Form.Item>
      )}
      {how === "pieces" && (
        <fieldset>
          <legend>{t("refund.which")}</legend>
          {lines.map((line) => (
            <Form.Item
              key={line.id}
              name={["pieces", line.id]}
              label={`${line.title} ${line.optionsLabel}`}
              extra={t("refund.piecesLeft", { count: line.pieces })}
              rules={[
                {
                  validator: async () => {
                    const entered: NonNullable<Entered["pieces"]> = form.getFieldValue("pieces") ?? {};
                    if (!Object.values(entered).some((count) => count)) throw new Error(t("refund.nothing"));
                  },
                },
              ]}
            >
              <InputNumber min={0} max={line.pieces} precision={0} className="short" />
            </Form.Item>
          ))}
          <Form.Item
            name="includeShipping"
            label={t("refund.shipping")}
            extra={t("refund.shippingHelp")}
            valuePropName="checked"
          >
            <Switch />
          </Form.Item>
          <Form.Item name="restock" label={t("refund.restock")} extra={t("refund.restockHelp")} valuePropName="checked">
            <Switch />
          </Form.Item>
        </fieldset>
      )}
      <Form.Item name="reason" label={t("refund.reason")} extra={t("refund.reasonHelp")} rules={[required]}>
        <Input.TextArea rows={3} maxLength={200} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
