// Lower prices for a while: which variants, and how much lower.
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Divider, Form, InputNumber, Segmented } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import type { TimeDiscountInput, TimeDiscountsQuery } from "@/gql/graphql";
import { AmountInput, useAmountRule } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { toMajor, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import { type Named, nameEntered, nameInput, OfferForm, WindowField, windowInput } from "./offer-form";
import { SkuPicker } from "./pickers";

export const discountsDocument = graphql(`
  query TimeDiscounts($state: TimeDiscountState, $first: Int, $after: String) {
    timeDiscounts(state: $state, first: $first, after: $after) {
      edges {
        node { id title titleTexts { zhCn en } state startsAt endsAt prices { skuId price offBps }
          mostPerCustomer mostInAll used
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const createDocument = graphql(`
  mutation TimeDiscountCreate($input: TimeDiscountInput!) {
    timeDiscountCreate(input: $input) { timeDiscount { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation TimeDiscountUpdate($id: ID!, $input: TimeDiscountInput!) {
    timeDiscountUpdate(id: $id, input: $input) { timeDiscount { id } userErrors { code field message } }
  }
`);

export type Discount = TimeDiscountsQuery["timeDiscounts"]["edges"][number]["node"];

type Lowered = { skuId?: string; how: "percent" | "price"; percent?: number | null; price?: string | null };
export type Entered = Named & {
  prices: Lowered[];
  window: [Dayjs, Dayjs];
  mostPerCustomer?: number | null;
  mostInAll?: number | null;
};

/** What was entered, as the server wants it: of a variant either its price or its share off. */
export const toInput = (entered: Entered): TimeDiscountInput => ({
  title: nameInput(entered),
  prices: entered.prices.map(({ skuId, how, percent, price }) => ({
    skuId: skuId ?? "",
    offBps: how === "percent" ? Math.round((percent ?? 0) * 100) : undefined,
    price: how === "price" ? toMinor(String(price ?? ""), "CNY") : undefined,
  })),
  mostPerCustomer: entered.mostPerCustomer,
  mostInAll: entered.mostInAll,
  ...windowInput(entered.window),
});

export const toEntered = (discount: Discount): Entered => ({
  ...nameEntered(discount.titleTexts),
  prices: discount.prices.map(({ skuId, price, offBps }) => ({
    skuId,
    how: offBps ? "percent" : "price",
    percent: offBps ? offBps / 100 : null,
    price: price ? toMajor({ amount: price, currency: "CNY" }) : null,
  })),
  window: [dayjs(discount.startsAt), dayjs(discount.endsAt)],
  mostPerCustomer: discount.mostPerCustomer,
  mostInAll: discount.mostInAll,
});

export default function DiscountForm({ discount, close }: { discount?: Discount; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const [form] = Form.useForm<Entered>();
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const amountRule = useAmountRule();
  const required = { required: true, message: tCommon("form.required") };
  const prices = Form.useWatch("prices", form) ?? [];
  return (
    <OfferForm<Entered>
      words="discount"
      offer={discount}
      form={form}
      initial={discount ? toEntered(discount) : { prices: [{ how: "percent" }] }}
      create={create}
      update={update}
      refused={create.data?.timeDiscountCreate.userErrors ?? update.data?.timeDiscountUpdate.userErrors}
      save={async (entered) => {
        const input = toInput(entered);
        return discount
          ? (await update.mutateAsync({ id: discount.id, input })).timeDiscountUpdate
          : (await create.mutateAsync({ input })).timeDiscountCreate;
      }}
      close={close}
    >
      <WindowField name="window" label={t("discount.window")} help={t("discount.windowHelp")} />
      <div className="two">
        {(["mostPerCustomer", "mostInAll"] as const).map((name) => (
          <Form.Item key={name} name={name} label={t(`discount.${name}`)} extra={t(`discount.${name}Help`)}>
            <InputNumber min={1} max={1_000_000_000} precision={0} className="short" />
          </Form.Item>
        ))}
      </div>
      <Divider titlePlacement="start">{t("discount.goods")}</Divider>
      <Form.List name="prices">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => (
              <fieldset key={key}>
                <legend>{t("discount.nth", { n: name + 1 })}</legend>
                {fields.length > 1 && (
                  <Button
                    className="rung-remove"
                    type="text"
                    icon={<MinusCircleOutlined />}
                    aria-label={t("discount.remove", { n: name + 1 })}
                    onClick={() => remove(name)}
                  />
                )}
                <Form.Item name={[name, "skuId"]} label={t("discount.sku")} rules={[required]}>
                  <SkuPicker />
                </Form.Item>
                <div className="two">
                  <Form.Item name={[name, "how"]} label={t("discount.how")}>
                    <Segmented
                      options={(["percent", "price"] as const).map((value) => ({
                        value,
                        label: t(`discount.hows.${value}`),
                      }))}
                    />
                  </Form.Item>
                  {prices[name]?.how === "price" ? (
                    <Form.Item name={[name, "price"]} label={t("discount.price")} rules={[required, amountRule("CNY")]}>
                      <AmountInput currency="CNY" />
                    </Form.Item>
                  ) : (
                    <Form.Item
                      name={[name, "percent"]}
                      label={t("coupon.percent")}
                      extra={t("coupon.percentHelp")}
                      rules={[required]}
                    >
                      <InputNumber min={0.01} max={99.99} precision={2} suffix="%" className="short" />
                    </Form.Item>
                  )}
                </div>
              </fieldset>
            ))}
            <Button
              type="dashed"
              icon={<PlusOutlined />}
              disabled={fields.length >= 500}
              onClick={() => add({ how: "percent" })}
            >
              {t("discount.add")}
            </Button>
          </>
        )}
      </Form.List>
    </OfferForm>
  );
}
