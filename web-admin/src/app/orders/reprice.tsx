// Another price for an order that is not paid yet.
import { Alert, App, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import type { OrderRepriceInput } from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useKeyring } from "@/lib/key";
import { formatMoney, type Money, toMajor, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import type { Order } from "./order";

const repriceDocument = graphql(`
  mutation OrderReprice($input: OrderRepriceInput!) {
    orderReprice(input: $input) { order { id total { amount currency } } userErrors { code field message } }
  }
`);

export type Entered = { goods?: string | null; shipping?: string | null; reason: string };

type Priced = { id: string; goods: Money; shipping: Money };

/** What was entered, as the server wants it; what stays as it is is not said. */
export function toInput(entered: Entered, order: Priced): Omit<OrderRepriceInput, "idempotencyKey"> {
  const changed = (typed: string | null | undefined, before: Money) => {
    const amount = toMinor(String(typed ?? ""), before.currency);
    return amount === undefined || amount === before.amount ? undefined : { amount, currency: before.currency };
  };
  return {
    id: order.id,
    goods: changed(entered.goods, order.goods),
    shipping: changed(entered.shipping, order.shipping),
    reason: entered.reason.trim(),
  };
}

/** What all pieces cost by themselves: more than that no order costs. */
export const listPrice = (lines: { unitPrice: Money; quantity: number }[]) =>
  lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice.amount * quantity, 0);

export default function RepriceForm({ order, close }: { order: Order; close: () => void }) {
  const { t, i18n } = useTranslation("orders");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const reprice = useWrite(repriceDocument);
  const keys = useKeyring();
  const required = useRequired();
  const amountRule = useAmountRule();
  const { currency } = order.total;
  const most = { amount: listPrice(order.lines), currency };
  return (
    <FormDrawer
      title={t("reprice.title", { number: order.orderNo })}
      submit={t("reprice.submit")}
      form={form}
      initial={{ goods: toMajor(order.goods), shipping: toMajor(order.shipping) }}
      pending={reprice.isPending}
      refused={reprice.data?.orderReprice.userErrors ?? []}
      failed={reprice.error}
      close={close}
      note={<Alert type="info" showIcon className="edit-note" title={t("reprice.note")} />}
      onSubmit={async (entered) => {
        const input = toInput(entered, order);
        const answer = await reprice.mutateAsync({ input: { ...input, idempotencyKey: keys.of(input) } });
        const total = answer.orderReprice.order?.total;
        if (!total) return;
        message.success(t("reprice.done", { total: formatMoney(total, i18n.language) }));
        close();
      }}
    >
      <Form.Item
        name="goods"
        label={t("sum.goods")}
        extra={t("reprice.goodsHelp", { most: formatMoney(most, i18n.language) })}
        rules={[required, amountRule(currency, most, 0)]}
      >
        <AmountInput currency={currency} />
      </Form.Item>
      <Form.Item name="shipping" label={t("sum.shipping")} rules={[required, amountRule(currency, undefined, 0)]}>
        <AmountInput currency={currency} />
      </Form.Item>
      <Form.Item name="reason" label={t("refund.reason")} extra={t("reprice.reasonHelp")} rules={[required]}>
        <Input.TextArea rows={3} maxLength={200} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
