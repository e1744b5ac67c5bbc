// Levels of members: what each saves, and what it pays for single variants.
import { DollarOutlined, EditOutlined, MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, Form, Input, InputNumber, Space, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MemberLevelsQuery } from "@/gql/graphql";
import { useAsk } from "@/lib/act";
import { Failed } from "@/lib/errors";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { number, text } from "@/lib/list-page";
import { formatMoney, toMajor, toMinor } from "@/lib/money";
import { Page } from "@/lib/page";
import { useRead, useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { type Named, nameEntered, nameInput } from "./offer-form";
import { SkuName, SkuPicker } from "./pickers";
import { PromotionNav } from "./places";

export const levelsDocument = graphql(`
  query MemberLevels { memberLevels { id rank name nameTexts { zhCn en } offBps prices { skuId price } } }
`);
const saveDocument = graphql(`
  mutation MemberLevelSave($input: MemberLevelInput!) {
    memberLevelSave(input: $input) { memberLevel { id } userErrors { code field message } }
  }
`);
const deleteDocument = graphql(`
  mutation MemberLevelDelete($id: ID!) {
    memberLevelDelete(id: $id) { id userErrors { code field message } }
  }
`);
const pricesDocument = graphql(`
  mutation MemberPricesSet($levelId: ID!, $prices: [MemberPriceInput!]!) {
    memberPricesSet(levelId: $levelId, prices: $prices) { memberLevel { id } userErrors { code field message } }
  }
`);

type Level = MemberLevelsQuery["memberLevels"][number];

export default function Members() {
  const { t, i18n } = useTranslation("promotions");
  const { can } = useViewer();
  const ask = useAsk();
  const { data, error, isPending, refetch } = useRead(levelsDocument, {});
  const remove = useWrite(deleteDocument);
  const [editing, setEditing] = useState<Level | "new">();
  const [pricing, setPricing] = useState<Level>();
  const mayWrite = can("PROMOTION_WRITE");
  return (
    <Page
      title={t("member.title")}
      actions={
        mayWrite && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
            {t("member.create")}
          </Button>
        )
      }
    >
      <PromotionNav />
      <p className="quiet above-list">{t("member.help")}</p>
      {error && <Failed error={error} retry={refetch} />}
      <Table<Level>
        rowKey="id"
        size="middle"
        loading={isPending}
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={data?.memberLevels ?? []}
        locale={{ emptyText: t("member.empty") }}
        columns={[
          text<Level>((row) => <strong>{row.name}</strong>)(t("columns.name")),
          number<Level>((row) => row.rank)(t("member.rank")),
          text<Level>((row) => t("words.percent", { percent: row.offBps / 100 }))(t("member.off")),
          text<Level>((row) => (
            <ul className="plain-list">
              {row.prices.slice(0, 3).map(({ skuId, price }) => (
                <li key={skuId}>
                  <SkuName id={skuId} />
                  {t("colon")}
                  {formatMoney({ amount: price, currency: "CNY" }, i18n.language)}
                </li>
              ))}
              {row.prices.length > 3 && <li>{t("discount.more", { count: row.prices.length - 3 })}</li>}
            </ul>
          ))(t("member.prices")),
          ...(mayWrite
            ? [
                text<Level>((row) => (
                  <Space>
                    <Button
                      size="small"
                      icon={<EditOutlined />}
                      aria-label={`${t("edit")}: ${row.name}`}
                      onClick={() => setEditing(row)}
                    />
                    <Button
                      size="small"
                      icon={<DollarOutlined />}
                      aria-label={`${t("member.prices")}: ${row.name}`}
                      onClick={() => setPricing(row)}
                    >
                      {t("member.prices")}
                    </Button>
                    <Button
                      size="small"
                      danger
                      aria-label={`${t("member.remove.name")}: ${row.name}`}
                      onClick={() =>
                        ask({
                          title: t("member.remove.question", { name: row.name }),
                          effect: t("member.remove.effect"),
                          name: t("member.remove.name"),
                          done: t("member.remove.done"),
                          danger: true,
                          run: async () => (await remove.mutateAsync({ id: row.id })).memberLevelDelete,
                        })
                      }
                    >
                      {t("member.remove.name")}
                    </Button>
                  </Space>
                ))(t("columns.actions")),
              ]
            : []),
        ].map((entry, key) => ({ key, ...entry }))}
      />
      {editing && <LevelForm level={editing === "new" ? undefined : editing} close={() => setEditing(undefined)} />}
      {pricing && <PricesForm level={pricing} close={() => setPricing(undefined)} />}
    </Page>
  );
}

type LevelEntered = Named & { rank: number; percent: number };

function LevelForm({ level, close }: { level: Level | undefined; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<LevelEntered>();
  const save = useWrite(saveDocument);
  const name = useRequired();
  const required = { required: true, message: tCommon("form.required") };
  return (
    <FormDrawer<LevelEntered>
      title={t(level ? "member.edit" : "member.create")}
      submit={tCommon("save")}
      form={form}
      initial={
        level ? { ...nameEntered(level.nameTexts), rank: level.rank, percent: level.offBps / 100 } : { percent: 0 }
      }
      pending={save.isPending}
      refused={save.data?.memberLevelSave.userErrors ?? []}
      failed={save.error}
      close={close}
      onSubmit={async (entered) => {
        const input = {
          id: level?.id,
          name: nameInput(entered),
          rank: entered.rank,
          offBps: Math.round(entered.percent * 100),
        };
        if (!(await save.mutateAsync({ input })).memberLevelSave.memberLevel) return;
        message.success(tCommon("saved"));
        close();
      }}
    >
      <div className="two">
        <Form.Item name="nameZh" label={t("nameZh")} rules={[name]}>
          <Input maxLength={60} lang="zh-CN" />
        </Form.Item>
        <Form.Item name="nameEn" label={t("nameEn")} extra={t("nameEnHelp")}>
          <Input maxLength={120} lang="en" />
        </Form.Item>
        <Form.Item name="rank" label={t("member.rank")} extra={t("member.rankHelp")} rules={[required]}>
          <InputNumber min={1} max={1000} precision={0} className="short" />
        </Form.Item>
        <Form.Item name="percent" label={t("member.off")} extra={t("member.offHelp")} rules={[required]}>
          <InputNumber min={0} max={99.99} precision={2} suffix="%" className="short" />
        </Form.Item>
      </div>
    </FormDrawer>
  );
}

export type PricesEntered = { prices: { skuId?: string; price?: string | null }[] };

/** What changes: the prices as entered, and those that are taken away. */
export function priceChanges(level: Pick<Level, "prices">, { prices }: PricesEntered) {
  const kept = prices.map(({ skuId, price }) => ({ skuId: skuId ?? "", price: toMinor(String(price ?? ""), "CNY") }));
  const gone = level.prices.filter(({ skuId }) => !kept.some((price) => price.skuId === skuId));
  return [...kept, ...gone.map(({ skuId }) => ({ skuId, price: undefined }))];
}

function PricesForm({ level, close }: { level: Level; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<PricesEntered>();
  const save = useWrite(pricesDocument);
  const amountRule = useAmountRule();
  const required = { required: true, message: tCommon("form.required") };
  return (
    <FormDrawer<PricesEntered>
      title={t("member.pricesOf", { name: level.name })}
      size="large"
      submit={tCommon("save")}
      form={form}
      initial={{
        prices: level.prices.map(({ skuId, price }) => ({ skuId, price: toMajor({ amount: price, currency: "CNY" }) })),
      }}
      pending={save.isPending}
      refused={save.data?.memberPricesSet.userErrors ?? []}
      failed={save.error}
      close={close}
      note={<p className="quiet">{t("member.pricesHelp")}</p>}
      onSubmit={async (entered) => {
        const prices = priceChanges(level, { prices: entered.prices ?? [] });
        if (prices.length > 0) {
          const { memberLevel } = (await save.mutateAsync({ levelId: level.id, prices })).memberPricesSet;
          if (!memberLevel) return;
        }
        message.success(tCommon("saved"));
        close();
      }}
    >
      <Form.List name="prices">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => (
              <div key={key} className="price-row">
                <Form.Item name={[name, "skuId"]} rules={[required]}>
                  <SkuPicker aria-label={t("discount.nth", { n: name + 1 })} />
                </Form.Item>
                <Form.Item name={[name, "price"]} rules={[required, amountRule("CNY")]}>
                  <AmountInput currency="CNY" aria-label={t("discount.price")} />
                </Form.Item>
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("discount.remove", { n: name + 1 })}
                  onClick={() => remove(name)}
                />
              </div>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})}>
              {t("discount.add")}
            </Button>
          </>
        )}
      </Form.List>
    </FormDrawer>
  );
}
