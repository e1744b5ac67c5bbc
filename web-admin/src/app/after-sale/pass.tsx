// What came back is as it should be, or nearly.
import { Alert, App, Form, Input, Segmented, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { AfterSalePassInput } from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { formatMoney, type Money, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import type { Case } from "./case";

const passDocument = graphql(`
  mutation AfterSalePass($input: AfterSalePassInput!) {
    afterSalePass(input: $input) { case { id state } userErrors { code field message } }
  }
`);

export type Entered = {
  how: "all" | "less";
  amount?: string | null;
  includeShipping?: boolean;
  restock?: boolean;
  note?: string;
};

/** What was entered, as the server wants it. Of an exchange nothing goes back but goods. */
export function toInput(entered: Entered, of: { id: string; kind: string; amount: Money }): AfterSalePassInput {
  const { currency } = of.amount;
  const money = of.kind !== "EXCHANGE";
  const minor = money && entered.how === "less" ? toMinor(String(entered.amount ?? ""), currency) : undefined;
  return {
    id: of.id,
    amount: minor === undefined ? undefined : { amount: minor, currency },
    includeShipping: money && (entered.includeShipping ?? false),
    restock: entered.restock ?? false,
    note: entered.note?.trim() ?? "",
  };
}

export default function PassForm({ case: of, close }: { case: Case; close: () => void }) {
  const { t, i18n } = useTranslation("afterSale");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const pass = useWrite(passDocument);
  const required = useRequired();
  const amountRule = useAmountRule();
  const how = Form.useWatch("how", form) ?? "all";
  const money = of.kind !== "EXCHANGE";
  const amount = formatMoney(of.amount, i18n.language);
  return (
    <FormDrawer
      title={t("action.pass.title", { number: of.caseNo })}
      submit={t("action.pass.name")}
      form={form}
      initial={{ how: "all" }}
      pending={pass.isPending}
      refused={pass.data?.afterSalePass.userErrors ?? []}
      failed={pass.error}
      close={close}
      note={
        <Alert
          type="warning"
          showIcon
          className="edit-note"
          title={t(money ? "action.pass.effectMoney" : "action.pass.effectGoods", { amount })}
        />
      }
      onSubmit={async (entered) => {
        const answer = await pass.mutateAsync({ input: toInput(entered, of) });
        if (!answer.afterSalePass.case) return;
        message.success(t("action.pass.done"));
        close();
      }}
    >
      {money && (
        <Form.Item name="how" label={t("action.pass.how")}>
          <Segmented
            options={[
              { value: "all", label: t("action.pass.all", { amount }) },
              { value: "less", label: t("action.pass.less") },
            ]}
          />
        </Form.Item>
      )}
      {money && how === "less" && (
        <Form.Item
          name="amount"
          label={t("columns.amount")}
          extra={t("action.pass.lessHelp")}
          rules={[required, amountRule(of.amount.currency, of.amount)]}
        >
          <AmountInput currency={of.amount.currency} />
        </Form.Item>
      )}
      {money && (
        <Form.Item name="includeShipping" label={t("action.pass.shipping")} valuePropName="checked">
          <Switch />
        </Form.Item>
      )}
      <Form.Item
        name="restock"
        label={t("action.pass.restock")}
        extra={t("action.pass.restockHelp")}
        valuePropName="checked"
      >
        <Switch />
      </Form.Item>
      <Form.Item
        name="note"
        label={t("toShopper")}
        extra={t("toShopperHelp")}
        rules={money && how === "less" ? [required] : []}
      >
        <Input.TextArea rows={3} maxLength={500} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
