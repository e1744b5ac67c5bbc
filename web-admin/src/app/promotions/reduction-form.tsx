// A reduction to write or to change: what it does is asked in the words of its kind.
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Divider, Form, InputNumber, Segmented, Select, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import type {
  Currency,
  ReductionEffectInput,
  ReductionInput,
  ReductionKind,
  ReductionMeasure,
  ReductionsQuery,
} from "@/gql/graphql";
import { AmountInput, useAmountRule } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { toMajor, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import { isFixed, type Named, nameEntered, nameInput, OfferForm, WindowField, windowInput } from "./offer-form";
import { SkuPicker } from "./pickers";
import { type ScopeEntered, ScopeFields, scopeEntered, scopeInput } from "./scope";

export const reductionsDocument = graphql(`
  query Reductions($state: PromotionState, $first: Int, $after: String) {
    reductions(state: $state, first: $first, after: $after) {
      edges {
        node {
          id title titleTexts { zhCn en } state withPlays priority startsAt endsAt
          effect {
            kind measure from mostTimes pieces offBps
            off { amount currency } price { amount currency }
            tiers { from off { amount currency } offBps }
            items { skuId quantity }
          }
          scope { productIds categoryIds withoutProductIds withoutCategoryIds }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const createDocument = graphql(`
  mutation ReductionCreate($input: ReductionInput!) {
    reductionCreate(input: $input) { reduction { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation ReductionUpdate($id: ID!, $input: ReductionInput!) {
    reductionUpdate(id: $id, input: $input) { reduction { id } userErrors { code field message } }
  }
`);

export type Reduction = ReductionsQuery["reductions"]["edges"][number]["node"];

type Tier = { from?: string | null; how?: "amount" | "percent"; off?: string | null; percent?: number | null };
type Item = { skuId?: string; quantity?: number | null };
export type Entered = Named & {
  kind: ReductionKind;
  measure?: ReductionMeasure;
  tiers?: Tier[];
  from?: string | null;
  off?: string | null;
  mostTimes?: number | null;
  pieces?: number | null;
  percent?: number | null;
  price?: string | null;
  items?: Item[];
  gift?: Item;
  scope: ScopeEntered;
  withPlays?: boolean;
  priority: number;
  window: [Dayjs, Dayjs];
};

const bps = (percent: number | null | undefined) => Math.round((percent ?? 0) * 100);

/** From how much on: an amount of money, or a number of pieces. */
function fromOf(typed: string | null | undefined, measure: ReductionMeasure, currency: Currency): number {
  const text = String(typed ?? "");
  return (measure === "PIECES" ? Number.parseInt(text, 10) : toMinor(text, currency)) || 0;
}

function effectOf(entered: Entered, currency: Currency): ReductionEffectInput {
  const { kind } = entered;
  const measure = entered.measure ?? "AMOUNT";
  const minor = (typed: string | null | undefined) => toMinor(String(typed ?? ""), currency);
  const items = (list: (Item | undefined)[]) =>
    list.flatMap((item) => (item?.skuId ? [{ skuId: item.skuId, quantity: item.quantity ?? 1 }] : []));
  const none = { kind, measure: "AMOUNT" as const, tiers: [], items: [] };
  switch (kind) {
    case "TIERS":
      return {
        ...none,
        measure,
        tiers: (entered.tiers ?? [])
          .map((tier) => ({
            from: fromOf(tier.from, measure, currency),
            ...(tier.how === "percent" ? { offBps: bps(tier.percent) } : { off: minor(tier.off) }),
          }))
          .sort((a, b) => a.from - b.from),
      };
    case "EVERY":
      return {
        ...none,
        measure,
        from: fromOf(entered.from, measure, currency),
        off: minor(entered.off),
        mostTimes: entered.mostTimes ?? undefined,
      };
    case "NTH_PIECE":
      return { ...none, pieces: entered.pieces ?? undefined, offBps: bps(entered.percent) };
    case "ANY_FOR":
      return { ...none, pieces: entered.pieces ?? undefined, price: minor(entered.price) };
    case "BUNDLE":
      return { ...none, price: minor(entered.price), items: items(entered.items ?? []) };
    case "GIFT":
      return { ...none, measure, from: fromOf(entered.from, measure, currency), items: items([entered.gift]) };
  }
}

/** What was entered, as the server wants it: only what belongs to the kind, the lowest step first. */
export function toInput(entered: Entered, currency: Currency): ReductionInput {
  const bundle = entered.kind === "BUNDLE";
  return {
    title: nameInput(entered),
    effect: effectOf(entered, currency),
    currency,
    // A bundle says itself what it is about.
    scope: bundle ? undefined : scopeInput(entered.scope),
    withPlays: entered.withPlays ?? false,
    priority: entered.priority,
    ...windowInput(entered.window),
  };
}

/** The reduction as it stands, as it would be entered. */
export function toEntered({ effect, ...reduction }: Reduction, currency: Currency): Entered {
  const measure = effect.measure ?? "AMOUNT";
  const from = (n: number | null | undefined) =>
    n === null || n === undefined ? null : measure === "PIECES" ? String(n) : toMajor({ amount: n, currency });
  const items = effect.items.map(({ skuId, quantity }) => ({ skuId, quantity }));
  return {
    ...nameEntered(reduction.titleTexts),
    kind: effect.kind,
    measure,
    tiers: effect.tiers.map((tier) => ({
      from: from(tier.from),
      how: tier.off ? "amount" : "percent",
      off: tier.off && toMajor(tier.off),
      percent: tier.offBps ? tier.offBps / 100 : null,
    })),
    from: from(effect.from),
    off: effect.off && toMajor(effect.off),
    mostTimes: effect.mostTimes,
    pieces: effect.pieces,
    percent: effect.offBps ? effect.offBps / 100 : null,
    price: effect.price && toMajor(effect.price),
    items: effect.kind === "BUNDLE" ? items : [],
    gift: effect.kind === "GIFT" ? items[0] : undefined,
    scope: scopeEntered(reduction.scope),
    withPlays: reduction.withPlays,
    priority: reduction.priority,
    window: [dayjs(reduction.startsAt), dayjs(reduction.endsAt)],
  };
}

export const currencyOf = ({ effect }: Reduction): Currency =>
  effect.off?.currency ?? effect.price?.currency ?? effect.tiers.find(({ off }) => off)?.off?.currency ?? "CNY";

const fresh: Partial<Entered> = {
  kind: "TIERS",
  measure: "AMOUNT",
  tiers: [{ how: "amount" }],
  items: [{ quantity: 1 }, { quantity: 1 }],
  gift: { quantity: 1 },
  scope: { on: "all" },
  priority: 0,
};

const kinds: ReductionKind[] = ["TIERS", "EVERY", "NTH_PIECE", "ANY_FOR", "BUNDLE", "GIFT"];
const counted: ReductionKind[] = ["TIERS", "EVERY", "GIFT"];

export default function ReductionForm({ reduction, close }: { reduction?: Reduction; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const [form] = Form.useForm<Entered>();
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const amountRule = useAmountRule();
  const required = { required: true, message: tCommon("form.required") };
  const kind = Form.useWatch("kind", form) ?? "TIERS";
  const measure = Form.useWatch("measure", form) ?? "AMOUNT";
  const tiers = Form.useWatch("tiers", form) ?? [];
  const currency = reduction ? currencyOf(reduction) : "CNY";
  const fixed = isFixed(reduction);
  const money = <AmountInput currency={currency} disabled={fixed} />;
  const from =
    measure === "PIECES" ? (
      <InputNumber<string>
        stringMode
        min="1"
        precision={0}
        suffix={t("piecesUnit")}
        className="short"
        disabled={fixed}
      />
    ) : (
      money
    );
  const fromRules = measure === "PIECES" ? [required] : [required, amountRule(currency)];
  const percent = <InputNumber min={0.01} max={100} precision={2} suffix="%" className="short" disabled={fixed} />;
  return (
    <OfferForm<Entered>
      words="reduction"
      offer={reduction}
      fixed={fixed}
      form={form}
      initial={reduction ? toEntered(reduction, currency) : fresh}
      create={create}
      update={update}
      refused={create.data?.reductionCreate.userErrors ?? update.data?.reductionUpdate.userErrors}
      save={async (entered) => {
        const input = toInput(entered, currency);
        return reduction
          ? (await update.mutateAsync({ id: reduction.id, input })).reductionUpdate
          : (await create.mutateAsync({ input })).reductionCreate;
      }}
      close={close}
    >
      <Divider titlePlacement="start">{t("reduction.does")}</Divider>
      <Form.Item name="kind" label={t("reduction.kind")} extra={t(`reduction.kindHelp.${kind}`)}>
        <Select disabled={fixed} options={kinds.map((value) => ({ value, label: t(`reduction.kinds.${value}`) }))} />
      </Form.Item>
      {counted.includes(kind) && (
        <Form.Item name="measure" label={t("reduction.measure")}>
          <Segmented
            disabled={fixed}
            options={(["AMOUNT", "PIECES"] as const).map((value) => ({
              value,
              label: t(`reduction.measures.${value}`),
            }))}
          />
        </Form.Item>
      )}
      {kind === "TIERS" && (
        <Form.List name="tiers">
          {(fields, { add, remove }) => (
            <>
              {fields.map(({ key, name }) => (
                <fieldset key={key}>
                  <legend>{t("reduction.tier", { n: name + 1 })}</legend>
                  {fields.length > 1 && !fixed && (
                    <Button
                      className="rung-remove"
                      type="text"
                      icon={<MinusCircleOutlined />}
                      aria-label={t("reduction.removeTier", { n: name + 1 })}
                      onClick={() => remove(name)}
                    />
                  )}
                  <div className="two">
                    <Form.Item name={[name, "from"]} label={t("reduction.from")} rules={fromRules}>
                      {from}
                    </Form.Item>
                    <div>
                      <Form.Item name={[name, "how"]} label={t("reduction.off")}>
                        <Segmented
                          disabled={fixed}
                          options={(["amount", "percent"] as const).map((value) => ({
                            value,
                            label: t(`reduction.how.${value}`),
                          }))}
                        />
                      </Form.Item>
                      {tiers[name]?.how === "percent" ? (
                        <Form.Item name={[name, "percent"]} extra={t("coupon.percentHelp")} rules={[required]}>
                          <InputNumber
                            min={0.01}
                            max={100}
                            precision={2}
                            suffix="%"
                            className="short"
                            disabled={fixed}
                            aria-label={t("reduction.how.percent")}
                          />
                        </Form.Item>
                      ) : (
                        <Form.Item name={[name, "off"]} rules={[required, amountRule(currency)]}>
                          <AmountInput currency={currency} disabled={fixed} aria-label={t("reduction.how.amount")} />
                        </Form.Item>
                      )}
                    </div>
                  </div>
                </fieldset>
              ))}
              {!fixed && (
                <Button
                  type="dashed"
                  icon={<PlusOutlined />}
                  disabled={fields.length >= 10}
                  onClick={() => add({ how: "amount" })}
                >
                  {t("reduction.addTier")}
                </Button>
              )}
            </>
          )}
        </Form.List>
      )}
      <div className="two">
        {(kind === "EVERY" || kind === "GIFT") && (
          <Form.Item name="from" label={t(kind === "EVERY" ? "reduction.every" : "reduction.from")} rules={fromRules}>
            {from}
          </Form.Item>
        )}
        {kind === "EVERY" && (
          <>
            <Form.Item name="off" label={t("reduction.off")} rules={[required, amountRule(currency)]}>
              {money}
            </Form.Item>
            <Form.Item name="mostTimes" label={t("reduction.mostTimes")} extra={t("reduction.mostTimesHelp")}>
              <InputNumber min={1} max={1000} precision={0} className="short" disabled={fixed} />
            </Form.Item>
          </>
        )}
        {(kind === "NTH_PIECE" || kind === "ANY_FOR") && (
          <Form.Item
            name="pieces"
            label={t(kind === "NTH_PIECE" ? "reduction.nth" : "reduction.pieces")}
            rules={[required]}
          >
            <InputNumber min={2} max={99} precision={0} suffix={t("piecesUnit")} className="short" disabled={fixed} />
          </Form.Item>
        )}
        {kind === "NTH_PIECE" && (
          <Form.Item name="percent" label={t("reduction.off")} extra={t("reduction.nthHelp")} rules={[required]}>
            {percent}
          </Form.Item>
        )}
        {(kind === "ANY_FOR" || kind === "BUNDLE") && (
          <Form.Item name="price" label={t("reduction.price")} rules={[required, amountRule(currency)]}>
            {money}
          </Form.Item>
        )}
      </div>
      {kind === "BUNDLE" && (
        <Form.List name="items">
          {(fields, { add, remove }) => (
            <fieldset>
              <legend>{t("reduction.bundle")}</legend>
              {fields.map(({ key, name }) => (
                <div key={key} className="price-row">
                  <Form.Item name={[name, "skuId"]} rules={[required]}>
                    <SkuPicker disabled={fixed} aria-label={t("reduction.item", { n: name + 1 })} />
                  </Form.Item>
                  <Form.Item name={[name, "quantity"]} rules={[required]}>
                    <InputNumber
                      min={1}
                      max={99}
                      precision={0}
                      suffix={t("piecesUnit")}
                      className="short"
                      disabled={fixed}
                      aria-label={t("reduction.quantityOf", { n: name + 1 })}
                    />
                  </Form.Item>
                  {fields.length > 2 && !fixed && (
                    <Button
                      type="text"
                      icon={<MinusCircleOutlined />}
                      aria-label={t("reduction.removeItem", { n: name + 1 })}
                      onClick={() => remove(name)}
                    />
                  )}
                </div>
              ))}
              {!fixed && (
                <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({ quantity: 1 })}>
                  {t("reduction.addItem")}
                </Button>
              )}
            </fieldset>
          )}
        </Form.List>
      )}
      {kind === "GIFT" && (
        <div className="two">
          <Form.Item
            name={["gift", "skuId"]}
            label={t("reduction.gift")}
            extra={t("reduction.giftHelp")}
            rules={[required]}
          >
            <SkuPicker disabled={fixed} />
          </Form.Item>
          <Form.Item name={["gift", "quantity"]} label={t("reduction.giftQuantity")} rules={[required]}>
            <InputNumber min={1} max={99} precision={0} suffix={t("piecesUnit")} className="short" disabled={fixed} />
          </Form.Item>
        </div>
      )}

      {kind !== "BUNDLE" && (
        <>
          <Divider titlePlacement="start">{t("scope.title")}</Divider>
          <ScopeFields disabled={fixed} />
        </>
      )}

      <Divider titlePlacement="start">{t("reduction.when")}</Divider>
      <WindowField name="window" label={t("reduction.window")} />
      <div className="two">
        <Form.Item
          name="priority"
          label={t("reduction.priority")}
          extra={t("reduction.priorityHelp")}
          rules={[required]}
        >
          <InputNumber min={-1000} max={1000} precision={0} className="short" />
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
    </OfferForm>
  );
}
