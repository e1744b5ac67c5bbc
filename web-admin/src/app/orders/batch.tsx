// Shipping many orders by a spreadsheet: take the list, fill in carriers and numbers, bring it back, read row by row what
// became of it.
import { DownloadOutlined, InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Space, Statistic, Table, Tag, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SheetFormat, ShipmentImportMutation, ShipmentOutcome } from "@/gql/graphql";
import { FormErrors } from "@/lib/act";
import { execute } from "@/lib/api";
import { graphql } from "@/lib/graphql";
import { Announce, Page } from "@/lib/page";
import { useWrite } from "@/lib/query";
import { base64Of, bytesOf, saveAs } from "@/lib/save";

const sheetDocument = graphql(`
  query ShippingSheet($format: SheetFormat!) { shippingSheet(format: $format) { name mediaType content orders } }
`);
const importDocument = graphql(`
  mutation ShipmentImport($input: ShipmentImportInput!) {
    shipmentImport(input: $input) {
      report { shipped known refused csv rows { row orderNo carrier trackingNo outcome message } }
      userErrors { code field message }
    }
  }
`);

type Report = NonNullable<ShipmentImportMutation["shipmentImport"]["report"]>;

/** The server takes no more. */
export const MOST_BYTES = 700 * 1024;

/** What is wrong with the file before it is sent, as the key of a sentence. */
export function fileProblem(file: { name: string; size: number }): "batch.wrongKind" | "batch.tooLarge" | undefined {
  if (!/\.(csv|xlsx)$/i.test(file.name)) return "batch.wrongKind";
  return file.size > MOST_BYTES ? "batch.tooLarge" : undefined;
}

const colors: Record<ShipmentOutcome, string | undefined> = { SHIPPED: "success", KNOWN: undefined, REFUSED: "error" };

export default function Batch() {
  const { t } = useTranslation("orders");
  const bring = useWrite(importDocument);
  const [taking, setTaking] = useState<SheetFormat>();
  const [failed, setFailed] = useState<Error>();
  const [problem, setProblem] = useState<string>();
  const report = bring.data?.shipmentImport.report ?? undefined;

  const take = async (format: SheetFormat) => {
    setTaking(format);
    setFailed(undefined);
    try {
      const { name, mediaType, content } = (await execute(sheetDocument, { format })).shippingSheet;
      saveAs(name, mediaType, bytesOf(content));
    } catch (error) {
      setFailed(error as Error);
    } finally {
      setTaking(undefined);
    }
  };

  const send = async (file: File) => {
    const wrong = fileProblem(file);
    setProblem(wrong);
    if (wrong) return;
    const content = base64Of(new Uint8Array(await file.arrayBuffer()));
    bring.mutate({ input: { content } });
  };

  return (
    <Page title={t("batch.title")} crumbs={[{ label: t("title"), to: "/orders" }]}>
      <div className="facts batch">
        <Card title={t("batch.first")}>
          <p>{t("batch.takeHelp")}</p>
          <Space wrap>
            {(["XLSX", "CSV"] as const).map((format) => (
              <Button key={format} icon={<DownloadOutlined />} loading={taking === format} onClick={() => take(format)}>
                {t(`batch.take.${format}`)}
              </Button>
            ))}
          </Space>
        </Card>
        <Card title={t("batch.second")}>
          <p>{t("batch.bringHelp")}</p>
          <Upload.Dragger
            accept=".csv,.xlsx"
            showUploadList={false}
            disabled={bring.isPending}
            beforeUpload={(file) => {
              send(file);
              return false;
            }}
          >
            <InboxOutlined className="drop-icon" aria-hidden="true" />
            <p>{t(bring.isPending ? "batch.sending" : "batch.drop")}</p>
          </Upload.Dragger>
        </Card>
      </div>
      <FormErrors refused={bring.data?.shipmentImport.userErrors ?? []} failed={failed ?? bring.error} />
      {problem && <Alert type="error" showIcon role="alert" title={t(problem)} />}
      {report && <ReportOf report={report} />}
    </Page>
  );
}

function ReportOf({ report }: { report: Report }) {
  const { t } = useTranslation("orders");
  return (
    <>
      <Announce text={t("batch.said", { shipped: report.shipped, refused: report.refused })} />
      <h2>{t("batch.report")}</h2>
      <div className="probes">
        <Card>
          <Statistic title={t("batch.outcome.SHIPPED")} value={report.shipped} />
        </Card>
        <Card>
          <Statistic title={t("batch.outcome.KNOWN")} value={report.known} />
        </Card>
        <Card>
          <Statistic title={t("batch.outcome.REFUSED")} value={report.refused} />
        </Card>
      </div>
      <p>
        <Button
          icon={<DownloadOutlined />}
          onClick={() => saveAs(`${t("batch.report")}.csv`, "text/csv", `\uFEFF${report.csv.replace(/^\uFEFF/, "")}`)}
        >
          {t("batch.keep")}
        </Button>
      </p>
      <Table
        size="small"
        rowKey="row"
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        scroll={{ x: "max-content" }}
        dataSource={[...report.rows].sort(
          (a, b) => Number(b.outcome === "REFUSED") - Number(a.outcome === "REFUSED") || a.row - b.row,
        )}
        columns={[
          { title: t("batch.row"), dataIndex: "row", align: "end", className: "numeric" },
          {
            title: t("batch.became"),
            render: (_, row) => <Tag color={colors[row.outcome]}>{t(`batch.outcome.${row.outcome}`)}</Tag>,
          },
          { title: t("columns.order"), dataIndex: "orderNo", className: "numeric" },
          { title: t("batch.carrier"), dataIndex: "carrier" },
          { title: t("batch.trackingNo"), dataIndex: "trackingNo", className: "numeric" },
          { title: t("columns.reason"), dataIndex: "message" },
        ]}
      />
    </>
  );
}
