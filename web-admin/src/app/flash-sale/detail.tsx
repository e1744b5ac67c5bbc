import { EditOutlined } from "@ant-design/icons";
import { useParams } from "@tanstack/react-router";
import { Button, Card, Descriptions, Progress, Result, Skeleton, Space, Statistic, Table } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { StateTag, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Page } from "@/lib/page";
import { Picture, Price } from "@/lib/parts";
import { PlayPreview } from "@/lib/play-preview";
import { useViewer } from "@/lib/viewer";
import { SaleActions } from "./actions";
import { type Sale, saleDocument } from "./sale";
import { salePhases, saleStates } from "./states";

const previewDocument = graphql(`
  query FlashSalePreview($id: ID!, $costs: [PlayCostInput!]) {
    flashSalePreview(id: $id, costs: $costs) {
      lines {
        skuId units regularPrice { amount currency } price { amount currency } margin { amount currency }
        worstCase { amount currency }
      }
      worstCase { amount currency }
    }
  }
`);

const SaleForm = lazy(() => import("./form"));

export default function FlashSaleDetail() {
  const { t } = useTranslation("flashSale");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { can } = useViewer();
  const [editing, setEditing] = useState(false);
  const live = useLive(saleDocument, { id }, (answer) => answer.flashSaleProgress);
  const sale = live.frame?.flashSale;

  if (live.error && !sale) {
    return live.error.code === "NOT_FOUND" ? (
      <Result status="404" title={tCommon("gone")} />
    ) : (
      <Failed error={live.error} />
    );
  }
  if (!sale) return <Skeleton active title paragraph={{ rows: 8 }} />;
  return (
    <Page
      title={sale.title}
      crumbs={[{ label: t("title"), to: "/flash-sale" }]}
      aside={
        <>
          <StateTag states={saleStates} value={sale.state} />
          <StateTag states={salePhases} value={sale.phase} />
          <ConnectionPill />
        </>
      }
      actions={
        can("FLASH_SALE_WRITE") && (
          <Space>
            {sale.state === "DRAFT" && (
              <Button icon={<EditOutlined />} onClick={() => setEditing(true)}>
                {t("edit.open")}
              </Button>
            )}
            <SaleActions sale={sale} />
          </Space>
        )
      }
    >
      {editing && (
        <Suspense>
          <SaleForm sale={sale} close={() => setEditing(false)} />
        </Suspense>
      )}
      <Facts sale={sale} />
      <PlayPreview
        id={id}
        document={previewDocument}
        preview={(answer) => answer.flashSalePreview}
        label={(skuId) => {
          const item = sale.items.find((item) => item.skuId === skuId);
          return item ? `${item.title} ${item.optionsLabel}` : "";
        }}
      />
    </Page>
  );
}

function Facts({ sale }: { sale: Sale }) {
  const { t } = useTranslation("flashSale");
  const sum = (of: "stock" | "left" | "reserved" | "sold" | "returned") =>
    sale.counts.reduce((all, counts) => all + counts[of], 0);
  const rows = sale.items.map((item) => ({ ...item, counts: sale.counts.find(({ skuId }) => skuId === item.skuId) }));
  const stock = sum("stock");
  return (
    <div className="facts">
      <Card className="tallies">
        <Statistic title={t("columns.stock")} value={stock} />
        <Statistic title={t("columns.left")} value={sum("left")} />
        <Statistic title={t("columns.reserved")} value={sum("reserved")} />
        <Statistic title={t("columns.sold")} value={sum("sold")} />
        <Statistic title={t("columns.returned")} value={sum("returned")} />
        <Statistic title={t("rate")} value={stock ? Math.round((100 * sum("sold")) / stock) : 0} suffix="%" />
      </Card>
      <Card>
        <Descriptions
          size="small"
          column={{ xs: 1, sm: 2, xxl: 3 }}
          items={[
            {
              key: "window",
              label: t("window"),
              span: 2,
              children: (
                <span>
                  <When at={sale.startsAt} /> – <When at={sale.endsAt} />
                </span>
              ),
            },
            { key: "order", label: t("form.perOrder"), children: sale.perOrderLimit },
            { key: "customer", label: t("form.perCustomer"), children: sale.perCustomerLimit },
            { key: "pay", label: t("payWithin"), children: t("minutes", { count: sale.payMinutes }) },
          ]}
        />
        <Table
          className="sku-table"
          size="small"
          rowKey="skuId"
          pagination={false}
          scroll={{ x: "max-content" }}
          dataSource={rows}
          columns={[
            {
              title: t("columns.item"),
              render: (_, item) => (
                <span className="open">
                  <Picture url={item.imageUrl} /> {item.title} {item.optionsLabel}
                </span>
              ),
            },
            { title: t("columns.regular"), align: "end", render: (_, item) => <Price money={item.regularPrice} /> },
            {
              title: t("columns.price"),
              align: "end",
              render: (_, item) => (
                <strong>
                  <Price money={item.price} />
                </strong>
              ),
            },
            { title: t("columns.left"), align: "end", className: "numeric", render: (_, item) => item.counts?.left },
            {
              title: t("columns.reserved"),
              align: "end",
              className: "numeric",
              render: (_, item) => item.counts?.reserved,
            },
            { title: t("columns.sold"), align: "end", className: "numeric", render: (_, item) => item.counts?.sold },
            {
              title: t("rate"),
              width: 150,
              render: (_, item) => (
                <Progress
                  size="small"
                  percent={Math.round((item.counts?.soldBps ?? 0) / 100)}
                  aria-label={t("soldOf", { sold: item.counts?.sold ?? 0, stock: item.stock })}
                />
              ),
            },
          ]}
        />
      </Card>
    </div>
  );
}
