// One customer: what they have in their wallet and in points, their coupons, their level.
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import {
  App,
  Button,
  Card,
  DatePicker,
  Form,
  Input,
  InputNumber,
  Result,
  Segmented,
  Select,
  Skeleton,
  Space,
  Statistic,
} from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type {
  CouponStatus,
  CustomerCouponsQuery,
  CustomerPointsQuery,
  PointsAccount,
  PointsAdjustInput,
} from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { useKeyring } from "@/lib/key";
import { date, List, number, type States, state, text } from "@/lib/list-page";
import type { ListSearch } from "@/lib/list-search";
import { Page } from "@/lib/page";
import { Face, Price } from "@/lib/parts";
import { useRead, useWrite } from "@/lib/query";
import { formatTime } from "@/lib/time";
import { useViewer } from "@/lib/viewer";

const customerDocument = graphql(`
  query CustomerDetail($id: ID!) { customer(id: $id) { id nickname avatarUrl phone registeredAt } }
`);
const holdingsDocument = graphql(`
  query CustomerHas($id: ID!) {
    customerWalletBalances(customerId: $id) { amount currency }
    customerPoints(customerId: $id) { available frozen held debt expiring expiringAt }
  }
`);
const couponsDocument = graphql(`
  query CustomerCoupons($id: ID!, $first: Int, $after: String) {
    customerCoupons(customerId: $id, first: $first, after: $after) {
      edges { node { id title status source validUntil orderId } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const pointsDocument = graphql(`
  query CustomerPoints($id: ID!, $account: PointsAccount, $first: Int, $after: String) {
    customerPointsStatement(customerId: $id, account: $account, first: $first, after: $after) {
      edges { node { id kind reference points balance at } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const levelsDocument = graphql(`
  query LevelChoices { memberLevels { id nameTexts { zhCn en } } }
`);
const putDocument = graphql(`
  mutation MemberPut($customerId: ID!, $levelId: ID, $until: DateTime) {
    memberPut(customerId: $customerId, levelId: $levelId, until: $until) {
      customerId userErrors { code field message }
    }
  }
`);
const adjustDocument = graphql(`
  mutation PointsAdjust($input: PointsAdjustInput!) {
    pointsAdjust(input: $input) { points { available } userErrors { code field message } }
  }
`);

type Coupon = CustomerCouponsQuery["customerCoupons"]["edges"][number]["node"];
type Entry = CustomerPointsQuery["customerPointsStatement"]["edges"][number]["node"];
type View = "coupons" | "points" | "frozen";

const couponStates: States<CouponStatus> = {
  prefix: "customers:coupon",
  colors: { AVAILABLE: "success", HELD: "processing", SPENT: undefined, EXPIRED: undefined },
};
const accounts: Record<Exclude<View, "coupons">, PointsAccount> = { points: "AVAILABLE", frozen: "FROZEN" };

export default function CustomerDetail() {
  const { t } = useTranslation("customers");
  const { can } = useViewer();
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const { data, error, isPending, refetch } = useRead(customerDocument, { id });
  const [doing, setDoing] = useState<"level" | "adjust">();
  const views: View[] = [
    ...(can("PROMOTION_READ") ? (["coupons"] as const) : []),
    ...(can("LEDGER_READ") ? (["points", "frozen"] as const) : []),
  ];
  if (error && !data) return <Failed error={error} retry={refetch} />;
  if (isPending) return <Skeleton active />;
  const customer = data?.customer;
  if (!customer) return <Result status="404" title={t("gone")} />;
  return (
    <Page
      title={customer.nickname}
      crumbs={[{ label: t("title"), to: "/customers" }]}
      aside={<Face customer={customer} size={40} />}
      actions={
        <Space wrap>
          {can("PROMOTION_WRITE") && <Button onClick={() => setDoing("level")}>{t("level.open")}</Button>}
          {can("LEDGER_WRITE") && <Button onClick={() => setDoing("adjust")}>{t("adjust.open")}</Button>}
        </Space>
      }
    >
      {can("LEDGER_READ") && <Holdings id={id} />}
      <p>
        <Space wrap size="middle">
          {customer.phone && <span className="numeric">{customer.phone}</span>}
          {can("ORDER_READ") && (
            <Link to="/orders" search={{ customer: id } as never}>
              {t("orders")}
            </Link>
          )}
          {can("LEDGER_READ") && (
            <Link to="/money/statements" search={{ customer: id } as never}>
              {t("statement")}
            </Link>
          )}
        </Space>
      </p>
      {views.length > 0 && <Lines id={id} views={views} />}
      {doing === "level" && <LevelForm id={id} close={() => setDoing(undefined)} />}
      {doing === "adjust" && <AdjustForm id={id} close={() => setDoing(undefined)} />}
    </Page>
  );
}

function Holdings({ id }: { id: string }) {
  const { t, i18n } = useTranslation("customers");
  const { data, error, refetch } = useRead(holdingsDocument, { id });
  if (error && !data) return <Failed error={error} retry={refetch} />;
  const points = data?.customerPoints;
  const rest = (["frozen", "held", "debt"] as const).filter((what) => points?.[what] || what === "frozen");
  return (
    <div className="probes">
      <Card>
        <Statistic
          title={t("wallet")}
          valueRender={() =>
            data?.customerWalletBalances.length
              ? data.customerWalletBalances.map((money) => (
                  <div key={money.currency}>
                    <Price money={money} />
                  </div>
                ))
              : t("common:none")
          }
        />
      </Card>
      <Card>
        <Statistic title={t("available")} value={points?.available ?? "—"} />
        {points?.expiring && points.expiringAt && (
          <span className="quiet">
            {t("expiring", { points: points.expiring, at: formatTime(points.expiringAt, i18n.language) })}
          </span>
        )}
      </Card>
      {rest.map((what) => (
        <Card key={what}>
          <Statistic title={t(what)} value={points?.[what] ?? "—"} />
        </Card>
      ))}
    </div>
  );
}

/** The coupons, or points line by line: one list at a time, so that the address bar holds its page. */
function Lines({ id, views }: { id: string; views: View[] }) {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as ListSearch;
  const view = views.find((known) => known === search.view) ?? views[0] ?? "coupons";
  return (
    <>
      <Segmented<View>
        aria-label={t("view.label")}
        value={view}
        options={views.map((value) => ({ value, label: t(`view.${value}`) }))}
        onChange={(chosen) => navigate({ to: ".", search: { view: chosen } as never })}
      />
      {view === "coupons" ? (
        <List
          key={view}
          label={t("view.coupons")}
          query={couponsDocument}
          variables={({ after }) => ({ id, first: 20, after })}
          connection={(answer) => answer.customerCoupons}
          filters={[]}
          columns={[
            text<Coupon>((row) => <strong>{row.title}</strong>)(t("columns.coupon")),
            state<Coupon, CouponStatus>(couponStates, (row) => row.status)(t("columns.state")),
            text<Coupon>((row) => row.orderId && <Link to={`/orders/${row.orderId}`}>{t("orders")}</Link>)(t("orders")),
            date<Coupon>((row) => row.validUntil)(t("columns.validUntil")),
          ]}
          empty={t("couponsEmpty")}
        />
      ) : (
        <List
          key={view}
          label={t(`view.${view}`)}
          query={pointsDocument}
          variables={({ after }) => ({ id, account: accounts[view], first: 20, after })}
          connection={(answer) => answer.customerPointsStatement}
          filters={[]}
          columns={[
            date<Entry>((row) => row.at)(t("columns.at")),
            text<Entry>((row) => t(`money:journal.types.${row.kind}`, { defaultValue: row.kind }))(t("columns.kind")),
            number<Entry>((row) => row.points)(t("columns.points")),
            number<Entry>((row) => row.balance)(t("columns.balance")),
          ]}
          empty={t("pointsEmpty")}
        />
      )}
    </>
  );
}

type LevelEntered = { levelId?: string; until?: Dayjs | null };

function LevelForm({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation("customers");
  const { t: tCommon } = useTranslation();
  const { language } = useLanguage();
  const { message } = App.useApp();
  const [form] = Form.useForm<LevelEntered>();
  const { data } = useRead(levelsDocument, {});
  const put = useWrite(putDocument);
  return (
    <FormDrawer<LevelEntered>
      title={t("level.open")}
      submit={tCommon("save")}
      form={form}
      pending={put.isPending}
      refused={put.data?.memberPut.userErrors ?? []}
      failed={put.error}
      close={close}
      onSubmit={async ({ levelId, until }) => {
        const wanted = { customerId: id, levelId, until: until?.endOf("day").toISOString() };
        if ((await put.mutateAsync(wanted)).memberPut.userErrors.length > 0) return;
        message.success(t("level.done"));
        close();
      }}
    >
      <Form.Item name="levelId" label={t("level.which")}>
        <Select
          allowClear
          placeholder={t("level.none")}
          options={(data?.memberLevels ?? []).map(({ id: value, nameTexts }) => ({
            value,
            label: inLanguage(nameTexts, language),
          }))}
        />
      </Form.Item>
      <Form.Item name="until" label={t("level.until")} extra={t("level.untilHelp")}>
        <DatePicker />
      </Form.Item>
    </FormDrawer>
  );
}

export type Adjusted = { way: "give" | "take"; points: number; reason: string };

/** Taking is giving with a minus. */
export const toAdjust = (entered: Adjusted, customerId: string): Omit<PointsAdjustInput, "idempotencyKey"> => ({
  customerId,
  points: entered.way === "take" ? -entered.points : entered.points,
  reason: entered.reason.trim(),
});

function AdjustForm({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation("customers");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<Adjusted>();
  const adjust = useWrite(adjustDocument);
  const keys = useKeyring();
  const words = useRequired();
  return (
    <FormDrawer<Adjusted>
      title={t("adjust.open")}
      submit={t("adjust.submit")}
      danger
      form={form}
      initial={{ way: "give" }}
      pending={adjust.isPending}
      refused={adjust.data?.pointsAdjust.userErrors ?? []}
      failed={adjust.error}
      close={close}
      onSubmit={async (entered) => {
        const input = toAdjust(entered, id);
        const { points } = (await adjust.mutateAsync({ input: { ...input, idempotencyKey: keys.of(input) } }))
          .pointsAdjust;
        if (!points) return;
        message.success(t("adjust.done", { points: points.available }));
        close();
      }}
    >
      <Form.Item name="way" label={t("adjust.way")} extra={t("adjust.help")}>
        <Segmented
          options={(["give", "take"] as const).map((value) => ({ value, label: t(`adjust.ways.${value}`) }))}
        />
      </Form.Item>
      <Form.Item
        name="points"
        label={t("adjust.points")}
        rules={[{ required: true, message: tCommon("form.required") }]}
      >
        <InputNumber min={1} max={1_000_000} precision={0} className="medium" />
      </Form.Item>
      <Form.Item name="reason" label={t("adjust.reason")} extra={t("adjust.reasonHelp")} rules={[words]}>
        <Input.TextArea rows={3} maxLength={200} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
