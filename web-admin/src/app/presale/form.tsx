// A presale to write or to change while it is a draft, in the order a shopkeeper thinks: what, for how much, how much first, when.
import { useNavigate } from "@tanstack/react-router";
import { Alert, App, DatePicker, Divider, Form, Input, InputNumber, Segmented, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Product, ProductSelect } from "@/app/group-buy/form";
import type { PresaleInput } from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { toMajor, toMinor } from "@/lib/money";
import { Price } from "@/lib/parts";
import { useProductOfPlay } from "@/lib/product-of-play";
import { useWrite } from "@/lib/query";
import type { Presale } from "./presale";

const createDocument = graphql(`
  mutation PresaleCreate($input: PresaleInput!) {
    presaleCreate(input: $input) { presale { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation PresaleUpdate($id: ID!, $input: PresaleInput!) {
    presaleUpdate(id: $id, input: $input) { presale { id } userErrors { code field message } }
  }
`);

type Prices = { price?: string | null; deposit?: string | null; worth?: string | null; stock?: number | null };
export type Entered = {
  nameZh: string;
  nameEn?: string;
  productId: string;
  mode: "DEPOSIT" | "FULL";
  prices: Record<string, Prices>;
  forfeits?: boolean;
  protects?: boolean;
  window: [Dayjs, Dayjs];
  balance?: [Dayjs, Dayjs] | null;
  shipBy: Dayjs;
  perCustomer?: number | null;
};

/** What was entered, as the server wants it. A variant without a price takes no part; a deposit is asked only where there is one. */
export function toInput(entered: Entered, product: Product): PresaleInput {
  const first = entered.mode === "DEPOSIT";
  return {
    title: { zhCn: entered.nameZh.trim(), en: entered.nameEn?.trim() || undefined },
    productId: entered.productId,
    mode: entered.mode,
    forfeits: first && entered.forfeits === true,
    protectsPrice: first && entered.protects === true,
    skus: product.skus.flatMap(({ id, price: { currency } }) => {
      const { price, deposit, worth, stock } = entered.prices?.[id] ?? {};
      const money = (typed: string | null | undefined) => {
        const amount = toMinor(typed ?? "", currency);
        return amount === undefined ? undefined : { amount, currency };
      };
      const whole = money(price);
      if (!whole || !stock) return [];
      return [
        {
          skuId: id,
          price: whole,
          deposit: first ? money(deposit) : undefined,
          depositWorth: first ? money(worth) : undefined,
          stock,
        },
      ];
    }),
    perCustomerLimit: entered.perCustomer ?? undefined,
    startsAt: entered.window[0].toISOString(),
    endsAt: entered.window[1].toISOString(),
    balanceFrom: first ? entered.balance?.[0].toISOString() : undefined,
    balanceUntil: first ? entered.balance?.[1].toISOString() : undefined,
    shipBy: entered.shipBy.toISOString(),
  };
}

/** The draft as it stands, as it would be entered. */
export function toEntered(presale: Presale): Entered {
  const first = presale.mode === "DEPOSIT";
  return {
    nameZh: presale.titleTexts.zhCn ?? "",
    nameEn: presale.titleTexts.en ?? "",
    productId: presale.productId,
    mode: presale.mode,
    prices: Object.fromEntries(
      presale.skus.map(({ skuId, price, deposit, depositWorth, stock }) => [
        skuId,
        first
          ? { price: toMajor(price), deposit: toMajor(deposit), worth: toMajor(depositWorth), stock }
          : { price: toMajor(price), stock },
      ]),
    ),
    forfeits: presale.forfeits,
    protects: presale.protectsPrice,
    window: [dayjs(presale.startsAt), dayjs(presale.endsAt)],
    balance: first ? [dayjs(presale.balanceFrom), dayjs(presale.balanceUntil)] : null,
    shipBy: dayjs(presale.shipBy),
    perCustomer: presale.perCustomerLimit,
  };
}

/** What is wrong with the promise as a whole, as the key of a sentence; the server judges the same once more. */
export function problem(entered: Entered, product: Product): string | undefined {
  const { skus, mode, forfeits, balanceFrom, balanceUntil, endsAt, shipBy } = toInput(entered, product);
  if (skus.length === 0) return "form.priceNone";
  if (mode === "DEPOSIT") {
    for (const { price, deposit, depositWorth } of skus) {
      if (!deposit || deposit.amount < 1) return "form.depositNone";
      const worth = depositWorth ?? deposit;
      if (deposit.amount > worth.amount || worth.amount >= price.amount) return "form.depositUneven";
      if (forfeits && deposit.amount * 5 > price.amount) return "form.depositUnlawful";
    }
    if (!balanceFrom || !balanceUntil || balanceFrom < endsAt || balanceUntil <= balanceFrom)
      return "form.balanceEarly";
  }
  return shipBy < (balanceUntil ?? endsAt) ? "form.shipEarly" : undefined;
}

const fresh: Partial<Entered> = { mode: "DEPOSIT", forfeits: true, protects: true };

export default function PresaleForm({ presale, close }: { presale?: Presale; close: () => void }) {
  const { t } = useTranslation("presale");
  const { language } = useLanguage();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Entered>();
  const known = useProductOfPlay(presale?.productId);
  const [chosen, setChosen] = useState<Product>();
  const [wrong, setWrong] = useState<string>();
  const mode = Form.useWatch("mode", form) ?? presale?.mode ?? "DEPOSIT";
  const forfeits = Form.useWatch("forfeits", form);
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const required = useRequired();
  const needed = { required: true, message: required.message };
  const amount = useAmountRule();
  const active = known.product && {
    id: known.product.id,
    skus: known.product.skus.filter(({ status }) => status === "ACTIVE"),
  };
  const product = chosen ?? active ?? undefined;

  const submit = async (entered: Entered) => {
    if (!product) return;
    const found = problem(entered, product);
    setWrong(found);
    if (found) return;
    const input = toInput(entered, product);
    const { presale: saved } = presale
      ? (await update.mutateAsync({ id: presale.id, input })).presaleUpdate
      : (await create.mutateAsync({ input })).presaleCreate;
    if (!saved) return;
    message.success(t(presale ? "edit.done" : "create.done"));
    close();
    navigate({ to: `/presale/${saved.id}` });
  };

  return (
    <FormDrawer<Entered>
      title={t(presale ? "edit.title" : "create.title")}
      submit={t(presale ? "edit.submit" : "create.submit")}
      form={form}
      initial={presale ? toEntered(presale) : fresh}
      pending={create.isPending || update.isPending}
      refused={create.data?.presaleCreate.userErrors ?? update.data?.presaleUpdate.userErrors ?? []}
      failed={create.error ?? update.error ?? known.error}
      size="large"
      onSubmit={submit}
      close={close}
    >
      <Divider titlePlacement="start">{t("form.basics")}</Divider>
      <Form.Item name="nameZh" label={t("form.nameZh")} rules={[required]}>
        <Input maxLength={60} showCount lang="zh-CN" />
      </Form.Item>
      <Form.Item name="nameEn" label={t("form.nameEn")}>
        <Input maxLength={120} lang="en" />
      </Form.Item>
      <Form.Item name="productId" label={t("form.product")} rules={[needed]}>
        <ProductSelect
          fixed={presale ? known.product : undefined}
          onProduct={(product) => {
            setChosen(product);
            form.setFieldValue("prices", {});
          }}
        />
      </Form.Item>

      <Divider titlePlacement="start">{t("form.paying")}</Divider>
      <Form.Item name="mode" label={t("columns.mode")}>
        <Segmented options={(["DEPOSIT", "FULL"] as const).map((value) => ({ value, label: t(`mode.${value}`) }))} />
      </Form.Item>
      {mode === "DEPOSIT" && (
        <div className="two">
          <Form.Item
            name="forfeits"
            label={t("form.forfeits")}
            extra={t(forfeits ? "form.forfeitsHelp" : "form.refundsHelp")}
            valuePropName="checked"
          >
            <Switch />
          </Form.Item>
          <Form.Item name="protects" label={t("form.protects")} extra={t("form.protectsHelp")} valuePropName="checked">
            <Switch />
          </Form.Item>
        </div>
      )}
      <p className="quiet">
        {t(product ? (mode === "DEPOSIT" ? "form.pricesHelp" : "form.fullHelp") : "form.productFirst")}
      </p>
      {product?.skus.map((sku) => {
        const label = inLanguage(sku.label, language) || t("form.onlySku");
        const { currency } = sku.price;
        return (
          <fieldset key={sku.id}>
            <legend>
              {label}
              <span className="quiet numeric">
                {" "}
                {t("form.original")} <Price money={sku.price} />
              </span>
            </legend>
            <div className="two">
              <Form.Item name={["prices", sku.id, "price"]} label={t("columns.price")} rules={[amount(currency)]}>
                <AmountInput currency={currency} placeholder={toMajor(sku.price)} />
              </Form.Item>
              <Form.Item name={["prices", sku.id, "stock"]} label={t("form.stock")}>
                <InputNumber min={1} max={1_000_000} precision={0} suffix={t("form.pieces")} className="short" />
              </Form.Item>
              {mode === "DEPOSIT" && (
                <>
                  <Form.Item
                    name={["prices", sku.id, "deposit"]}
                    label={t("columns.deposit")}
                    rules={[amount(currency)]}
                  >
                    <AmountInput currency={currency} />
                  </Form.Item>
                  <Form.Item
                    name={["prices", sku.id, "worth"]}
                    label={t("form.worth")}
                    extra={t("form.worthHelp")}
                    rules={[amount(currency)]}
                  >
                    <AmountInput currency={currency} />
                  </Form.Item>
                </>
              )}
            </div>
          </fieldset>
        );
      })}
      <Form.Item name="perCustomer" label={t("form.perCustomer")} extra={t("form.unlimitedHelp")}>
        <InputNumber min={1} max={9999} precision={0} suffix={t("form.pieces")} className="short" />
      </Form.Item>

      <Divider titlePlacement="start">{t("form.when")}</Divider>
      <Form.Item name="window" label={t("window")} rules={[needed]} className="picker-window">
        <DatePicker.RangePicker aria-label={t("window")} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" />
      </Form.Item>
      {mode === "DEPOSIT" && (
        <Form.Item
          name="balance"
          label={t("balanceWindow")}
          extra={t("form.balanceHelp")}
          rules={[needed]}
          className="picker-balance"
        >
          <DatePicker.RangePicker
            aria-label={t("balanceWindow")}
            showTime={{ format: "HH:mm" }}
            format="YYYY-MM-DD HH:mm"
          />
        </Form.Item>
      )}
      <Form.Item
        name="shipBy"
        label={t("shipBy")}
        extra={t("form.shipByHelp")}
        rules={[needed]}
        className="picker-ship"
      >
        <DatePicker aria-label={t("shipBy")} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" />
      </Form.Item>
      <div role="alert">{wrong && <Alert className="price-problem" type="error" showIcon title={t(wrong)} />}</div>
    </FormDrawer>
  );
}
