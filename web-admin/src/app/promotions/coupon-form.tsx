// A kind of coupon to write or to change, in the order a shopkeeper thinks: what it gives, on what, to whom, until when.
import { Divider, Form, Input, InputNumber, Segmented, Select, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import type {
  CouponKind,
  CouponReturn,
  CouponTemplateInput,
  CouponTemplatesQuery,
  CouponWay,
  Currency,
} from "@/gql/graphql";
import { AmountInput, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { toMajor, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import { isFixed, type Named, nameEntered, nameInput, OfferForm, WindowField, windowInput } from "./offer-form";
import { type ScopeEntered, ScopeFields, scopeEntered, scopeInput } from "./scope";

export const couponsDocument = graphql(`
  query CouponTemplates($state: PromotionState, $way: CouponWay, $first: Int, $after: String) {
    couponTemplates(state: $state, way: $way, first: $first, after: $after) {
      edges {
        node {
          id title titleTexts { zhCn en } state way code quota taken perCustomer startsAt endsAt
          terms {
            benefit { kind amount { amount currency } offBps cap { amount currency } pieces }
            scope { productIds categoryIds withoutProductIds withoutCategoryIds }
            minSpend { amount currency }
            validFrom validUntil validAfterDays validDays group alone withReductions withPlays returns
          }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const createDocument = graphql(`
  mutation CouponTemplateCreate($input: CouponTemplateInput!) {
    couponTemplateCreate(input: $input) { couponTemplate { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation CouponTemplateUpdate($id: ID!, $input: CouponTemplateInput!) {
    couponTemplateUpdate(id: $id, input: $input) { couponTemplate { id } userErrors { code field message } }
  }
`);

export type Coupon = CouponTemplatesQuery["couponTemplates"]["edges"][number]["node"];

export type Entered = Named & {
  kind: CouponKind;
  amount?: string | null;
  percent?: number | null;
  cap?: string | null;
  pieces?: number | null;
  minSpend?: string | null;
  scope: ScopeEntered;
  way: CouponWay;
  code?: string;
  quota?: number | null;
  perCustomer: number;
  window: [Dayjs, Dayjs];
  valid: "days" | "fixed";
  validDays?: number | null;
  validAfterDays?: number | null;
  validWindow?: [Dayjs, Dayjs] | null;
  group: string;
  alone?: boolean;
  withReductions?: boolean;
  withPlays?: boolean;
  returns: CouponReturn;
};

/** What was entered, as the server wants it: only what belongs to the chosen kind, minor units, basis points, instants. */
export function toInput(entered: Entered, currency: Currency): CouponTemplateInput {
  const { kind } = entered;
  const minor = (typed: string | null | undefined) => toMinor(String(typed ?? ""), currency) || undefined;
  const days = entered.valid === "days";
  return {
    title: nameInput(entered),
    terms: {
      kind,
      amount: kind === "CASH" ? minor(entered.amount) : undefined,
      offBps: kind === "PERCENT" ? Math.round((entered.percent ?? 0) * 100) : undefined,
      cap: kind === "PERCENT" || kind === "FREE_SHIPPING" ? minor(entered.cap) : undefined,
      pieces: kind === "EXCHANGE" ? (entered.pieces ?? undefined) : undefined,
      currency,
      scope: scopeInput(entered.scope),
      minSpend: minor(entered.minSpend) ?? 0,
      validDays: days ? (entered.validDays ?? undefined) : undefined,
      validAfterDays: days ? (entered.validAfterDays ?? 0) : 0,
      validFrom: days ? undefined : entered.validWindow?.[0].toISOString(),
      validUntil: days ? undefined : entered.validWindow?.[1].toISOString(),
      group: entered.group.trim(),
      alone: entered.alone ?? false,
      withReductions: entered.withReductions ?? false,
      withPlays: entered.withPlays ?? false,
      returns: entered.returns,
    },
    way: entered.way,
    code: entered.way === "CODE" ? entered.code?.trim() || undefined : undefined,
    quota: entered.quota ?? undefined,
    perCustomer: entered.perCustomer,
    ...windowInput(entered.window),
  };
}

/** The coupon as it stands, as it would be entered. */
export function toEntered(coupon: Coupon): Entered {
  const { terms } = coupon;
  const { benefit } = terms;
  return {
    ...nameEntered(coupon.titleTexts),
    kind: benefit.kind,
    amount: benefit.amount && toMajor(benefit.amount),
    percent: benefit.offBps ? benefit.offBps / 100 : null,
    cap: benefit.cap && toMajor(benefit.cap),
    pieces: benefit.pieces,
    minSpend: terms.minSpend.amount ? toMajor(terms.minSpend) : null,
    scope: scopeEntered(terms.scope),
    way: coupon.way,
    code: coupon.code ?? "",
    quota: coupon.quota,
    perCustomer: coupon.perCustomer,
    window: [dayjs(coupon.startsAt), dayjs(coupon.endsAt)],
    valid: terms.validDays ? "days" : "fixed",
    validDays: terms.validDays,
    validAfterDays: terms.validAfterDays ?? 0,
    validWindow: terms.validUntil ? [dayjs(terms.validFrom ?? 0), dayjs(terms.validUntil)] : null,
    group: terms.group,
    alone: terms.alone,
    withReductions: terms.withReductions,
    withPlays: terms.withPlays,
    returns: terms.returns,
  };
}

const fresh: Partial<Entered> = {
  kind: "CASH",
  scope: { on: "all" },
  way: "CLAIM",
  perCustomer: 1,
  valid: "days",
  validDays: 30,
  validAfterDays: 0,
  group: "usual",
  withReductions: true,
  returns: "WHOLE_REFUND",
};

const kinds: CouponKind[] = ["CASH", "PERCENT", "FREE_SHIPPING", "EXCHANGE"];
const ways: CouponWay[] = ["CLAIM", "CODE", "STAFF", "REGISTER", "BIRTHDAY", "ORDER_PAID", "CHECK_IN"];

export default function CouponForm({ coupon, close }: { coupon?: Coupon; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const [form] = Form.useForm<Entered>();
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const text = useRequired();
  const amountRule = useAmountRule();
  const required = { required: true, message: tCommon("form.required") };
  const kind = Form.useWatch("kind", form) ?? "CASH";
  const way = Form.useWatch("way", form) ?? "CLAIM";
  const valid = Form.useWatch("valid", form) ?? "days";
  const currency: Currency = coupon?.terms.minSpend.currency ?? "CNY";
  const fixed = isFixed(coupon);
  return (
    <OfferForm<Entered>
      words="coupon"
      offer={coupon}
      fixed={fixed}
      form={form}
      initial={coupon ? toEntered(coupon) : fresh}
      create={create}
      update={update}
      refused={create.data?.couponTemplateCreate.userErrors ?? update.data?.couponTemplateUpdate.userErrors}
      save={async (entered) => {
        const input = toInput(entered, currency);
        return coupon
          ? (await update.mutateAsync({ id: coupon.id, input })).couponTemplateUpdate
          : (await create.mutateAsync({ input })).couponTemplateCreate;
      }}
      close={close}
    >
      <Divider titlePlacement="start">{t("coupon.gives")}</Divider>
      <Form.Item name="kind" label={t("coupon.kind")} extra={t(`coupon.kindHelp.${kind}`)}>
        <Segmented disabled={fixed} options={kinds.map((value) => ({ value, label: t(`coupon.kinds.${value}`) }))} />
      </Form.Item>
      <div className="two">
        {kind === "CASH" && (
          <Form.Item name="amount" label={t("coupon.amount")} rules={[required, amountRule(currency)]}>
            <AmountInput currency={currency} disabled={fixed} />
          </Form.Item>
        )}
        {kind === "PERCENT" && (
          <Form.Item name="percent" label={t("coupon.percent")} extra={t("coupon.percentHelp")} rules={[required]}>
            <InputNumber min={0.01} max={99.99} precision={2} suffix="%" className="short" disabled={fixed} />
          </Form.Item>
        )}
        {(kind === "PERCENT" || kind === "FREE_SHIPPING") && (
          <Form.Item name="cap" label={t("coupon.cap")} extra={t("coupon.capHelp")} rules={[amountRule(currency)]}>
            <AmountInput currency={currency} disabled={fixed} />
          </Form.Item>
        )}
        {kind === "EXCHANGE" && (
          <Form.Item name="pieces" label={t("coupon.pieces")} extra={t("coupon.piecesHelp")} rules={[required]}>
            <InputNumber min={1} max={99} precision={0} className="short" disabled={fixed} />
          </Form.Item>
        )}
        <Form.Item
          name="minSpend"
          label={t("coupon.minSpend")}
          extra={t("coupon.minSpendHelp")}
          rules={[amountRule(currency, undefined, 0)]}
        >
          <AmountInput currency={currency} disabled={fixed} />
        </Form.Item>
      </div>

      <Divider titlePlacement="start">{t("scope.title")}</Divider>
      <ScopeFields disabled={fixed} />

      <Divider titlePlacement="start">{t("coupon.toWhom")}</Divider>
      <div className="two">
        <Form.Item name="way" label={t("coupon.way")} extra={t(`coupon.wayHelp.${way}`)}>
          <Select disabled={fixed} options={ways.map((value) => ({ value, label: t(`coupon.ways.${value}`) }))} />
        </Form.Item>
        {way === "CODE" && (
          <Form.Item
            name="code"
            label={t("coupon.code")}
            extra={t("coupon.codeHelp")}
            rules={[{ pattern: /^\s*\S{4,32}\s*$/, message: t("coupon.codeWrong") }]}
          >
            <Input maxLength={34} autoComplete="off" />
          </Form.Item>
        )}
        <Form.Item name="quota" label={t("coupon.quota")} extra={t("coupon.quotaHelp")}>
          <InputNumber min={1} max={1_000_000_000} precision={0} className="short" />
        </Form.Item>
        <Form.Item name="perCustomer" label={t("coupon.perCustomer")} rules={[required]}>
          <InputNumber min={1} max={1000} precision={0} className="short" />
        </Form.Item>
      </div>
      <WindowField name="window" label={t("coupon.window")} help={t("coupon.windowHelp")} />

      <Divider titlePlacement="start">{t("coupon.validTitle")}</Divider>
      <Form.Item name="valid" label={t("coupon.valid")}>
        <Segmented
          disabled={fixed}
          options={(["days", "fixed"] as const).map((value) => ({ value, label: t(`coupon.validHow.${value}`) }))}
        />
      </Form.Item>
      {valid === "days" ? (
        <div className="two">
          <Form.Item name="validDays" label={t("coupon.validDays")} rules={[required]}>
            <InputNumber min={1} max={3650} precision={0} suffix={t("days")} className="short" disabled={fixed} />
          </Form.Item>
          <Form.Item name="validAfterDays" label={t("coupon.validAfterDays")} extra={t("coupon.validAfterDaysHelp")}>
            <InputNumber min={0} max={365} precision={0} suffix={t("days")} className="short" disabled={fixed} />
          </Form.Item>
        </div>
      ) : (
        <WindowField name="validWindow" label={t("coupon.validWindow")} disabled={fixed} />
      )}

      <Divider titlePlacement="start">{t("coupon.together")}</Divider>
      <div className="two">
        <Form.Item name="alone" label={t("coupon.alone")} extra={t("coupon.aloneHelp")} valuePropName="checked">
          <Switch disabled={fixed} />
        </Form.Item>
        <Form.Item name="group" label={t("coupon.group")} extra={t("coupon.groupHelp")} rules={[text]}>
          <Input maxLength={32} disabled={fixed} />
        </Form.Item>
        <Form.Item name="withReductions" label={t("coupon.withReductions")} valuePropName="checked">
          <Switch disabled={fixed} />
        </Form.Item>
        <Form.Item
          name="withPlays"
          label={t("coupon.withPlays")}
          extra={t("coupon.withPlaysHelp")}
          valuePropName="checked"
        >
          <Switch disabled={fixed} />
        </Form.Item>
      </div>
      <Form.Item name="returns" label={t("coupon.returns")} extra={t("coupon.returnsHelp")}>
        <Segmented
          disabled={fixed}
          options={(["WHOLE_REFUND", "NEVER"] as const).map((value) => ({
            value,
            label: t(`coupon.returnsHow.${value}`),
          }))}
        />
      </Form.Item>
    </OfferForm>
  );
}
