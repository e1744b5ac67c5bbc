// Providers' bills: bring one (or let the provider send it), and see which of them still have differences.
import { useNavigate } from "@tanstack/react-router";
import { Alert, App, Button, DatePicker, Form, Segmented, Space, Tag, Upload, type UploadFile } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProviderBillsQuery, ProviderBillUploadBeginInput } from "@/gql/graphql";
import type { Refusal } from "@/lib/act";
import { execute } from "@/lib/api";
import { FormDrawer } from "@/lib/form-drawer";
import { graphql, RequestFailed } from "@/lib/graphql";
import { byChoice, date, ListPage, number, Open, text, When } from "@/lib/list-page";
import { queryClient, useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { MoneyNav } from "./places";

const billsDocument = graphql(`
  query ProviderBills($gateway: String, $first: Int, $after: String) {
    providerBills(gateway: $gateway, first: $first, after: $after) {
      edges { node { id gateway fileName from until lines matched differences open importedAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const beginDocument = graphql(`
  mutation ProviderBillUploadBegin($input: ProviderBillUploadBeginInput!) {
    providerBillUploadBegin(input: $input) { uploadUrl userErrors { code field message } }
  }
`);
const fetchDocument = graphql(`
  mutation ProviderBillFetch($gateway: String!, $day: String!) {
    providerBillFetch(gateway: $gateway, day: $day) { bill { id } userErrors { code field message } }
  }
`);

type Row = ProviderBillsQuery["providerBills"]["edges"][number]["node"];

export const billGateways = ["wechat", "alipay", "stripe", "sandbox"] as const;
type BillGateway = (typeof billGateways)[number];

export default function Bills() {
  const { t } = useTranslation("money");
  const { can } = useViewer();
  const [doing, setDoing] = useState<"bring" | "fetch">();
  const close = () => setDoing(undefined);
  return (
    <>
      <ListPage
        title={t("bills.title")}
        above={
          <>
            <MoneyNav />
            <p className="quiet">{t("bills.help")}</p>
          </>
        }
        actions={
          can("LEDGER_WRITE") && (
            <Space>
              <Button onClick={() => setDoing("fetch")}>{t("bills.fetch")}</Button>
              <Button type="primary" onClick={() => setDoing("bring")}>
                {t("bills.bring")}
              </Button>
            </Space>
          )
        }
        query={billsDocument}
        variables={({ after, gateway }) => ({ first: 20, after, gateway })}
        connection={(answer) => answer.providerBills}
        filters={[
          byChoice(
            "gateway",
            t("columns.provider"),
            billGateways.map((value) => ({ value, label: t(`orders:gateway.${value}`) })),
          ),
        ]}
        columns={[
          text<Row>((row) => <Open to={`/money/bills/${row.id}`}>{row.fileName}</Open>)(t("bills.file")),
          text<Row>((row) => t(`orders:gateway.${row.gateway}`, { defaultValue: row.gateway }))(t("columns.provider")),
          text<Row>((row) => (
            <>
              <When at={row.from} /> – <When at={row.until} />
            </>
          ))(t("bills.span")),
          number<Row>((row) => row.lines)(t("bills.lines")),
          number<Row>((row) => row.matched)(t("bills.matched")),
          number<Row>((row) =>
            row.open > 0 ? (
              <Tag color="error">{t("bills.openCount", { count: row.open })}</Tag>
            ) : row.differences > 0 ? (
              t("bills.allSettled", { count: row.differences })
            ) : (
              <Tag color="success">{t("bills.agrees")}</Tag>
            ),
          )(t("bills.differences")),
          date<Row>((row) => row.importedAt)(t("bills.importedAt")),
        ]}
        empty={t("bills.empty")}
      />
      {doing === "bring" && <BringForm close={close} />}
      {doing === "fetch" && <FetchForm close={close} />}
    </>
  );
}

export type Brought = { gateway: BillGateway; window: [Dayjs, Dayjs]; files?: Pick<UploadFile, "name" | "size">[] };

/** Whole days: from the first instant of the first to the first after the last. */
export function toBegin({ gateway, window: [from, until], files }: Brought): ProviderBillUploadBeginInput | undefined {
  const file = files?.[0];
  if (!file) return undefined;
  return {
    gateway,
    fileName: file.name,
    bytes: file.size ?? 0,
    from: from.startOf("day").toISOString(),
    until: until.startOf("day").add(1, "day").toISOString(),
  };
}

type Entered = Brought & { files?: UploadFile[] };

function useGateways() {
  const { t } = useTranslation("money");
  return billGateways.map((value) => ({ value, label: t(`orders:gateway.${value}`) }));
}

function BringForm({ close }: { close: () => void }) {
  const { t } = useTranslation("money");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Entered>();
  const gateways = useGateways();
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<Refusal[]>([]);
  const [failed, setFailed] = useState<Error>();
  const required = { required: true, message: tCommon("form.required") };

  const send = async (entered: Entered) => {
    const input = toBegin(entered);
    const file = entered.files?.[0]?.originFileObj;
    if (!input || !file) return;
    setSending(true);
    setRefused([]);
    setFailed(undefined);
    try {
      const begun = (await execute(beginDocument, { input })).providerBillUploadBegin;
      if (!begun.uploadUrl) return setRefused(begun.userErrors);
      const response = await fetch(begun.uploadUrl, { method: "PUT", body: file }).catch((error) => {
        throw new RequestFailed("NETWORK", String(error));
      });
      const answer = await response.json().catch(() => undefined);
      if (response.ok) {
        await queryClient.invalidateQueries();
        message.success(t("bills.brought", { lines: answer.lines, differences: answer.differences }));
        close();
        navigate({ to: `/money/bills/${answer.id}` });
        return;
      }
      const fault = answer?.errors?.[0];
      if (response.status < 500 && fault) {
        setRefused([{ code: fault.extensions?.code ?? "", message: fault.message }]);
        return;
      }
      throw new RequestFailed(`HTTP_${response.status}`, response.statusText, fault?.extensions?.requestId);
    } catch (error) {
      setFailed(error as Error);
    } finally {
      setSending(false);
    }
  };

  return (
    <FormDrawer
      title={t("bills.bring")}
      submit={t("bills.compare")}
      form={form}
      initial={{ gateway: "wechat", window: [dayjs().subtract(1, "day"), dayjs().subtract(1, "day")] }}
      pending={sending}
      refused={refused}
      failed={failed}
      close={close}
      note={<Alert type="info" showIcon className="edit-note" title={t("bills.bringHelp")} />}
      onSubmit={send}
    >
      <Form.Item name="gateway" label={t("columns.provider")}>
        <Segmented options={gateways} />
      </Form.Item>
      <Form.Item name="window" label={t("bills.span")} extra={t("bills.spanHelp")} rules={[required]}>
        <DatePicker.RangePicker aria-label={t("bills.span")} />
      </Form.Item>
      <Form.Item
        name="files"
        label={t("bills.file")}
        extra={t("bills.fileHelp")}
        valuePropName="fileList"
        getValueFromEvent={({ fileList }) => fileList.slice(-1)}
        rules={[required]}
      >
        <Upload accept=".csv,.txt" beforeUpload={() => false} maxCount={1}>
          <Button>{t("bills.choose")}</Button>
        </Upload>
      </Form.Item>
    </FormDrawer>
  );
}

function FetchForm({ close }: { close: () => void }) {
  const { t } = useTranslation("money");
  const { t: tCommon } = useTranslation();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ gateway: BillGateway; day: Dayjs }>();
  const gateways = useGateways();
  const get = useWrite(fetchDocument);
  return (
    <FormDrawer
      title={t("bills.fetch")}
      submit={t("bills.compare")}
      form={form}
      initial={{ gateway: "wechat", day: dayjs().subtract(1, "day") }}
      pending={get.isPending}
      refused={get.data?.providerBillFetch.userErrors ?? []}
      failed={get.error}
      close={close}
      onSubmit={async ({ gateway, day }) => {
        const { bill } = (await get.mutateAsync({ gateway, day: day.format("YYYY-MM-DD") })).providerBillFetch;
        if (!bill) return;
        close();
        navigate({ to: `/money/bills/${bill.id}` });
      }}
    >
      <Form.Item name="gateway" label={t("columns.provider")}>
        <Segmented options={gateways} />
      </Form.Item>
      <Form.Item
        name="day"
        label={t("bills.day")}
        extra={t("bills.dayHelp")}
        rules={[{ required: true, message: tCommon("form.required") }]}
      >
        <DatePicker aria-label={t("bills.day")} />
      </Form.Item>
    </FormDrawer>
  );
}
