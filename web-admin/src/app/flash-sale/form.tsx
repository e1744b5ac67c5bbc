// A sale to write or to change while it is a draft: when, what, how many for whom.
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import { Alert, App, Button, DatePicker, Divider, Drawer, Form, Input, InputNumber, Space } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { SkuPicker } from "@/app/promotions/pickers";
import type { FlashSaleInput } from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { exponents, toMajor, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import type { Sale } from "./sale";

const createDocument = graphql(`
  mutation FlashSaleCreate($input: FlashSaleInput!) {
    flashSaleCreate(input: $input) { flashSale { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation FlashSaleUpdate($input: FlashSaleUpdateInput!) {
    flashSaleUpdate(input: $input) { flashSale { id } userErrors { code field message } }
  }
`);

/** Sales are made in the mall's usual currency. */
const currency = "CNY";

export type Entered = {
  nameZh: string;
  nameEn?: string;
  window: [Dayjs, Dayjs];
  items: { skuId?: string; price?: string | null; stock?: number | null }[];
  perOrder: number;
  perCustomer: number;
  payMinutes: number;
};

/** What was entered, as the server wants it: minor units and instants; lines without a variant are left out. */
export function toInput(entered: Entered): FlashSaleInput {
  return {
    title: { zhCn: entered.nameZh.trim(), en: entered.nameEn?.trim() || undefined },
    startsAt: entered.window[0].toISOString(),
    endsAt: entered.window[1].toISOString(),
    items: entered.items.flatMap(({ skuId, price, stock }) => {
      const amount = toMinor(String(price ?? ""), currency);
      return skuId && amount !== undefined && stock ? [{ skuId, price: { amount, currency }, stock }] : [];
    }),
    perOrderLimit: entered.perOrder,
    perCustomerLimit: entered.perCustomer,
    payMinutes: entered.payMinutes,
  };
}

/** The sale as it stands, as it would be entered. */
export function toEntered(sale: Sale): Entered {
  return {
    nameZh: sale.titleTexts.zhCn ?? "",
    nameEn: sale.titleTexts.en ?? "",
    window: [dayjs(sale.startsAt), dayjs(sale.endsAt)],
    items: sale.items.map(({ skuId, price, stock }) => ({ skuId, price: toMajor(price), stock })),
    perOrder: sale.perOrderLimit,
    perCustomer: sale.perCustomerLimit,
    payMinutes: sale.payMinutes,
  };
}

const fresh: Partial<Entered> = { items: [{}], perOrder: 1, perCustomer: 1, payMinutes: 5 };

export default function SaleForm({ sale, close }: { sale?: Sale; close: () => void }) {
  const { t } = useTranslation("flashSale");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Entered>();
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const refused = create.data?.flashSaleCreate.userErrors ?? update.data?.flashSaleUpdate.userErrors ?? [];
  const failed = create.error ?? update.error;

  const submit = async (entered: Entered) => {
    const terms = toInput(entered);
    const { flashSale } = sale
      ? (await update.mutateAsync({ input: { id: sale.id, terms } })).flashSaleUpdate
      : (await create.mutateAsync({ input: terms })).flashSaleCreate;
    if (!flashSale) {
      document.getElementById("refused")?.scrollIntoView({ block: "center" });
      return;
    }
    message.success(t(sale ? "edit.done" : "create.done"));
    close();
    navigate({ to: `/flash-sale/${flashSale.id}` });
  };

  const required = { required: true, message: t("form.required") };
  return (
    <Drawer
      open
      onClose={close}
      title={t(sale ? "edit.title" : "create.title")}
      size="large"
      footer={
        <Space className="drawer-foot">
          <Button onClick={close}>{tCommon("cancel")}</Button>
          <Button type="primary" loading={create.isPending || update.isPending} onClick={() => form.submit()}>
            {t(sale ? "edit.submit" : "create.submit")}
          </Button>
        </Space>
      }
    >
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
        initialValues={sale ? toEntered(sale) : fresh}
        onFinish={(entered) => submit(entered).catch(() => {})}
      >
        <Form.Item name="nameZh" label={t("form.nameZh")} rules={[{ ...required, whitespace: true }]}>
          <Input maxLength={60} showCount lang="zh-CN" />
        </Form.Item>
        <Form.Item name="nameEn" label={t("form.nameEn")}>
          <Input maxLength={120} lang="en" />
        </Form.Item>
        <Form.Item name="window" label={t("window")} extra={t("form.windowHelp")} rules={[required]}>
          <DatePicker.RangePicker showTime />
        </Form.Item>
        <Divider titlePlacement="start">{t("form.items")}</Divider>
        <p className="quiet">{t("form.itemsHelp")}</p>
        <Form.List name="items">
          {(fields, { add, remove }) => (
            <>
              {fields.map(({ key, name }) => (
                <fieldset key={key}>
                  <legend>{t("form.item", { n: name + 1 })}</legend>
                  {fields.length > 1 && (
                    <Button
                      className="rung-remove"
                      type="text"
                      icon={<MinusCircleOutlined />}
                      aria-label={t("form.removeItem", { n: name + 1 })}
                      onClick={() => remove(name)}
                    />
                  )}
                  <Form.Item name={[name, "skuId"]} label={t("form.sku")} rules={[required]}>
                    <SkuPicker aria-label={`${t("form.sku")} ${name + 1}`} />
                  </Form.Item>
                  <div className="two">
                    <Form.Item name={[name, "price"]} label={t("columns.price")} rules={[required]}>
                      <InputNumber<string>
                        stringMode
                        min="0.01"
                        precision={exponents[currency]}
                        prefix={currency}
                        inputMode="decimal"
                        className="medium"
                      />
                    </Form.Item>
                    <Form.Item name={[name, "stock"]} label={t("columns.stock")} rules={[required]}>
                      <InputNumber min={1} max={1_000_000} precision={0} className="short" />
                    </Form.Item>
                  </div>
                </fieldset>
              ))}
              <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})} disabled={fields.length >= 50}>
                {t("form.addItem")}
              </Button>
            </>
          )}
        </Form.List>
        <Divider titlePlacement="start">{t("form.limits")}</Divider>
        <div className="two">
          <Form.Item name="perOrder" label={t("form.perOrder")} rules={[required]}>
            <InputNumber min={1} max={999} precision={0} className="short" />
          </Form.Item>
          <Form.Item name="perCustomer" label={t("form.perCustomer")} rules={[required]}>
            <InputNumber min={1} max={999} precision={0} className="short" />
          </Form.Item>
        </div>
        <Form.Item name="payMinutes" label={t("form.payMinutes")} extra={t("form.payMinutesHelp")} rules={[required]}>
          <InputNumber min={1} max={1_440} precision={0} className="short" />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
