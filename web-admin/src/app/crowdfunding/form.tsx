// A crowdfunding to write or to change while it is a draft: what is made, for which goal, what backers get, until when.
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import {
  Alert,
  App,
  Button,
  DatePicker,
  Divider,
  Form,
  type FormListFieldData,
  Input,
  InputNumber,
  Segmented,
  Select,
  Switch,
} from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Product, ProductSelect } from "@/app/group-buy/form";
import type { CrowdfundingInput } from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { formatMoney, toMajor, toMinor } from "@/lib/money";
import { useProductOfPlay } from "@/lib/product-of-play";
import { useWrite } from "@/lib/query";
import type { Crowdfunding } from "./crowdfunding";

const createDocument = graphql(`
  mutation CrowdfundingCreate($input: CrowdfundingInput!) {
    crowdfundingCreate(input: $input) { crowdfunding { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation CrowdfundingUpdate($id: ID!, $input: CrowdfundingInput!) {
    crowdfundingUpdate(id: $id, input: $input) { crowdfunding { id } userErrors { code field message } }
  }
`);

type Named = { zh?: string; en?: string };
type Tier = Named & {
  skuId?: string;
  price?: string | null;
  stock?: number | null;
  numbered?: boolean;
  perCustomer?: number | null;
};
/** A promise beyond the goal; its threshold is money or pieces, as the goal is. */
type Stretch = Named & { amount?: string | null; units?: number | null };
export type Entered = {
  nameZh: string;
  nameEn?: string;
  productId: string;
  goalKind: "AMOUNT" | "UNITS";
  amount?: string | null;
  units?: number | null;
  keepsAll?: boolean;
  window: [Dayjs, Dayjs];
  shipBy: Dayjs;
  tiers: Tier[];
  stretches?: Stretch[];
};

const texts = ({ zh, en }: Named) => ({ zhCn: zh?.trim() || undefined, en: en?.trim() || undefined });

/** What was entered, as the server wants it: a goal is minor units, or pieces. */
export function toInput(entered: Entered, product: Product): CrowdfundingInput {
  const currency = product.skus[0]?.price.currency ?? "CNY";
  const counted = ({ amount, units }: { amount?: string | null; units?: number | null }) =>
    (entered.goalKind === "UNITS" ? units : toMinor(amount ?? "", currency)) ?? 0;
  return {
    title: texts({ zh: entered.nameZh, en: entered.nameEn ?? "" }),
    productId: entered.productId,
    goalKind: entered.goalKind,
    goal: counted(entered),
    keepsAll: entered.keepsAll === true,
    startsAt: entered.window[0].toISOString(),
    endsAt: entered.window[1].toISOString(),
    shipBy: entered.shipBy.toISOString(),
    tiers: entered.tiers.flatMap((tier) => {
      const amount = toMinor(tier.price ?? "", currency);
      if (!tier.skuId || amount === undefined) return [];
      return [
        {
          title: texts(tier),
          skuId: tier.skuId,
          price: { amount, currency },
          stock: tier.stock ?? undefined,
          numbered: tier.numbered === true,
          perCustomerLimit: tier.perCustomer ?? undefined,
        },
      ];
    }),
    stretchGoals: (entered.stretches ?? []).map((stretch) => ({ goal: counted(stretch), title: texts(stretch) })),
  };
}

/** The draft as it stands, as it would be entered. */
export function toEntered(crowdfunding: Crowdfunding): Entered {
  const { goalKind, currency } = crowdfunding;
  const counted = (goal: number) =>
    goalKind === "UNITS" ? { units: goal } : { amount: toMajor({ amount: goal, currency }) };
  return {
    nameZh: crowdfunding.titleTexts.zhCn ?? "",
    nameEn: crowdfunding.titleTexts.en ?? "",
    productId: crowdfunding.productId,
    goalKind,
    ...counted(crowdfunding.goal),
    keepsAll: crowdfunding.keepsAll,
    window: [dayjs(crowdfunding.startsAt), dayjs(crowdfunding.endsAt)],
    shipBy: dayjs(crowdfunding.shipBy),
    tiers: crowdfunding.tiers.map(({ titleTexts, skuId, price, stock, numbered, perCustomerLimit }) => ({
      zh: titleTexts.zhCn ?? "",
      en: titleTexts.en ?? "",
      skuId,
      price: toMajor(price),
      stock: stock ?? null,
      numbered,
      perCustomer: perCustomerLimit ?? null,
    })),
    stretches: crowdfunding.stretchGoals.map(({ goal, titleTexts }) => ({
      zh: titleTexts.zhCn ?? "",
      en: titleTexts.en ?? "",
      ...counted(goal),
    })),
  };
}

/** What is wrong with the promise as a whole, as the key of a sentence; the server judges the same once more. */
export function problem(entered: Entered, product: Product): string | undefined {
  const { goal, tiers, stretchGoals, endsAt, shipBy } = toInput(entered, product);
  if (goal < 1) return "form.goalNone";
  if (tiers.length === 0) return "form.tierNone";
  const beyond = new Set((stretchGoals ?? []).map((stretch) => stretch.goal));
  if (beyond.size < (stretchGoals?.length ?? 0) || Math.min(...beyond) <= goal) return "form.stretchLow";
  return shipBy < endsAt ? "form.shipEarly" : undefined;
}

const fresh: Partial<Entered> = { goalKind: "AMOUNT", tiers: [{}], stretches: [] };

export default function CrowdfundingForm({ crowdfunding, close }: { crowdfunding?: Crowdfunding; close: () => void }) {
  const { t, i18n } = useTranslation("crowdfunding");
  const { language } = useLanguage();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Entered>();
  const known = useProductOfPlay(crowdfunding?.productId);
  const [chosen, setChosen] = useState<Product>();
  const [wrong, setWrong] = useState<string>();
  const kind = Form.useWatch("goalKind", form) ?? crowdfunding?.goalKind ?? "AMOUNT";
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
  const currency = product?.skus[0]?.price.currency ?? "CNY";

  const submit = async (entered: Entered) => {
    if (!product) return;
    const found = problem(entered, product);
    setWrong(found);
    if (found) return;
    const input = toInput(entered, product);
    const { crowdfunding: saved } = crowdfunding
      ? (await update.mutateAsync({ id: crowdfunding.id, input })).crowdfundingUpdate
      : (await create.mutateAsync({ input })).crowdfundingCreate;
    if (!saved) return;
    message.success(t(crowdfunding ? "edit.done" : "create.done"));
    close();
    navigate({ to: `/crowdfunding/${saved.id}` });
  };

  const counted = (name: (key: "amount" | "units") => string | (string | number)[], label: string) =>
    kind === "UNITS" ? (
      <Form.Item name={name("units")} label={label} rules={[needed]}>
        <InputNumber min={1} max={10_000_000} precision={0} suffix={t("form.pieces")} className="medium" />
      </Form.Item>
    ) : (
      <Form.Item name={name("amount")} label={label} rules={[needed, amount(currency)]}>
        <AmountInput currency={currency} />
      </Form.Item>
    );
  const named = (field: FormListFieldData) => (
    <div className="two">
      <Form.Item name={[field.name, "zh"]} label={t("form.titleZh")} rules={[required]}>
        <Input maxLength={60} lang="zh-CN" />
      </Form.Item>
      <Form.Item name={[field.name, "en"]} label={t("form.titleEn")}>
        <Input maxLength={120} lang="en" />
      </Form.Item>
    </div>
  );
  const removal = (label: string, remove: () => void) => (
    <Button
      className="rung-remove"
      type="text"
      icon={<MinusCircleOutlined />}
      aria-label={t("form.remove", { what: label })}
      onClick={remove}
    />
  );

  return (
    <FormDrawer<Entered>
      title={t(crowdfunding ? "edit.title" : "create.title")}
      submit={t(crowdfunding ? "edit.submit" : "create.submit")}
      form={form}
      initial={crowdfunding ? toEntered(crowdfunding) : fresh}
      pending={create.isPending || update.isPending}
      refused={create.data?.crowdfundingCreate.userErrors ?? update.data?.crowdfundingUpdate.userErrors ?? []}
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
          fixed={crowdfunding ? known.product : undefined}
          onProduct={(product) => {
            setChosen(product);
            const tiers: Tier[] = form.getFieldValue("tiers") ?? [];
            form.setFieldValue(
              "tiers",
              tiers.map(({ skuId: _, ...tier }) => tier),
            );
          }}
        />
      </Form.Item>

      <Divider titlePlacement="start">{t("columns.goal")}</Divider>
      <div className="two">
        <Form.Item name="goalKind" label={t("form.goalKind")}>
          <Segmented
            options={(["AMOUNT", "UNITS"] as const).map((value) => ({ value, label: t(`goalKind.${value}`) }))}
          />
        </Form.Item>
        {counted((key) => key, t("columns.goal"))}
      </div>
      <Form.Item name="keepsAll" label={t("keepsAll")} extra={t("form.keepsAllHelp")} valuePropName="checked">
        <Switch />
      </Form.Item>

      <Divider titlePlacement="start">{t("tiers")}</Divider>
      {!product && <p className="quiet">{t("form.productFirst")}</p>}
      <Form.List name="tiers">
        {(fields, { add, remove }) => (
          <>
            {fields.map((field) => {
              const label = t("form.tier", { n: field.name + 1 });
              return (
                <fieldset key={field.key}>
                  <legend>{label}</legend>
                  {fields.length > 1 && removal(label, () => remove(field.name))}
                  {named(field)}
                  <Form.Item name={[field.name, "skuId"]} label={t("columns.sku")} rules={[needed]}>
                    <Select
                      disabled={!product}
                      options={(product?.skus ?? []).map((sku) => ({
                        value: sku.id,
                        label: `${inLanguage(sku.label, language) || t("form.onlySku")} · ${formatMoney(sku.price, i18n.language)}`,
                      }))}
                    />
                  </Form.Item>
                  <div className="two">
                    <Form.Item
                      name={[field.name, "price"]}
                      label={t("columns.price")}
                      rules={[needed, amount(currency)]}
                    >
                      <AmountInput currency={currency} />
                    </Form.Item>
                    <Form.Item name={[field.name, "stock"]} label={t("columns.stock")} extra={t("form.unlimitedHelp")}>
                      <InputNumber min={1} max={1_000_000} precision={0} suffix={t("form.pieces")} className="short" />
                    </Form.Item>
                    <Form.Item
                      name={[field.name, "perCustomer"]}
                      label={t("columns.perCustomer")}
                      extra={t("form.unlimitedHelp")}
                    >
                      <InputNumber min={1} max={9999} precision={0} suffix={t("form.pieces")} className="short" />
                    </Form.Item>
                    <Form.Item
                      name={[field.name, "numbered"]}
                      label={t("columns.numbered")}
                      extra={t("form.numberedHelp")}
                      valuePropName="checked"
                    >
                      <Switch />
                    </Form.Item>
                  </div>
                </fieldset>
              );
            })}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})} disabled={fields.length >= 50}>
              {t("form.addTier")}
            </Button>
          </>
        )}
      </Form.List>

      <Divider titlePlacement="start">{t("stretches")}</Divider>
      <p className="quiet">{t("form.stretchHelp")}</p>
      <Form.List name="stretches">
        {(fields, { add, remove }) => (
          <>
            {fields.map((field) => {
              const label = t("form.stretch", { n: field.name + 1 });
              return (
                <fieldset key={field.key}>
                  <legend>{label}</legend>
                  {removal(label, () => remove(field.name))}
                  {counted((key) => [field.name, key], t("form.stretchFrom"))}
                  {named(field)}
                </fieldset>
              );
            })}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})} disabled={fields.length >= 20}>
              {t("form.addStretch")}
            </Button>
          </>
        )}
      </Form.List>

      <Divider titlePlacement="start">{t("form.when")}</Divider>
      <Form.Item name="window" label={t("window")} rules={[needed]} className="picker-window">
        <DatePicker.RangePicker aria-label={t("window")} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" />
      </Form.Item>
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
