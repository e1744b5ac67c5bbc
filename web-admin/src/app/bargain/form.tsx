// A campaign to write or to change, in the order a shopkeeper thinks: what, from which price to which, how many friends, when.
import { useNavigate } from "@tanstack/react-router";
import { App, DatePicker, Divider, Form, Input, InputNumber, Segmented, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Product, ProductSelect } from "@/app/group-buy/form";
import type { BargainInput } from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { toMajor, toMinor } from "@/lib/money";
import { Price } from "@/lib/parts";
import { useRead, useWrite } from "@/lib/query";
import type { Campaign } from "./campaign";

const productDocument = graphql(`
  query ProductOfBargain($id: ID!) {
    product(id: $id) {
      id
      title { zhCn en }
      cover { url }
      skus { id status label { zhCn en } price { amount currency } }
    }
  }
`);
const createDocument = graphql(`
  mutation BargainCreate($input: BargainInput!) {
    bargainCreate(input: $input) { bargain { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation BargainUpdate($input: BargainUpdateInput!) {
    bargainUpdate(input: $input) { bargain { id } userErrors { code field message } }
  }
`);

type Prices = { first?: string | null; floor?: string | null };
export type Entered = {
  nameZh: string;
  nameEn?: string;
  productId: string;
  prices: Record<string, Prices>;
  goal: "cuts" | "average";
  cuts?: number | null;
  average?: string | null;
  runHours: number;
  payHours: number;
  ownerFirst?: boolean;
  anyPrice?: boolean;
  newDraws: number;
  daily?: number | null;
  perCustomer?: number | null;
  window: [Dayjs, Dayjs];
};

/** What was entered, as the server wants it. A variant without a floor does not take part. */
export function toInput(entered: Entered, product: Product): BargainInput {
  const currency = product.skus[0]?.price.currency ?? "CNY";
  const average = toMinor(entered.average ?? "", currency);
  return {
    title: { zhCn: entered.nameZh.trim(), en: entered.nameEn?.trim() || undefined },
    productId: entered.productId,
    skus: product.skus.flatMap((sku) => {
      const { first, floor } = entered.prices?.[sku.id] ?? {};
      const amount = toMinor(floor ?? "", sku.price.currency);
      if (amount === undefined) return [];
      const begins = toMinor(first ?? "", sku.price.currency) ?? sku.price.amount;
      return [
        {
          skuId: sku.id,
          firstPrice: { amount: begins, currency: sku.price.currency },
          floorPrice: { amount, currency: sku.price.currency },
        },
      ];
    }),
    cuts: entered.goal === "cuts" ? (entered.cuts ?? undefined) : undefined,
    averageCut: entered.goal === "average" && average !== undefined ? { amount: average, currency } : undefined,
    runHours: entered.runHours,
    payHours: entered.payHours,
    firstCut: entered.ownerFirst ? "OWNER" : "HELPER",
    buyAt: entered.anyPrice ? "CURRENT_PRICE" : "FLOOR",
    newCustomerDraws: entered.newDraws,
    helperDailyLimit: entered.daily ?? undefined,
    perCustomerLimit: entered.perCustomer ?? undefined,
    startsAt: entered.window[0].toISOString(),
    endsAt: entered.window[1].toISOString(),
  };
}

/** The draft as it stands, as it would be entered. */
export function toEntered(campaign: Campaign): Entered {
  return {
    nameZh: campaign.titleTexts.zhCn ?? "",
    nameEn: campaign.titleTexts.en ?? "",
    productId: campaign.productId,
    prices: Object.fromEntries(
      campaign.skus.map(({ skuId, firstPrice, floorPrice }) => [
        skuId,
        { first: toMajor(firstPrice), floor: toMajor(floorPrice) },
      ]),
    ),
    goal: campaign.goalCuts ? "cuts" : "average",
    cuts: campaign.goalCuts,
    average: campaign.averageCut ? toMajor(campaign.averageCut) : null,
    runHours: campaign.runHours,
    payHours: campaign.payHours,
    ownerFirst: campaign.firstCut === "OWNER",
    anyPrice: campaign.buyAt === "CURRENT_PRICE",
    newDraws: campaign.newCustomerDraws,
    daily: campaign.helperDailyLimit,
    perCustomer: campaign.perCustomerLimit,
    window: [dayjs(campaign.startsAt), dayjs(campaign.endsAt)],
  };
}

const fresh: Partial<Entered> = { goal: "cuts", cuts: 20, runHours: 24, payHours: 24, newDraws: 1, daily: 5 };

export default function CampaignForm({ campaign, close }: { campaign?: Campaign; close: () => void }) {
  const { t } = useTranslation("bargain");
  const { language } = useLanguage();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Entered>();
  const known = useRead(productDocument, { id: campaign?.productId ?? "" }, { enabled: campaign !== undefined });
  const [chosen, setChosen] = useState<Product>();
  const goal = Form.useWatch("goal", form);
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const required = useRequired();
  const needed = { required: true, message: required.message };
  const amount = useAmountRule();
  const product = chosen ?? (known.data?.product ? offered(known.data.product) : undefined);
  const currency = product?.skus[0]?.price.currency ?? "CNY";

  const submit = async (entered: Entered) => {
    if (!product) return;
    const terms = toInput(entered, product);
    const { bargain } = campaign
      ? (await update.mutateAsync({ input: { id: campaign.id, terms } })).bargainUpdate
      : (await create.mutateAsync({ input: terms })).bargainCreate;
    if (!bargain) return;
    message.success(t(campaign ? "edit.done" : "create.done"));
    close();
    navigate({ to: `/bargain/${bargain.id}` });
  };

  return (
    <FormDrawer<Entered>
      title={t(campaign ? "edit.title" : "create.title")}
      submit={t(campaign ? "edit.submit" : "create.submit")}
      form={form}
      initial={campaign ? toEntered(campaign) : fresh}
      pending={create.isPending || update.isPending}
      refused={create.data?.bargainCreate.userErrors ?? update.data?.bargainUpdate.userErrors ?? []}
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
          fixed={campaign ? known.data?.product : undefined}
          onProduct={(product) => {
            setChosen(product);
            form.setFieldValue("prices", {});
          }}
        />
      </Form.Item>
      <p className="quiet">{t(product ? "form.pricesHelp" : "form.productFirst")}</p>
      {product?.skus.map((sku) => {
        const label = inLanguage(sku.label, language) || t("form.onlySku");
        return (
          <div className="price-row bargain-prices" key={sku.id}>
            <span>
              {label}
              <span className="quiet numeric">
                {" "}
                {t("form.original")} <Price money={sku.price} />
              </span>
            </span>
            <Form.Item name={["prices", sku.id, "first"]} rules={[amount(sku.price.currency, sku.price)]}>
              <AmountInput
                currency={sku.price.currency}
                placeholder={toMajor(sku.price)}
                aria-label={`${t("form.first")} ${label}`}
              />
            </Form.Item>
            <Form.Item name={["prices", sku.id, "floor"]} rules={[amount(sku.price.currency, sku.price)]}>
              <AmountInput
                currency={sku.price.currency}
                placeholder={t("form.floor")}
                aria-label={`${t("form.floor")} ${label}`}
              />
            </Form.Item>
          </div>
        );
      })}

      <Divider titlePlacement="start">{t("form.cutting")}</Divider>
      <Form.Item name="goal" label={t("form.goal")} extra={t("form.goalHelp")}>
        <Segmented
          options={(["cuts", "average"] as const).map((value) => ({ value, label: t(`form.goals.${value}`) }))}
        />
      </Form.Item>
      {goal === "average" ? (
        <Form.Item name="average" label={t("form.goals.average")} rules={[needed, amount(currency)]}>
          <AmountInput currency={currency} />
        </Form.Item>
      ) : (
        <Form.Item name="cuts" label={t("form.goals.cuts")} rules={[needed]}>
          <InputNumber min={1} max={1000} precision={0} suffix={t("form.cutsUnit")} className="short" />
        </Form.Item>
      )}
      <div className="two">
        <Form.Item
          name="ownerFirst"
          label={t("form.ownerFirst")}
          extra={t("form.ownerFirstHelp")}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
        <Form.Item name="newDraws" label={t("form.newDraws")} extra={t("form.newDrawsHelp")} rules={[needed]}>
          <InputNumber min={1} max={5} precision={0} className="short" />
        </Form.Item>
        <Form.Item name="daily" label={t("form.daily")} extra={t("form.dailyHelp")}>
          <InputNumber min={1} max={9999} precision={0} className="short" />
        </Form.Item>
        <Form.Item name="perCustomer" label={t("form.perCustomer")} extra={t("form.dailyHelp")}>
          <InputNumber min={1} max={9999} precision={0} className="short" />
        </Form.Item>
      </div>

      <Divider titlePlacement="start">{t("form.when")}</Divider>
      <Form.Item name="anyPrice" label={t("form.anyPrice")} extra={t("form.anyPriceHelp")} valuePropName="checked">
        <Switch />
      </Form.Item>
      <div className="two">
        <Form.Item name="runHours" label={t("form.runHours")} rules={[needed]}>
          <InputNumber min={1} max={720} precision={0} suffix={t("form.hoursUnit")} className="short" />
        </Form.Item>
        <Form.Item name="payHours" label={t("form.payHours")} rules={[needed]}>
          <InputNumber min={1} max={168} precision={0} suffix={t("form.hoursUnit")} className="short" />
        </Form.Item>
      </div>
      <Form.Item name="window" label={t("window")} extra={t("form.windowHelp")} rules={[needed]}>
        <DatePicker.RangePicker aria-label={t("window")} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" />
      </Form.Item>
    </FormDrawer>
  );
}

/** The product with the variants that are still offered. */
function offered({ id, skus }: Product): Product {
  return { id, skus: skus.filter(({ status }) => status === "ACTIVE") };
}
