// The price history of a variant: a picture of the lowest price asked, and who decided what.
import { Alert, Drawer, Skeleton, Table, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { When } from "@/lib/list-page";
import { formatMoney } from "@/lib/money";
import { Price } from "@/lib/parts";
import { useRead } from "@/lib/query";
import type { Sku } from "./article";
import { LOOKS_BACK, lowestOfWeek, pathOf, reach, type Span, steps } from "./price-history";
import { kindKey } from "./sources";

const historyDocument = graphql(`
  query SkuPriceHistory($skuId: ID!) {
    skuPriceHistory(skuId: $skuId) { sourceKind sourceId title startsAt endsAt decidedAt actor price { amount currency } }
  }
`);

const BOX: [number, number] = [560, 120];

export function PriceHistory({ sku, name, close }: { sku: Sku; name: string; close: () => void }) {
  const { t } = useTranslation("products");
  const { data, error, refetch } = useRead(historyDocument, { skuId: sku.id });
  const spans = data?.skuPriceHistory;
  return (
    <Drawer open onClose={close} size="large" title={t("history.title", { name })}>
      {error && <Failed error={error} retry={refetch} />}
      {!spans && !error && <Skeleton active />}
      {spans && (
        <>
          <Chart spans={spans} sku={sku} />
          <Table
            size="small"
            rowKey={(span) => `${span.sourceKind}${span.sourceId}${span.startsAt}`}
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={spans}
            columns={[
              {
                title: t("history.price"),
                align: "end",
                className: "numeric",
                render: (_, span) => <Price money={span.price} />,
              },
              {
                title: t("history.source"),
                render: (_, span) => (
                  <>
                    <Tag>{t(kindKey(span.sourceKind))}</Tag> {span.title}
                  </>
                ),
              },
              { title: t("history.from"), className: "numeric", render: (_, span) => <When at={span.startsAt} /> },
              {
                title: t("history.until"),
                className: "numeric",
                render: (_, span) => (span.endsAt ? <When at={span.endsAt} /> : t("history.open")),
              },
              { title: t("history.actor"), render: (_, span) => <span className="id">{span.actor}</span> },
            ]}
          />
        </>
      )}
    </Drawer>
  );
}

function Chart({ spans, sku }: { spans: Span[]; sku: Sku }) {
  const { t, i18n } = useTranslation("products");
  const [now] = useState(() => Date.now());
  const window = reach(spans, now);
  const path = steps(spans, window);
  const lowest = lowestOfWeek(spans, now);
  if (path.length === 0 || lowest === undefined) return <Alert type="info" showIcon title={t("history.none")} />;
  const money = (amount: number) => formatMoney({ amount, currency: sku.price.currency }, i18n.language);
  const prices = path.map(({ minor }) => minor);
  const day = (at: number) => new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric" }).format(at);
  const week = Math.max(0, ((now - LOOKS_BACK - window[0]) / (window[1] - window[0])) * BOX[0]);
  const said = { low: money(Math.min(...prices)), high: money(Math.max(...prices)) };
  return (
    <figure className="price-chart">
      <p className="price-range numeric" aria-hidden="true">
        {said.low === said.high ? said.low : `${said.low} – ${said.high}`}
      </p>
      <svg
        viewBox={`0 -8 ${BOX[0]} ${BOX[1] + 16}`}
        role="img"
        aria-label={t("history.chart", { from: day(window[0]), ...said })}
      >
        <rect x={week} y={-8} width={BOX[0] - week} height={BOX[1] + 16} className="price-week" />
        <path d={pathOf(path, window, BOX)} className="price-line" />
      </svg>
      <div className="price-scale numeric" aria-hidden="true">
        <span>{day(window[0])}</span>
        <span>{t("history.week")}</span>
        <span>{day(window[1])}</span>
      </div>
      <figcaption>
        <strong>{t("history.lowest", { price: money(lowest) })}</strong>
        <p className="quiet">{t("history.rule")}</p>
      </figcaption>
    </figure>
  );
}
