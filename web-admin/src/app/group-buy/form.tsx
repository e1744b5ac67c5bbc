// A campaign to write or to change, in the order a shopkeeper thinks: what, how a team completes, what the leader gets, when, limits.
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import {
  Alert,
  App,
  Button,
  DatePicker,
  Divider,
  Drawer,
  Empty,
  Form,
  Input,
  InputNumber,
  Segmented,
  Select,
  Space,
  Switch,
} from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { GroupBuyInput, ProductChoicesQuery } from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { exponents, toMajor, toMinor } from "@/lib/money";
import { Picture, Price } from "@/lib/parts";
import { useRead, useWrite } from "@/lib/query";

const productChoicesDocument = graphql(`
  query ProductChoices($search: String) {
    products(first: 20, filter: { search: $search, status: ON_SALE }) {
      edges {
        node {
          id
          title { zhCn en }
          cover { url }
          skus { id status label { zhCn en } price { amount currency } }
        }
      }
    }
  }
`);
const productDocument = graphql(`
  query ProductOfCampaign($id: ID!) {
    product(id: $id) {
      id
      title { zhCn en }
      cover { url }
      skus { id status label { zhCn en } price { amount currency } }
    }
  }
`);
const updateDocument = graphql(`
  mutation GroupBuyUpdate($input: GroupBuyUpdateInput!) {
    groupBuyUpdate(input: $input) { groupBuy { id } userErrors { code field message } }
  }
`);
const createDocument = graphql(`
  mutation GroupBuyCreate($input: GroupBuyInput!) {
    groupBuyCreate(input: $input) { groupBuy { id } userErrors { code field message } }
  }
`);

import type { Campaign } from "./campaign";

type Found = ProductChoicesQuery["products"]["edges"][number]["node"];
/** The product with the variants that are still offered. */
export type Product = { id: string; skus: Found["skus"] };
const offered = ({ id, skus }: Found): Product => ({ id, skus: skus.filter(({ status }) => status === "ACTIVE") });
/** One team size on offer, and what each variant costs in it. */
type Rung = { size?: number | null; prices?: Record<string, string | null | undefined> };
export type Entered = {
  nameZh: string;
  nameEn?: string;
  productId: string;
  rungs: Rung[];
  teamHours: number;
  seatHoldMinutes: number;
  leaderSaves: "nothing" | "rate" | "amount";
  leaderRate?: number | null;
  leaderAmount?: string | null;
  leaderCommission?: number | null;
  window: [Dayjs, Dayjs];
  newOnly?: boolean;
  perOrder: number;
  perCustomer?: number | null;
  virtual?: number | null;
};

const bps = (percent: number | null | undefined) => Math.round((percent ?? 0) * 100);

/** What was entered, as the server wants it: minor units, basis points, instants. */
export function toInput(entered: Entered, product: Product): GroupBuyInput {
  const currency = product.skus[0]?.price.currency ?? "CNY";
  const leaderAmount = toMinor(entered.leaderAmount ?? "", currency);
  return {
    title: { zhCn: entered.nameZh.trim(), en: entered.nameEn?.trim() || undefined },
    productId: entered.productId,
    skus: product.skus.flatMap((sku) => {
      const prices = entered.rungs.flatMap(({ size, prices }) => {
        const amount = toMinor(prices?.[sku.id] ?? "", sku.price.currency);
        return size && amount !== undefined ? [{ size, price: { amount, currency: sku.price.currency } }] : [];
      });
      return prices.length > 0 ? [{ skuId: sku.id, prices }] : [];
    }),
    teamHours: entered.teamHours,
    seatHoldMinutes: entered.seatHoldMinutes,
    joiners: entered.newOnly ? "NEW_CUSTOMERS" : "ANYONE",
    leaderDiscount:
      entered.leaderSaves === "rate" && entered.leaderRate
        ? { rateBps: bps(entered.leaderRate) }
        : entered.leaderSaves === "amount" && leaderAmount
          ? { amount: { amount: leaderAmount, currency } }
          : undefined,
    leaderCommissionBps: bps(entered.leaderCommission),
    startsAt: entered.window[0].toISOString(),
    endsAt: entered.window[1].toISOString(),
    perOrderLimit: entered.perOrder,
    perCustomerLimit: entered.perCustomer ?? undefined,
    virtualFromPercent: entered.virtual ?? undefined,
  };
}

/** The campaign as it stands, as it would be entered. */
export function toEntered(campaign: Campaign): Entered {
  const { leaderDiscount } = campaign;
  return {
    nameZh: campaign.titleTexts.zhCn ?? "",
    nameEn: campaign.titleTexts.en ?? "",
    productId: campaign.productId,
    rungs: campaign.sizes.map((size) => ({
      size,
      prices: Object.fromEntries(
        campaign.skus.flatMap(({ skuId, prices }) => {
          const at = prices.find((price) => price.size === size);
          return at ? [[skuId, toMajor(at.price)]] : [];
        }),
      ),
    })),
    teamHours: campaign.teamHours,
    seatHoldMinutes: campaign.seatHoldMinutes,
    leaderSaves: leaderDiscount?.amount ? "amount" : leaderDiscount?.rateBps ? "rate" : "nothing",
    leaderRate: leaderDiscount?.rateBps ? leaderDiscount.rateBps / 100 : null,
    leaderAmount: leaderDiscount?.amount ? toMajor(leaderDiscount.amount) : null,
    leaderCommission: campaign.leaderCommissionBps / 100,
    window: [dayjs(campaign.startsAt), dayjs(campaign.endsAt)],
    newOnly: campaign.joiners === "NEW_CUSTOMERS",
    perOrder: campaign.perOrderLimit,
    perCustomer: campaign.perCustomerLimit,
    virtual: campaign.virtualFromPercent,
  };
}

const fresh: Partial<Entered> = {
  rungs: [{ size: 3 }],
  teamHours: 24,
  seatHoldMinutes: 10,
  leaderSaves: "nothing",
  leaderCommission: 0,
  newOnly: false,
  perOrder: 5,
};

/** What is wrong with the prices as a whole, as the key of a sentence; single prices are judged where they stand. */
export function priceProblem(rungs: Rung[], product: Product): string | undefined {
  const priced = (rung: Rung) => product.skus.filter((sku) => rung.prices?.[sku.id]).map((sku) => sku.id);
  const [first, ...others] = rungs.map(priced);
  if (!first || first.length === 0) return "form.priceNone";
  if (others.some((other) => other.join() !== first.join())) return "form.priceHoles";
  if (new Set(rungs.map(({ size }) => size)).size < rungs.length) return "form.sizeTwice";
  const bySize = [...rungs].sort((a, b) => (a.size ?? 0) - (b.size ?? 0));
  const rises = bySize.some((rung, n) =>
    product.skus.some((sku) => {
      const [here, before] = [rung, bySize[n - 1]].map((at) => toMinor(at?.prices?.[sku.id] ?? "", sku.price.currency));
      return here !== undefined && before !== undefined && here > before;
    }),
  );
  return rises ? "form.priceRises" : undefined;
}

export default function CampaignForm({ campaign, close }: { campaign?: Campaign; close: () => void }) {
  const { t } = useTranslation("groupBuy");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Entered>();
  const known = useRead(productDocument, { id: campaign?.productId ?? "" }, { enabled: campaign !== undefined });
  const [chosen, setChosen] = useState<Product>();
  const [problem, setProblem] = useState<string>();
  const saves = Form.useWatch("leaderSaves", form);
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const product = chosen ?? (known.data?.product ? offered(known.data.product) : undefined);
  const refused = create.data?.groupBuyCreate.userErrors ?? update.data?.groupBuyUpdate.userErrors ?? [];
  const failed = create.error ?? update.error ?? known.error;

  const submit = async (entered: Entered) => {
    if (!product) return;
    const wrong = priceProblem(entered.rungs, product);
    setProblem(wrong);
    if (wrong) {
      document.getElementById("prices")?.scrollIntoView({ block: "center" });
      return;
    }
    const terms = toInput(entered, product);
    const { groupBuy } = campaign
      ? (await update.mutateAsync({ input: { id: campaign.id, terms } })).groupBuyUpdate
      : (await create.mutateAsync({ input: terms })).groupBuyCreate;
    if (!groupBuy) {
      document.getElementById("refused")?.scrollIntoView({ block: "center" });
      return;
    }
    message.success(t(campaign ? "edit.done" : "create.done"));
    close();
    navigate({ to: `/group-buy/${groupBuy.id}` });
  };

  const required = { required: true, message: t("form.required") };
  const currency = product?.skus[0]?.price.currency ?? "CNY";
  return (
    <Drawer
      open
      onClose={close}
      title={t(campaign ? "edit.title" : "create.title")}
      size="large"
      footer={
        <Space className="drawer-foot">
          <Button onClick={close}>{tCommon("cancel")}</Button>
          <Button type="primary" loading={create.isPending || update.isPending} onClick={() => form.submit()}>
            {t(campaign ? "edit.submit" : "create.submit")}
          </Button>
        </Space>
      }
    >
      {campaign && campaign.state !== "DRAFT" && (
        <Alert type="info" showIcon title={t("edit.note")} className="edit-note" />
      )}
      <div role="alert" className="form-errors" id="refused">
        {refused.map((error) => (
          <Alert key={`${error.code}${error.field}`} type="error" showIcon title={error.message} />
        ))}
        {failed && <Failed error={failed} />}
      </div>
      <Form<Entered>
        form={form}
        layout="vertical"
        scrollToFirstError={{ focus: true }}
        initialValues={campaign ? toEntered(campaign) : fresh}
        onFinish={(entered) => submit(entered).catch(() => {})}
      >
        <Divider titlePlacement="start">{t("form.basics")}</Divider>
        <Form.Item
          name="nameZh"
          label={t("form.nameZh")}
          extra={t("form.nameZhHelp")}
          rules={[{ ...required, whitespace: true }]}
        >
          <Input maxLength={60} showCount lang="zh-CN" />
        </Form.Item>
        <Form.Item name="nameEn" label={t("form.nameEn")} extra={t("form.nameEnHelp")}>
          <Input maxLength={120} lang="en" />
        </Form.Item>
        <Form.Item name="productId" label={t("form.product")} extra={t("form.productHelp")} rules={[required]}>
          <ProductSelect
            fixed={campaign ? known.data?.product : undefined}
            onProduct={(product) => {
              setChosen(product);
              const rungs: Rung[] = form.getFieldValue("rungs");
              form.setFieldValue(
                "rungs",
                rungs.map(({ size }) => ({ size })),
              );
            }}
          />
        </Form.Item>
        <Divider titlePlacement="start">{t("form.team")}</Divider>
        <p className="quiet">{t("form.pricesHelp")}</p>
        <div id="prices">
          <Form.List name="rungs">
            {(fields, { add, remove }) => (
              <>
                {fields.map(({ key, name }) => (
                  <fieldset key={key}>
                    <legend>{t("form.rung", { n: name + 1 })}</legend>
                    {fields.length > 1 && (
                      <Button
                        className="rung-remove"
                        type="text"
                        icon={<MinusCircleOutlined />}
                        aria-label={t("form.removeRung", { n: name + 1 })}
                        onClick={() => remove(name)}
                      />
                    )}
                    <Form.Item
                      name={[name, "size"]}
                      label={t("form.size")}
                      extra={t("form.sizeHelp")}
                      rules={[required]}
                    >
                      <InputNumber min={2} max={100} precision={0} suffix={t("form.peopleUnit")} className="short" />
                    </Form.Item>
                    {product?.skus.map((sku) => (
                      <PriceRow key={sku.id} sku={sku} name={[name, "prices", sku.id]} />
                    ))}
                    {!product && <p className="quiet">{t("form.productFirst")}</p>}
                  </fieldset>
                ))}
                {problem && <Alert className="price-problem" type="error" showIcon role="alert" title={t(problem)} />}
                <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})} disabled={fields.length >= 8}>
                  {t("form.addRung")}
                </Button>
                <p className="quiet rung-help">{t("form.rungHelp")}</p>
              </>
            )}
          </Form.List>
        </div>
        <div className="two">
          <Form.Item name="teamHours" label={t("form.lifetime")} extra={t("form.lifetimeHelp")} rules={[required]}>
            <InputNumber min={1} max={168} precision={0} suffix={t("form.hoursUnit")} className="short" />
          </Form.Item>
          <Form.Item name="seatHoldMinutes" label={t("form.hold")} extra={t("form.holdHelp")} rules={[required]}>
            <InputNumber min={1} max={14} precision={0} suffix={t("form.minutesUnit")} className="short" />
          </Form.Item>
        </div>

        <Divider titlePlacement="start">{t("form.reward")}</Divider>
        <div className="two">
          <div>
            <Form.Item name="leaderSaves" label={t("form.leaderDiscount")} extra={t("form.leaderDiscountHelp")}>
              <Segmented
                options={(["nothing", "rate", "amount"] as const).map((value) => ({
                  value,
                  label: t(`form.saves.${value}`),
                }))}
              />
            </Form.Item>
            {saves === "rate" && (
              <Form.Item name="leaderRate" rules={[required]}>
                <InputNumber
                  min={0.01}
                  max={99}
                  precision={2}
                  suffix="%"
                  className="short"
                  aria-label={t("form.saves.rate")}
                />
              </Form.Item>
            )}
            {saves === "amount" && (
              <Form.Item name="leaderAmount" rules={[required]}>
                <InputNumber<string>
                  stringMode
                  min="0"
                  precision={exponents[currency]}
                  prefix={currency}
                  className="medium"
                  aria-label={t("form.saves.amount")}
                />
              </Form.Item>
            )}
          </div>
          <Form.Item name="leaderCommission" label={t("form.leaderCommission")} extra={t("form.leaderCommissionHelp")}>
            <InputNumber min={0} max={100} precision={2} suffix="%" className="short" />
          </Form.Item>
        </div>

        <Divider titlePlacement="start">{t("form.when")}</Divider>
        <Form.Item name="window" label={t("window")} extra={t("form.windowHelp")} rules={[required]}>
          <DatePicker.RangePicker
            aria-label={t("window")}
            showTime={{ format: "HH:mm" }}
            format="YYYY-MM-DD HH:mm"
            minDate={undefined}
          />
        </Form.Item>

        <Divider titlePlacement="start">{t("form.limits")}</Divider>
        <Form.Item name="newOnly" label={t("form.newOnly")} extra={t("form.newOnlyHelp")} valuePropName="checked">
          <Switch />
        </Form.Item>
        <div className="two">
          <Form.Item name="perOrder" label={t("form.perOrder")} extra={t("form.perOrderHelp")} rules={[required]}>
            <InputNumber min={1} max={9999} precision={0} suffix={t("form.piecesUnit")} className="short" />
          </Form.Item>
          <Form.Item name="perCustomer" label={t("form.perCustomer")} extra={t("form.perCustomerHelp")}>
            <InputNumber min={1} max={9999} precision={0} suffix={t("form.piecesUnit")} className="short" />
          </Form.Item>
          <Form.Item name="virtual" label={t("form.virtual")} extra={t("form.virtualHelp")}>
            <InputNumber min={50} max={99} precision={0} suffix="%" className="short" />
          </Form.Item>
        </div>
      </Form>
    </Drawer>
  );
}

/** One variant: what one piece costs alone, and what it is to cost in a team. */
function PriceRow({ sku, name }: { sku: Product["skus"][number]; name: (string | number)[] }) {
  const { t } = useTranslation("groupBuy");
  const { language } = useLanguage();
  const label = inLanguage(sku.label, language) || t("form.onlySku");
  return (
    <div className="price-row">
      <span>{label}</span>
      <span className="quiet numeric">
        {t("form.original")} <Price money={sku.price} />
      </span>
      <Form.Item
        name={name}
        rules={[
          {
            validator: async (_, value?: string | null) => {
              if (!value) return;
              const amount = toMinor(String(value), sku.price.currency);
              if (!amount) throw new Error(t("form.priceWrong"));
              if (amount >= sku.price.amount) throw new Error(t("form.priceHigh"));
            },
          },
        ]}
      >
        <InputNumber<string>
          stringMode
          min="0"
          precision={exponents[sku.price.currency]}
          prefix={sku.price.currency}
          placeholder={toMajor({ ...sku.price, amount: Math.round(sku.price.amount * 0.8) })}
          aria-label={`${t("columns.price")} ${label}`}
          inputMode="decimal"
          className="medium"
        />
      </Form.Item>
    </div>
  );
}

export function ProductSelect({
  id,
  value,
  onChange,
  onProduct,
  fixed,
}: {
  id?: string;
  value?: string;
  onChange?: (id: string) => void;
  onProduct: (product: Product) => void;
  /** The product of a campaign that exists: it stays. */
  fixed: Found | null | undefined;
}) {
  const { t } = useTranslation("groupBuy");
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const { language } = useLanguage();
  const { data, error, isFetching } = useRead(
    productChoicesDocument,
    { search: search || undefined },
    { staleTime: 30_000 },
  );
  const products = fixed ? [fixed] : (data?.products.edges.map(({ node }) => node) ?? []);
  return (
    <Select
      id={id}
      value={value}
      disabled={fixed !== undefined}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={isFetching}
      notFoundContent={
        error ? (
          <Failed error={error} />
        ) : isFetching ? null : (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("form.productEmpty")} />
        )
      }
      options={products.map((product) => ({
        value: product.id,
        label: (
          <span className="open">
            <Picture url={product.cover?.url} /> {inLanguage(product.title, language)}
          </span>
        ),
      }))}
      onChange={(chosen: string) => {
        onChange?.(chosen);
        const product = products.find((candidate) => candidate.id === chosen);
        if (product) onProduct(offered(product));
      }}
    />
  );
}
