// What a customer has here, line by line, and the same as a file.
import { DownloadOutlined } from "@ant-design/icons";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Button, Card, DatePicker, Form, Input, Segmented, Select, Space, Statistic } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type {
  CustomerStatementQuery,
  StatementExportInput,
  StatementForm,
  StatementSubject,
  WalletAdjustInput,
} from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useKeyring } from "@/lib/key";
import { date, List, number, text } from "@/lib/list-page";
import type { ListSearch } from "@/lib/list-search";
import { formatMoney, toMinor } from "@/lib/money";
import { Page } from "@/lib/page";
import { Price } from "@/lib/parts";
import { useRead, useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { MoneyNav } from "./places";

const peopleDocument = graphql(`
  query StatementCustomers($search: String) {
    customers(first: 20, search: $search) { edges { node { id nickname phone } } }
  }
`);
const holdingsDocument = graphql(`
  query CustomerHoldings($id: ID!) {
    customer(id: $id) { id nickname phone }
    customerWalletBalances(customerId: $id) { amount currency }
    customerPoints(customerId: $id) { available frozen held debt }
  }
`);
const statementDocument = graphql(`
  query CustomerStatement($id: ID!, $first: Int, $after: String) {
    customerWalletStatement(customerId: $id, first: $first, after: $after) {
      edges { node { id kind reference amount { amount currency } balance { amount currency } at } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const exportDocument = graphql(`
  mutation CustomerStatementExport($id: ID!, $input: StatementExportInput!) {
    customerStatementExport(customerId: $id, input: $input) { url userErrors { code field message } }
  }
`);
const adjustDocument = graphql(`
  mutation WalletAdjust($input: WalletAdjustInput!) {
    walletAdjust(input: $input) { balance { amount currency } userErrors { code field message } }
  }
`);

type Row = CustomerStatementQuery["customerWalletStatement"]["edges"][number]["node"];

export default function Statements() {
  const { t } = useTranslation("money");
  const { customer } = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const people = useRead(peopleDocument, { search: search || undefined }, { staleTime: 30_000 });
  const holdings = useRead(holdingsDocument, { id: customer ?? "" }, { enabled: customer !== undefined });
  const known = holdings.data?.customer;
  const found = people.data?.customers.edges.map(({ node }) => node) ?? [];
  const all = known && !found.some(({ id }) => id === known.id) ? [known, ...found] : found;
  return (
    <Page title={t("statements.title")}>
      <MoneyNav />
      <Space wrap className="filters">
        <Select
          aria-label={t("statements.whose")}
          placeholder={t("statements.whose")}
          className="person"
          value={customer}
          loading={people.isFetching}
          showSearch={{ filterOption: false, onSearch: (typed) => setSearch(typed.trim()) }}
          options={all.map(({ id, nickname, phone }) => ({ value: id, label: `${nickname} ${phone ?? ""}` }))}
          onChange={(id: string) => navigate({ to: ".", search: { customer: id } as never })}
        />
      </Space>
      {customer ? <Holdings id={customer} holdings={holdings.data} /> : <p className="quiet">{t("statements.help")}</p>}
    </Page>
  );
}

function Holdings({
  id,
  holdings,
}: {
  id: string;
  holdings?: {
    customerWalletBalances: { amount: number; currency: Row["amount"]["currency"] }[];
    customerPoints: { available: number; frozen: number; held: number; debt: number };
  };
}) {
  const { t } = useTranslation("money");
  const { can } = useViewer();
  const [doing, setDoing] = useState<"export" | "adjust">();
  const close = () => setDoing(undefined);
  const points = holdings?.customerPoints;
  return (
    <>
      <div className="probes">
        <Card>
          <Statistic
            title={t("statements.wallet")}
            valueRender={() =>
              holdings?.customerWalletBalances.length
                ? holdings.customerWalletBalances.map((money) => (
                    <div key={money.currency}>
                      <Price money={money} />
                    </div>
                  ))
                : "—"
            }
          />
        </Card>
        <Card>
          <Statistic title={t("statements.points")} value={points?.available ?? "—"} />
        </Card>
        <Card>
          <Statistic title={t("statements.frozen")} value={points?.frozen ?? "—"} />
        </Card>
      </div>
      <div className="tools">
        <Space wrap>
          <Button icon={<DownloadOutlined />} onClick={() => setDoing("export")}>
            {t("export.open")}
          </Button>
          {can("LEDGER_WRITE") && <Button onClick={() => setDoing("adjust")}>{t("adjust.open")}</Button>}
        </Space>
      </div>
      <h2>{t("statements.lines")}</h2>
      <List
        label={t("statements.lines")}
        query={statementDocument}
        variables={({ after }) => ({ id, first: 20, after })}
        connection={(answer) => answer.customerWalletStatement}
        filters={[]}
        columns={[
          date<Row>((row) => row.at)(t("columns.at")),
          text<Row>((row) => t(`journal.types.${row.kind}`, { defaultValue: row.kind }))(t("columns.fact")),
          text<Row>((row) => <code className="id">{row.reference}</code>)(t("columns.number")),
          number<Row>((row) => <Price money={row.amount} />)(t("columns.change")),
          number<Row>((row) => <Price money={row.balance} />)(t("columns.balance")),
        ]}
        empty={t("statements.empty")}
      />
      {doing === "export" && <ExportForm id={id} close={close} />}
      {doing === "adjust" && <AdjustForm id={id} close={close} />}
    </>
  );
}

export type Exported = { subject: StatementSubject; form: StatementForm; window: [Dayjs, Dayjs] };

/** Whole days: from the first instant of the first to the first after the last. */
export const toExport = ({ subject, form, window: [from, until] }: Exported): StatementExportInput => ({
  subject,
  form,
  currency: "CNY",
  from: from.startOf("day").toISOString(),
  until: until.startOf("day").add(1, "day").toISOString(),
});

function ExportForm({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation("money");
  const { t: tCommon } = useTranslation();
  const [form] = Form.useForm<Exported>();
  const give = useWrite(exportDocument);
  return (
    <FormDrawer
      title={t("export.open")}
      submit={t("export.submit")}
      form={form}
      initial={{ subject: "WALLET", form: "XLSX", window: [dayjs().startOf("month"), dayjs()] }}
      pending={give.isPending}
      refused={give.data?.customerStatementExport.userErrors ?? []}
      failed={give.error}
      close={close}
      onSubmit={async (entered) => {
        const { url } = (await give.mutateAsync({ id, input: toExport(entered) })).customerStatementExport;
        if (!url) return;
        location.assign(url);
        close();
      }}
    >
      <Form.Item name="subject" label={t("export.what")}>
        <Segmented
          options={(["WALLET", "POINTS", "FROZEN_POINTS"] as const).map((value) => ({
            value,
            label: t(`export.subject.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item
        name="window"
        label={t("export.window")}
        extra={t("export.windowHelp")}
        rules={[{ required: true, message: tCommon("form.required") }]}
      >
        <DatePicker.RangePicker aria-label={t("export.window")} />
      </Form.Item>
      <Form.Item name="form" label={t("export.form")}>
        <Segmented
          options={[
            { value: "XLSX", label: "Excel" },
            { value: "CSV", label: "CSV" },
          ]}
        />
      </Form.Item>
    </FormDrawer>
  );
}

export type Adjusted = { way: "give" | "take"; amount: string; reason: string };

/** Taking is giving with a minus. */
export function toAdjust(entered: Adjusted, customerId: string): Omit<WalletAdjustInput, "idempotencyKey"> {
  const amount = toMinor(String(entered.amount), "CNY") ?? 0;
  return {
    customerId,
    amount: { amount: entered.way === "take" ? -amount : amount, currency: "CNY" },
    reason: entered.reason.trim(),
  };
}

function AdjustForm({ id, close }: { id: string; close: () => void }) {
  const { t, i18n } = useTranslation("money");
  const { message } = App.useApp();
  const [form] = Form.useForm<Adjusted>();
  const adjust = useWrite(adjustDocument);
  const keys = useKeyring();
  const required = useRequired();
  const amountRule = useAmountRule();
  return (
    <FormDrawer
      title={t("adjust.open")}
      submit={t("adjust.submit")}
      danger
      form={form}
      initial={{ way: "give" }}
      pending={adjust.isPending}
      refused={adjust.data?.walletAdjust.userErrors ?? []}
      failed={adjust.error}
      close={close}
      onSubmit={async (entered) => {
        const input = toAdjust(entered, id);
        const { balance } = (await adjust.mutateAsync({ input: { ...input, idempotencyKey: keys.of(input) } }))
          .walletAdjust;
        if (!balance) return;
        message.success(t("adjust.done", { balance: formatMoney(balance, i18n.language) }));
        close();
      }}
    >
      <Form.Item name="way" label={t("adjust.way")} extra={t("adjust.help")}>
        <Segmented
          options={(["give", "take"] as const).map((value) => ({ value, label: t(`adjust.ways.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name="amount" label={t("columns.amount")} rules={[required, amountRule("CNY")]}>
        <AmountInput currency="CNY" />
      </Form.Item>
      <Form.Item name="reason" label={t("adjust.reason")} extra={t("adjust.reasonHelp")} rules={[required]}>
        <Input.TextArea rows={3} maxLength={200} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
