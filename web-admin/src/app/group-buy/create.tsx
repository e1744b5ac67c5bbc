// A new campaign, in the order a shopkeeper thinks: what, how a team completes, what the leader gets, when, limits.
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
  Select,
  Space,
  Switch,
} from "antd";
import type { Dayjs } from "dayjs";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "@/lib/errors";
import type { GroupBuyInput, ProductChoicesQuery } from "@/lib/gql/graphql";
import { graphql } from "@/lib/graphql";
import { exponents, toMajor, toMinor } from "@/lib/money";
import { useRead, useWrite } from "@/lib/query";
import { Picture, Price } from "./parts";

const productChoicesDocument = graphql(`
  query ProductChoices($search: String) {
    products(first: 20, filter: { search: $search }) {
      nodes { id title imageUrl skus { id optionsLabel price { amount currency } } }
    }
  }
`);
const createDocument = graphql(`
  mutation GroupBuyCreate($input: GroupBuyInput!) {
    groupBuyCreate(input: $input) { groupBuy { id } userErrors { code field message } }
  }
`);

type Product = ProductChoicesQuery["products"]["nodes"][number];
type Step = { size?: number; discount?: number };
export type Entered = {
  nameZh: string;
  nameEn?: string;
  productId: string;
  prices?: Record<string, string | null | undefined>;
  teamSize: number;
  lifetimeHours: number;
  ladder?: Step[];
  leaderDiscount?: number;
  leaderCommission?: number;
  window: [Dayjs, Dayjs];
  newOnly?: boolean;
  perOrder?: number | null;
  perCustomer?: number | null;
  virtual?: number | null;
};

const bps = (percent: number | null | undefined) => Math.round((percent ?? 0) * 100);

/** What was entered, as the server wants it: minor units, basis points, minutes, instants. */
export function toInput(entered: Entered, product: Product): GroupBuyInput {
  return {
    titles: { zhCn: entered.nameZh.trim(), en: entered.nameEn?.trim() || undefined },
    productId: entered.productId,
    skus: product.skus.flatMap((sku) => {
      const amount = toMinor(entered.prices?.[sku.id] ?? "", sku.price.currency);
      return amount === undefined ? [] : [{ skuId: sku.id, price: { amount, currency: sku.price.currency } }];
    }),
    teamSize: entered.teamSize,
    teamLifetimeMinutes: Math.round(entered.lifetimeHours * 60),
    ladder: (entered.ladder ?? []).flatMap(({ size, discount }) =>
      size && discount ? [{ size, discountBps: bps(discount) }] : [],
    ),
    leaderDiscountBps: bps(entered.leaderDiscount),
    leaderCommissionBps: bps(entered.leaderCommission),
    startsAt: entered.window[0].toISOString(),
    endsAt: entered.window[1].toISOString(),
    newCustomersOnly: entered.newOnly ?? false,
    perOrderLimit: entered.perOrder ?? undefined,
    perCustomerLimit: entered.perCustomer ?? undefined,
    virtualCompletionFrom: entered.virtual ?? undefined,
  };
}

export default function CreateCampaign({ close }: { close: () => void }) {
  const { t } = useTranslation("groupBuy");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Entered>();
  const [product, setProduct] = useState<Product>();
  const [noPrice, setNoPrice] = useState(false);
  const create = useWrite(createDocument);
  const refused = create.data?.groupBuyCreate.userErrors ?? [];

  const submit = async (entered: Entered) => {
    if (!product) return;
    const input = toInput(entered, product);
    setNoPrice(input.skus.length === 0);
    if (input.skus.length === 0) return;
    const { groupBuyCreate } = await create.mutateAsync({ input });
    if (!groupBuyCreate.groupBuy) return;
    message.success(t("create.done"));
    close();
    navigate({ to: `/group-buy/${groupBuyCreate.groupBuy.id}` });
  };

  const required = { required: true, message: t("form.required") };
  const percent = <InputNumber min={0} max={99} precision={2} suffix="%" className="short" inputMode="decimal" />;
  return (
    <Drawer
      open
      onClose={close}
      title={t("create.title")}
      size="large"
      footer={
        <Space className="drawer-foot">
          <Button onClick={close}>{tCommon("cancel")}</Button>
          <Button type="primary" loading={create.isPending} onClick={() => form.submit()}>
            {t("create.submit")}
          </Button>
        </Space>
      }
    >
      <div role="alert" className="form-errors">
        {refused.map((error) => (
          <Alert key={`${error.code}${error.field}`} type="error" showIcon title={error.message} />
        ))}
        {create.error && <Failed error={create.error} />}
      </div>
      <Form<Entered>
        form={form}
        layout="vertical"
        scrollToFirstError={{ focus: true }}
        initialValues={{ teamSize: 3, lifetimeHours: 24, leaderDiscount: 0, leaderCommission: 0, newOnly: false }}
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
            onProduct={(chosen) => {
              setProduct(chosen);
              form.setFieldValue("prices", {});
            }}
          />
        </Form.Item>
        {product && (
          <fieldset className="prices">
            <legend>{t("form.prices")}</legend>
            <p className="quiet">{t("form.pricesHelp")}</p>
            {product.skus.map((sku) => (
              <div key={sku.id} className="price-row">
                <span>{sku.optionsLabel || t("form.onlySku")}</span>
                <span className="quiet numeric">
                  {t("form.original")} <Price money={sku.price} />
                </span>
                <Form.Item
                  name={["prices", sku.id]}
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
                    aria-label={`${t("columns.price")} ${sku.optionsLabel}`}
                    inputMode="decimal"
                    className="medium"
                  />
                </Form.Item>
              </div>
            ))}
            {noPrice && <Alert type="error" showIcon role="alert" title={t("form.priceNone")} />}
          </fieldset>
        )}

        <Divider titlePlacement="start">{t("form.team")}</Divider>
        <div className="two">
          <Form.Item name="teamSize" label={t("form.size")} extra={t("form.sizeHelp")} rules={[required]}>
            <InputNumber min={2} max={100} precision={0} suffix={t("form.peopleUnit")} className="short" />
          </Form.Item>
          <Form.Item name="lifetimeHours" label={t("form.lifetime")} extra={t("form.lifetimeHelp")} rules={[required]}>
            <InputNumber min={0.25} max={168} suffix={t("form.hoursUnit")} className="short" />
          </Form.Item>
        </div>
        <fieldset>
          <legend>{t("form.ladder")}</legend>
          <p className="quiet">{t("form.ladderHelp")}</p>
          <Form.List name="ladder">
            {(fields, { add, remove }) => (
              <>
                {fields.map(({ key, name }) => (
                  <Space key={key} align="baseline" wrap>
                    <Form.Item name={[name, "size"]} rules={[required]}>
                      <InputNumber
                        min={2}
                        max={100}
                        precision={0}
                        prefix={t("form.stepSize")}
                        suffix={t("form.peopleUnit")}
                        aria-label={t("form.stepSize")}
                        className="medium"
                      />
                    </Form.Item>
                    <Form.Item name={[name, "discount"]} rules={[required]}>
                      <InputNumber
                        min={0.01}
                        max={99}
                        precision={2}
                        prefix={t("form.stepDiscount")}
                        suffix="%"
                        aria-label={t("form.stepDiscount")}
                        className="medium"
                      />
                    </Form.Item>
                    <Button
                      type="text"
                      icon={<MinusCircleOutlined />}
                      aria-label={t("form.removeStep")}
                      onClick={() => remove(name)}
                    />
                  </Space>
                ))}
                <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})} disabled={fields.length >= 5}>
                  {t("form.addStep")}
                </Button>
              </>
            )}
          </Form.List>
        </fieldset>

        <Divider titlePlacement="start">{t("form.reward")}</Divider>
        <div className="two">
          <Form.Item name="leaderDiscount" label={t("form.leaderDiscount")} extra={t("form.leaderDiscountHelp")}>
            {percent}
          </Form.Item>
          <Form.Item name="leaderCommission" label={t("form.leaderCommission")} extra={t("form.leaderCommissionHelp")}>
            {percent}
          </Form.Item>
        </div>

        <Divider titlePlacement="start">{t("form.when")}</Divider>
        <Form.Item name="window" label={t("window")} extra={t("form.windowHelp")} rules={[required]}>
          <DatePicker.RangePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" minDate={undefined} />
        </Form.Item>

        <Divider titlePlacement="start">{t("form.limits")}</Divider>
        <Form.Item name="newOnly" label={t("form.newOnly")} extra={t("form.newOnlyHelp")} valuePropName="checked">
          <Switch />
        </Form.Item>
        <div className="two">
          <Form.Item name="perOrder" label={t("form.perOrder")} extra={t("form.perOrderHelp")}>
            <InputNumber min={1} max={9999} precision={0} suffix={t("form.piecesUnit")} className="short" />
          </Form.Item>
          <Form.Item name="perCustomer" label={t("form.perCustomer")} extra={t("form.perCustomerHelp")}>
            <InputNumber min={1} max={9999} precision={0} suffix={t("form.piecesUnit")} className="short" />
          </Form.Item>
          <Form.Item name="virtual" label={t("form.virtual")} extra={t("form.virtualHelp")}>
            <InputNumber min={2} max={100} precision={0} suffix={t("form.peopleUnit")} className="short" />
          </Form.Item>
        </div>
      </Form>
    </Drawer>
  );
}

function ProductSelect({
  id,
  value,
  onChange,
  onProduct,
}: {
  id?: string;
  value?: string;
  onChange?: (id: string) => void;
  onProduct: (product: Product) => void;
}) {
  const { t } = useTranslation("groupBuy");
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, isFetching } = useRead(productChoicesDocument, { search: search || undefined }, { staleTime: 30_000 });
  const products = data?.products.nodes ?? [];
  return (
    <Select
      id={id}
      value={value}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={isFetching}
      notFoundContent={
        isFetching ? null : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("form.productEmpty")} />
      }
      options={products.map((product) => ({
        value: product.id,
        label: (
          <span className="open">
            <Picture url={product.imageUrl} /> {product.title}
          </span>
        ),
      }))}
      onChange={(chosen: string) => {
        onChange?.(chosen);
        const product = products.find((candidate) => candidate.id === chosen);
        if (product) onProduct(product);
      }}
    />
  );
}
