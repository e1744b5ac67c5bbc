// An article to write or to change, in the order a shopkeeper thinks: what it is, how it looks, where it stands, what can
// be chosen, and what each variant costs.
import { useNavigate } from "@tanstack/react-router";
import { Alert, App, Button, Card, Form, Input, Select, Space, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CategoriesPicker } from "@/app/promotions/pickers";
import type { Currency } from "@/gql/graphql";
import { FormErrors, type Refusal } from "@/lib/act";
import { draftOf, dropDraft, keepDraft } from "@/lib/draft";
import { useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { type Sent, useKeyring } from "@/lib/key";
import { exponents } from "@/lib/money";
import { Page } from "@/lib/page";
import { Pictures, useShotsRule } from "@/lib/pictures";
import { useWrite } from "@/lib/query";
import {
  type Entered,
  fresh,
  MOST_PICTURES,
  type Product,
  placed,
  toCreate,
  toEntered,
  toUpdate,
  variantsProblem,
} from "./article";
import { Facts } from "./facts";
import { Options } from "./options";
import { Variants } from "./variants";

const createDocument = graphql(`
  mutation ProductCreate($input: ProductCreateInput!) {
    productCreate(input: $input) { product { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation ProductUpdate($input: ProductUpdateInput!) {
    productUpdate(input: $input) { product { id } userErrors { code field message } }
  }
`);

/** What was entered, and what of it was sent without an answer. */
type Draft = { entered: Entered; sent?: Sent | undefined };

const arrived = (entered: Entered): Entered => ({
  ...entered,
  pictures: (entered.pictures ?? []).filter(({ id }) => id),
  rows: Object.fromEntries(
    Object.entries(entered.rows ?? {}).map(([key, row]) => [
      key,
      { ...row, image: (row.image ?? []).filter(({ id }) => id) },
    ]),
  ),
});

export function ArticleForm({ product, title, again }: { product?: Product; title: string; again?: () => void }) {
  const { t } = useTranslation("products");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const required = useRequired();
  const shotsRule = useShotsRule();
  const [form] = Form.useForm<Entered>();
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const [refused, setRefused] = useState<Refusal[]>([]);
  const [problem, setProblem] = useState<string>();
  // Every change of the article makes another draft of it: an old one never undoes what somebody else did.
  const draft = product ? `products/${product.id}@${product.updatedAt}` : "products/new";
  const [kept] = useState(() => draftOf<Draft>(draft));
  const keys = useKeyring(kept?.sent);
  const [restored, setRestored] = useState(kept !== undefined);
  const untouched = product ? toEntered(product) : fresh;
  const [initial] = useState(kept?.entered ?? untouched);

  const keep = () =>
    keepDraft(draft, { entered: arrived(form.getFieldsValue(true)), sent: keys.sent() } satisfies Draft);

  const submit = async () => {
    const entered: Entered = form.getFieldsValue(true);
    setRefused([]);
    const wrong = variantsProblem(entered);
    setProblem(wrong);
    if (wrong) {
      document.getElementById("variants")?.scrollIntoView({ block: "center" });
      return;
    }
    const input = toCreate(entered);
    const idempotencyKey = keys.of(input);
    keep();
    const answer = product
      ? (await update.mutateAsync({ input: toUpdate(entered, product) })).productUpdate
      : (await create.mutateAsync({ input: { ...input, idempotencyKey } })).productCreate;
    if (!answer.product) {
      const { fields, rest } = placed(answer.userErrors, entered, product?.skus ?? []);
      setRefused(rest);
      form.setFields(fields as Parameters<typeof form.setFields>[0]);
      const first = fields[0];
      if (first && rest.length === 0) form.scrollToField(first.name, { focus: true, block: "center" });
      else document.getElementById("refused")?.scrollIntoView({ block: "center" });
      return;
    }
    dropDraft(draft);
    message.success(t(product ? "edit.done" : "create.done"));
    navigate({ to: `/products/${answer.product.id}` });
  };

  const startOver = () => {
    dropDraft(draft);
    form.setFieldsValue({ externalReference: "", isVirtual: false, categoryIds: [], rows: {}, ...untouched });
    setRestored(false);
  };

  const failed = create.error ?? update.error;
  return (
    <Page
      title={title}
      crumbs={[
        { label: t("title"), to: "/products" },
        ...(product ? [{ label: t("detail"), to: `/products/${product.id}` }] : []),
      ]}
    >
      {restored && (
        <Alert
          type="info"
          showIcon
          className="edit-note"
          title={t("form.restored")}
          action={
            <Button size="small" onClick={startOver}>
              {t("form.startOver")}
            </Button>
          }
        />
      )}
      <FormErrors refused={refused} failed={failed} />
      {again && refused.some(({ code }) => code === "PRODUCT_CHANGED_MEANWHILE") && (
        <Button className="edit-note" onClick={again}>
          {t("form.readAgain")}
        </Button>
      )}
      <Form<Entered>
        form={form}
        layout="vertical"
        className="article"
        scrollToFirstError={{ focus: true, block: "center" }}
        initialValues={initial}
        onValuesChange={keep}
        onFinish={() => submit().catch(() => document.getElementById("refused")?.scrollIntoView({ block: "center" }))}
      >
        <Card title={<h2>{t("form.basics")}</h2>}>
          <div className="two">
            <Form.Item
              name={["title", "zhCn"]}
              label={t("form.titleZh")}
              extra={t("form.titleZhHelp")}
              rules={[required]}
            >
              <Input maxLength={120} showCount lang="zh-CN" />
            </Form.Item>
            <Form.Item name={["title", "en"]} label={t("form.titleEn")} extra={t("form.titleEnHelp")}>
              <Input maxLength={120} showCount lang="en" />
            </Form.Item>
            <Form.Item name={["subtitle", "zhCn"]} label={t("form.subtitleZh")} extra={t("form.subtitleHelp")}>
              <Input maxLength={120} showCount lang="zh-CN" />
            </Form.Item>
            <Form.Item name={["subtitle", "en"]} label={t("form.subtitleEn")}>
              <Input maxLength={120} showCount lang="en" />
            </Form.Item>
            <Form.Item name={["description", "zhCn"]} label={t("form.descriptionZh")}>
              <Input.TextArea autoSize={{ minRows: 4, maxRows: 16 }} maxLength={20_000} lang="zh-CN" />
            </Form.Item>
            <Form.Item name={["description", "en"]} label={t("form.descriptionEn")}>
              <Input.TextArea autoSize={{ minRows: 4, maxRows: 16 }} maxLength={20_000} lang="en" />
            </Form.Item>
          </div>
        </Card>
        <Card title={<h2>{t("form.pictures")}</h2>}>
          <Form.Item name="pictures" extra={t("form.picturesHelp")} rules={[shotsRule]}>
            <Pictures most={MOST_PICTURES} cover aria-label={t("form.pictures")} />
          </Form.Item>
        </Card>
        <Card title={<h2>{t("form.options")}</h2>}>
          <Options />
        </Card>
        <Card title={<h2>{t("form.variants")}</h2>} id="variants">
          <Variants product={product} problem={problem} />
        </Card>
        <Card title={<h2>{t("form.more")}</h2>}>
          <div className="two">
            <Form.Item name="categoryIds" label={t("form.categories")} extra={t("form.categoriesHelp")}>
              <CategoriesPicker />
            </Form.Item>
            <Form.Item name="externalReference" label={t("form.reference")} extra={t("form.referenceHelp")}>
              <Input maxLength={64} />
            </Form.Item>
            <Form.Item name="isVirtual" label={t("form.virtual")} extra={t("form.virtualHelp")} valuePropName="checked">
              <Switch />
            </Form.Item>
            <Form.Item name="currency" label={t("form.currency")} extra={t("form.currencyHelp")}>
              <Select
                disabled={product !== undefined}
                options={(Object.keys(exponents) as Currency[]).map((value) => ({ value, label: value }))}
              />
            </Form.Item>
          </div>
          <Facts />
        </Card>
        <div className="article-foot">
          <Space>
            <Button onClick={() => navigate({ to: product ? `/products/${product.id}` : "/products" })}>
              {tCommon("cancel")}
            </Button>
            <Button type="primary" htmlType="submit" loading={create.isPending || update.isPending}>
              {t(product ? "edit.submit" : "create.submit")}
            </Button>
          </Space>
        </div>
      </Form>
    </Page>
  );
}
