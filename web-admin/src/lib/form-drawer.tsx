// A form in a drawer: its questions are the children; asking, refusing, waiting and closing are the same everywhere.
import { Button, Drawer, Form, type FormInstance, InputNumber, Space } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Currency } from "@/gql/graphql";
import { FormErrors, type Refusal } from "@/lib/act";
import { exponents, formatMoney, type Money, toMinor } from "@/lib/money";

export function FormDrawer<E extends object>(props: {
  title: string;
  submit: string;
  form: FormInstance<E>;
  initial?: Partial<E>;
  danger?: boolean;
  pending: boolean;
  /** Nothing can be sent as it stands. */
  blocked?: boolean;
  refused: Refusal[];
  failed?: Error | null;
  size?: number | "large";
  onSubmit: (entered: E) => Promise<unknown>;
  close: () => void;
  /** Above the questions. */
  note?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Drawer
      open
      onClose={props.close}
      title={props.title}
      size={props.size ?? 520}
      footer={
        <Space className="drawer-foot">
          <Button onClick={props.close}>{t("cancel")}</Button>
          <Button
            type="primary"
            danger={props.danger ?? false}
            loading={props.pending}
            disabled={props.blocked ?? false}
            onClick={() => props.form.submit()}
          >
            {props.submit}
          </Button>
        </Space>
      }
    >
      {props.note}
      <FormErrors refused={props.refused} failed={props.failed} />
      <Form<E>
        form={props.form}
        layout="vertical"
        scrollToFirstError={{ focus: true }}
        initialValues={props.initial ?? {}}
        onFinish={(entered) => props.onSubmit(entered).catch(() => {})}
      >
        {props.children}
      </Form>
    </Drawer>
  );
}

/** The rule of a question that must be answered. */
export function useRequired() {
  const { t } = useTranslation();
  return { required: true, whitespace: true, message: t("form.required") };
}

/** What is wrong with an amount as it was typed; nothing when nothing is. An empty one is for `required` to judge. */
export function amountProblem(
  typed: string | null | undefined,
  currency: Currency,
  most?: Money,
  least: 0 | 1 = 1,
): "form.amountWrong" | "form.amountLow" | "form.amountHigh" | undefined {
  if (typed === null || typed === undefined || typed === "") return undefined;
  const amount = toMinor(String(typed), currency);
  if (amount === undefined) return "form.amountWrong";
  if (amount < least) return "form.amountLow";
  return most && amount > most.amount ? "form.amountHigh" : undefined;
}

/** The rule of an amount of money, in words. */
export function useAmountRule() {
  const { t, i18n } = useTranslation();
  return (currency: Currency, most?: Money, least: 0 | 1 = 1) => ({
    validator: async (_: unknown, typed?: string | null) => {
      const problem = amountProblem(typed, currency, most, least);
      if (problem) throw new Error(t(problem, { most: most && formatMoney(most, i18n.language) }));
    },
  });
}

/** An amount, typed in the major unit. The value is its text, never a float. */
export function AmountInput({
  currency,
  ...rest
}: {
  currency: Currency;
  id?: string;
  value?: string | null;
  onChange?: (value: string | null) => void;
  placeholder?: string;
  disabled?: boolean;
  "aria-label"?: string;
}) {
  return (
    <InputNumber<string>
      stringMode
      min="0"
      precision={exponents[currency]}
      prefix={currency}
      inputMode="decimal"
      className="medium"
      {...rest}
    />
  );
}
