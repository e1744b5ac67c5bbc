// The table of variants: a row per combination of the values, and a line to fill all rows at once.
import { Alert, Button, Checkbox, Form, Input, InputNumber, Select, Space, Table } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Currency, MarketPriceBase } from "@/gql/graphql";
import { AmountInput, useAmountRule, useRequired } from "@/lib/form-drawer";
import { useLanguage } from "@/lib/i18n";
import { toMinor } from "@/lib/money";
import { Pictures, useShotsRule } from "@/lib/pictures";
import {
  type Combination,
  codeTwice,
  combinations,
  type Entered,
  type Filling,
  filled,
  MOST_SKUS,
  type Product,
  type Row,
  seeded,
} from "./article";
import { bases } from "./states";

export function Variants({ product, problem }: { product: Product | undefined; problem: string | undefined }) {
  const { t } = useTranslation("products");
  const { language } = useLanguage();
  const form = Form.useFormInstance<Entered>();
  // With what no question holds: the keys of the values.
  const options = Form.useWatch("options", { form, preserve: true });
  const currency: Currency = Form.useWatch("currency", form) ?? "CNY";
  const rows = useMemo(() => combinations(options, language), [options, language]);
  const out = Form.useWatch(
    (entered: Entered) =>
      Object.entries(entered.rows ?? {})
        .filter(([, row]) => row?.out)
        .map(([key]) => key),
    { form, preserve: true },
  );

  useEffect(() => {
    const before = form.getFieldValue("rows") ?? {};
    const after = seeded(
      before,
      rows.map(({ key }) => key),
    );
    if (after !== before) form.setFieldValue("rows", after);
  }, [form, rows]);

  if (rows.length > MOST_SKUS) {
    return <Alert type="warning" showIcon title={t("form.tooManyVariants", { most: MOST_SKUS })} />;
  }
  return (
    <>
      <p className="quiet">{t("form.marketHelp")}</p>
      {problem && <Alert type="error" showIcon role="alert" className="price-problem" title={t(problem)} />}
      {rows.length > 1 && <Fill currency={currency} form={form} />}
      <VariantTable rows={rows} out={out ?? []} currency={currency} product={product} />
      {product && <p className="quiet">{t("form.retiredHelp")}</p>}
    </>
  );
}

function VariantTable({
  rows,
  out,
  currency,
  product,
}: {
  rows: Combination[];
  out: string[];
  currency: Currency;
  product: Product | undefined;
}) {
  const { t } = useTranslation("products");
  const form = Form.useFormInstance<Entered>();
  const required = useRequired();
  const amountRule = useAmountRule();
  const shotsRule = useShotsRule();
  const known = new Map(product?.skus.map((sku) => [sku.id, sku]));
  const cell = (key: string, of: keyof Row): ["rows", string, keyof Row] => ["rows", key, of];
  const idOf = (key: string): string | undefined => form.getFieldValue(cell(key, "id"));
  const label = (row: Combination) => row.label || t("form.onlySku");
  const column = (of: keyof Row & string, render: (row: Combination, name: string) => React.ReactNode) => ({
    key: of,
    title: t(`form.column.${of}`),
    render: (_: unknown, row: Combination) =>
      out.includes(row.key) ? null : render(row, `${t(`form.column.${of}`)}: ${label(row)}`),
  });

  return (
    <Table
      className="variants"
      size="small"
      rowKey="key"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      rowClassName={(row) => (out.includes(row.key) ? "variant-out" : "")}
      columns={[
        {
          key: "label",
          title: t("form.column.label"),
          render: (_, row) =>
            rows.length > 1 ? (
              <Form.Item
                name={cell(row.key, "out")}
                getValueProps={(isOut) => ({ checked: !isOut })}
                getValueFromEvent={(event) => !event.target.checked}
              >
                <Checkbox aria-label={`${t("form.offered")}: ${label(row)}`}>{label(row)}</Checkbox>
              </Form.Item>
            ) : (
              label(row)
            ),
        },
        column("image", (row, name) => (
          <Form.Item name={cell(row.key, "image")} rules={[shotsRule]}>
            <Pictures most={1} compact aria-label={name} />
          </Form.Item>
        )),
        column("code", (row, name) => (
          <Form.Item
            name={cell(row.key, "code")}
            rules={[
              required,
              {
                validator: async (_, code?: string) => {
                  if (code?.trim() && codeTwice(form.getFieldsValue(true), row.key, code))
                    throw new Error(t("form.codeTwice"));
                },
              },
            ]}
          >
            <Input maxLength={64} aria-label={name} className="code" />
          </Form.Item>
        )),
        column("price", (row, name) => (
          <Form.Item name={cell(row.key, "price")} rules={[required, amountRule(currency)]}>
            <AmountInput currency={currency} aria-label={name} />
          </Form.Item>
        )),
        column("market", (row, name) => (
          <>
            <Form.Item
              name={cell(row.key, "market")}
              dependencies={[cell(row.key, "price")]}
              rules={[
                amountRule(currency),
                {
                  validator: async (_, typed?: string | null) => {
                    const market = toMinor(String(typed ?? ""), currency);
                    const price = toMinor(String(form.getFieldValue(cell(row.key, "price")) ?? ""), currency);
                    if (market !== undefined && price !== undefined && market < price)
                      throw new Error(t("form.marketLow"));
                  },
                },
              ]}
            >
              <AmountInput currency={currency} aria-label={name} placeholder={t("form.marketNone")} />
            </Form.Item>
            <Form.Item
              name={cell(row.key, "base")}
              dependencies={[cell(row.key, "market")]}
              rules={[
                {
                  validator: async (_, base?: MarketPriceBase | null) => {
                    if (!base && form.getFieldValue(cell(row.key, "market"))) throw new Error(t("form.baseMissing"));
                  },
                },
              ]}
            >
              <BaseSelect aria-label={`${t("form.base")}: ${label(row)}`} />
            </Form.Item>
          </>
        )),
        column("weight", (row, name) => (
          <Form.Item name={cell(row.key, "weight")}>
            <InputNumber
              min={0}
              max={1_000_000_000}
              precision={0}
              suffix={t("grams")}
              aria-label={name}
              className="weight"
            />
          </Form.Item>
        )),
        column("stock", (row, name) => {
          const sku = known.get(idOf(row.key) ?? "");
          return sku ? (
            <span className="numeric">{t("form.stockNow", { count: sku.stock?.available ?? 0 })}</span>
          ) : (
            <Form.Item name={cell(row.key, "stock")}>
              <InputNumber
                min={0}
                max={1_000_000_000}
                precision={0}
                placeholder="0"
                aria-label={name}
                className="pieces"
              />
            </Form.Item>
          );
        }),
      ]}
    />
  );
}

/** Whose price a strike-through price is, each with what that means. */
export function BaseSelect(props: {
  id?: string;
  value?: MarketPriceBase | null;
  onChange?: (base: MarketPriceBase | null) => void;
  "aria-label": string;
}) {
  const { t } = useTranslation("products");
  return (
    <Select
      {...props}
      allowClear
      className="base"
      placeholder={t("form.base")}
      popupMatchSelectWidth={340}
      options={bases.map((value) => ({ value, label: t(`base.${value}.name`) }))}
      optionRender={({ value }) => (
        <div className="base-option">
          <strong>{t(`base.${value}.name`)}</strong>
          <span className="quiet">{t(`base.${value}.help`)}</span>
        </div>
      )}
    />
  );
}

/** The same answer in every row. */
function Fill({ currency, form }: { currency: Currency; form: ReturnType<typeof Form.useFormInstance<Entered>> }) {
  const { t } = useTranslation("products");
  const [filling, setFilling] = useState<Filling>({});
  const set = (news: Partial<Filling>) => setFilling((before) => ({ ...before, ...news }));
  return (
    <fieldset className="fill">
      <legend>{t("form.fill")}</legend>
      <Space wrap align="start">
        <Input
          className="code"
          aria-label={t("form.prefix")}
          placeholder={t("form.prefix")}
          maxLength={60}
          value={filling.prefix ?? ""}
          onChange={(event) => set({ prefix: event.target.value })}
        />
        <AmountInput
          currency={currency}
          aria-label={`${t("form.fill")}: ${t("form.column.price")}`}
          placeholder={t("form.column.price")}
          value={filling.price ?? null}
          onChange={(price) => set({ price })}
        />
        <AmountInput
          currency={currency}
          aria-label={`${t("form.fill")}: ${t("form.column.market")}`}
          placeholder={t("form.column.market")}
          value={filling.market ?? null}
          onChange={(market) => set({ market })}
        />
        <BaseSelect
          aria-label={`${t("form.fill")}: ${t("form.base")}`}
          value={filling.base ?? null}
          onChange={(base) => set({ base })}
        />
        <InputNumber<number>
          className="weight"
          min={0}
          precision={0}
          suffix={t("grams")}
          aria-label={`${t("form.fill")}: ${t("form.column.weight")}`}
          placeholder={t("form.column.weight")}
          value={filling.weight ?? null}
          onChange={(weight) => set({ weight })}
        />
        <InputNumber<number>
          className="pieces"
          min={0}
          precision={0}
          aria-label={`${t("form.fill")}: ${t("form.column.stock")}`}
          placeholder={t("form.column.stock")}
          value={filling.stock ?? null}
          onChange={(stock) => set({ stock })}
        />
        <Button
          onClick={() => {
            form.setFieldValue("rows", filled(form.getFieldsValue(true), filling));
            setFilling({});
          }}
        >
          {t("form.fillNow")}
        </Button>
      </Space>
    </fieldset>
  );
}
