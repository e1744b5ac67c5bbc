// One kind of coupon: where its coupons stand, its codes, and giving it to people.
import { useParams } from "@tanstack/react-router";
import { Alert, App, Button, Card, Form, InputNumber, Result, Select, Skeleton, Space, Statistic } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CouponCodesQuery } from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { FormDrawer } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useKeyring } from "@/lib/key";
import { date, List, StateTag, text, When } from "@/lib/list-page";
import { Page } from "@/lib/page";
import { useRead, useWrite } from "@/lib/query";
import { saveAs } from "@/lib/save";
import { useViewer } from "@/lib/viewer";
import { CouponWords } from "./benefit";
import { CouponSteps } from "./coupons";
import { offerStates } from "./states";

const couponDocument = graphql(`
  query CouponTemplate($id: ID!) {
    couponTemplate(id: $id) {
      id title state way code quota taken startsAt endsAt
      terms {
        benefit { kind amount { amount currency } offBps cap { amount currency } pieces }
        minSpend { amount currency }
      }
      counts { available held spent expired }
    }
  }
`);
const codesDocument = graphql(`
  query CouponCodes($templateId: ID!, $first: Int, $after: String) {
    couponCodes(templateId: $templateId, first: $first, after: $after) {
      edges { node { code usedBy usedAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const makeDocument = graphql(`
  mutation CouponCodesMake($templateId: ID!, $count: Int!) {
    couponCodesMake(templateId: $templateId, count: $count) { codes userErrors { code field message } }
  }
`);
const giveDocument = graphql(`
  mutation CouponGive($templateId: ID!, $customerIds: [ID!]!, $key: String!) {
    couponGive(templateId: $templateId, customerIds: $customerIds, idempotencyKey: $key) {
      given userErrors { code field message }
    }
  }
`);
const customersDocument = graphql(`
  query CustomerChoices($search: String) {
    customers(first: 20, search: $search) { edges { node { id nickname phone } } }
  }
`);

type Code = CouponCodesQuery["couponCodes"]["edges"][number]["node"] & { id: string };

export default function CouponPage() {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { can } = useViewer();
  const [doing, setDoing] = useState<"make" | "give">();
  const { data, error, refetch } = useRead(couponDocument, { id });
  const coupon = data?.couponTemplate;
  if (error && !data) return <Failed error={error} retry={refetch} />;
  if (!data) return <Skeleton active title paragraph={{ rows: 8 }} />;
  if (!coupon) return <Result status="404" title={tCommon("gone")} />;
  const mayWrite = can("PROMOTION_WRITE");
  const close = () => setDoing(undefined);
  return (
    <Page
      title={coupon.title}
      crumbs={[{ label: t("coupons"), to: "/promotions" }]}
      aside={<StateTag states={offerStates} value={coupon.state} />}
      actions={
        mayWrite && (
          <Space>
            {coupon.way === "CODE" && <Button onClick={() => setDoing("make")}>{t("codes.make")}</Button>}
            {coupon.way === "STAFF" && coupon.state === "ACTIVE" && (
              <Button onClick={() => setDoing("give")}>{t("give.open")}</Button>
            )}
            <CouponSteps coupon={coupon} size="middle" />
          </Space>
        )
      }
    >
      <p>
        <CouponWords terms={coupon.terms} /> · {t(`coupon.ways.${coupon.way}`)}
        {coupon.code && (
          <>
            {" "}
            <code>{coupon.code}</code>
          </>
        )}{" "}
        · <When at={coupon.startsAt} /> – <When at={coupon.endsAt} />
      </p>
      <div className="probes">
        <Card>
          <Statistic
            title={t("columns.taken")}
            value={coupon.taken}
            {...(coupon.quota ? { suffix: `/ ${coupon.quota}` } : {})}
          />
        </Card>
        {(["available", "held", "spent", "expired"] as const).map((at) => (
          <Card key={at}>
            <Statistic title={t(`counts.${at}`)} value={coupon.counts[at]} />
          </Card>
        ))}
      </div>
      {coupon.way === "CODE" && mayWrite && (
        <>
          <h2>{t("codes.title")}</h2>
          <p className="quiet">{t("codes.help")}</p>
          <List
            label={t("codes.title")}
            query={codesDocument}
            variables={({ after }) => ({ templateId: id, first: 20, after })}
            connection={({ couponCodes: { edges, pageInfo } }) => ({
              edges: edges.map(({ node }) => ({ node: { ...node, id: node.code } })),
              pageInfo,
            })}
            filters={[]}
            columns={[
              text<Code>((row) => <code>{row.code}</code>)(t("codes.code")),
              date<Code>((row) => row.usedAt)(t("codes.usedAt")),
              text<Code>((row) => row.usedBy && <code className="id">{row.usedBy}</code>)(t("codes.usedBy")),
            ]}
            empty={t("codes.empty")}
          />
        </>
      )}
      {doing === "make" && <MakeCodes id={id} title={coupon.title} close={close} />}
      {doing === "give" && <Give id={id} close={close} />}
    </Page>
  );
}

function MakeCodes({ id, title, close }: { id: string; title: string; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ count: number }>();
  const make = useWrite(makeDocument);
  return (
    <FormDrawer
      title={t("codes.make")}
      submit={t("codes.makeAndSave")}
      form={form}
      initial={{ count: 100 }}
      pending={make.isPending}
      refused={make.data?.couponCodesMake.userErrors ?? []}
      failed={make.error}
      close={close}
      note={<Alert type="info" showIcon className="edit-note" title={t("codes.help")} />}
      onSubmit={async ({ count }) => {
        const { codes } = (await make.mutateAsync({ templateId: id, count })).couponCodesMake;
        if (!codes) return;
        saveAs(`${title}.csv`, "text/csv", `\uFEFF${codes.join("\r\n")}\r\n`);
        message.success(t("codes.made", { count: codes.length }));
        close();
      }}
    >
      <Form.Item
        name="count"
        label={t("codes.count")}
        extra={t("codes.countHelp")}
        rules={[{ required: true, message: tCommon("form.required") }]}
      >
        <InputNumber min={1} max={1000} precision={0} className="short" />
      </Form.Item>
    </FormDrawer>
  );
}

function Give({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ customerIds: string[] }>();
  const [search, setSearch] = useState("");
  const give = useWrite(giveDocument);
  const keys = useKeyring();
  const { data, isFetching } = useRead(customersDocument, { search: search || undefined }, { staleTime: 30_000 });
  return (
    <FormDrawer
      title={t("give.open")}
      submit={t("give.submit")}
      form={form}
      pending={give.isPending}
      refused={give.data?.couponGive.userErrors ?? []}
      failed={give.error}
      close={close}
      onSubmit={async ({ customerIds }) => {
        const wanted = { templateId: id, customerIds };
        const { given } = (await give.mutateAsync({ ...wanted, key: keys.of(wanted) })).couponGive;
        if (given === null || given === undefined) return;
        message.success(t("give.done", { count: given }));
        close();
      }}
    >
      <Form.Item
        name="customerIds"
        label={t("give.to")}
        extra={t("give.toHelp")}
        rules={[{ required: true, message: tCommon("form.required") }]}
      >
        <Select
          mode="multiple"
          maxCount={500}
          loading={isFetching}
          showSearch={{ filterOption: false, onSearch: (typed) => setSearch(typed.trim()) }}
          options={(data?.customers.edges ?? []).map(({ node }) => ({
            value: node.id,
            label: `${node.nickname} ${node.phone ?? ""}`,
          }))}
        />
      </Form.Item>
    </FormDrawer>
  );
}
