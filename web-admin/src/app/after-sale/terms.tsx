// The merchant's terms: who has how much time, what is refunded without asking, where goods go back to.
import { Alert, App, Button, Card, Form, Input, InputNumber, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import type { AfterSalePolicyInput, AfterSaleTermsQuery } from "@/gql/graphql";
import { FormErrors } from "@/lib/act";
import { Failed } from "@/lib/errors";
import { AmountInput, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { toMajor, toMinor } from "@/lib/money";
import { Page } from "@/lib/page";
import { useRead, useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { AfterSaleNav } from "./places";

const termsDocument = graphql(`
  query AfterSaleTerms {
    afterSalePolicy {
      answerHours returnDays receiveDays inspectHours reshipHours confirmDays faultDays complainDays complaintHours
      instantMost { amount currency } instantOrders instantCases returnTo
    }
  }
`);
const setDocument = graphql(`
  mutation AfterSalePolicySet($input: AfterSalePolicyInput!) {
    afterSalePolicySet(input: $input) { policy { answerHours } userErrors { code field message } }
  }
`);

type Terms = AfterSaleTermsQuery["afterSalePolicy"];
export type Entered = Omit<Terms, "instantMost"> & { instantMost?: string | null };

export const toEntered = (terms: Terms): Entered => ({
  ...terms,
  instantMost: terms.instantMost ? toMajor(terms.instantMost) : "",
});

/** What was entered, as the server wants it; no amount means that a person is always asked. */
export function toInput({ instantMost, ...rest }: Entered, before: Terms): AfterSalePolicyInput {
  const currency = before.instantMost?.currency ?? "CNY";
  const amount = toMinor(String(instantMost ?? ""), currency);
  return { ...rest, returnTo: rest.returnTo.trim(), instantMost: amount ? { amount, currency } : undefined };
}

/** Each span with its unit and what the server takes. */
const spans = [
  ["answerHours", "hours", 1, 2160],
  ["returnDays", "days", 3, 90],
  ["receiveDays", "days", 1, 90],
  ["inspectHours", "hours", 1, 2160],
  ["reshipHours", "hours", 1, 2160],
  ["confirmDays", "days", 1, 90],
  ["faultDays", "days", 7, 90],
  ["complainDays", "days", 1, 90],
  ["complaintHours", "hours", 1, 2160],
] as const;

export default function TermsPage() {
  const { t } = useTranslation("afterSale");
  const { data, error, refetch } = useRead(termsDocument, {});
  return (
    <Page title={t("terms.title")}>
      <AfterSaleNav />
      {error && <Failed error={error} retry={refetch} />}
      {!data && !error && <Skeleton active paragraph={{ rows: 10 }} />}
      {data && <TermsForm terms={data.afterSalePolicy} />}
    </Page>
  );
}

function TermsForm({ terms }: { terms: Terms }) {
  const { t } = useTranslation("afterSale");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const { can } = useViewer();
  const [form] = Form.useForm<Entered>();
  const set = useWrite(setDocument);
  const required = useRequired();
  const amountRule = useAmountRule();
  const currency = terms.instantMost?.currency ?? "CNY";
  const mayWrite = can("AFTER_SALE_WRITE");
  return (
    <Card className="terms">
      <Alert type="info" showIcon className="edit-note" title={t("terms.note")} />
      <FormErrors refused={set.data?.afterSalePolicySet.userErrors ?? []} failed={set.error} />
      <Form<Entered>
        form={form}
        layout="vertical"
        disabled={!mayWrite}
        scrollToFirstError={{ focus: true }}
        initialValues={toEntered(terms)}
        onFinish={async (entered) => {
          const answer = await set.mutateAsync({ input: toInput(entered, terms) }).catch(() => undefined);
          if (answer?.afterSalePolicySet.policy) message.success(tCommon("saved"));
        }}
      >
        <div className="two">
          {spans.map(([name, unit, min, max]) => (
            <Form.Item
              key={name}
              name={name}
              label={t(`terms.${name}.label`)}
              extra={t(`terms.${name}.help`)}
              rules={[{ required: true, message: tCommon("form.required") }]}
            >
              <InputNumber min={min} max={max} precision={0} suffix={t(`terms.${unit}`)} className="short" />
            </Form.Item>
          ))}
        </div>
        <fieldset>
          <legend>{t("terms.instant")}</legend>
          <p className="quiet">{t("terms.instantHelp")}</p>
          <Form.Item
            name="instantMost"
            label={t("terms.instantMost")}
            extra={t("terms.instantMostHelp")}
            rules={[amountRule(currency, undefined, 0)]}
          >
            <AmountInput currency={currency} />
          </Form.Item>
          <div className="two">
            <Form.Item
              name="instantOrders"
              label={t("terms.instantOrders")}
              rules={[{ required: true, message: tCommon("form.required") }]}
            >
              <InputNumber min={0} max={1000} precision={0} className="short" />
            </Form.Item>
            <Form.Item
              name="instantCases"
              label={t("terms.instantCases")}
              rules={[{ required: true, message: tCommon("form.required") }]}
            >
              <InputNumber min={0} max={1000} precision={0} className="short" />
            </Form.Item>
          </div>
        </fieldset>
        <Form.Item name="returnTo" label={t("returnTo")} extra={t("terms.returnToHelp")} rules={[required]}>
          <Input.TextArea rows={2} maxLength={300} showCount />
        </Form.Item>
        {mayWrite && (
          <Button type="primary" htmlType="submit" loading={set.isPending}>
            {tCommon("save")}
          </Button>
        )}
      </Form>
    </Card>
  );
}
