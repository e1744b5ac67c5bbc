// What a play does to each variant: what it brings, what is left once its cost is paid, and what is given away at the worst.
import { Card, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AmountInput } from "@/lib/form-drawer";
import { formatMoney, type Money, toMinor } from "@/lib/money";
import { Price } from "@/lib/parts";

export type PreviewLine = {
  skuId: string;
  regularPrice: Money;
  price: Money;
  cost?: Money | null;
  margin?: Money | null;
  worstCase?: Money | null;
};
export type UnitCost = { skuId: string; cost: Money };

/** What was typed as costs, as the server wants it; what is no amount is not sent. */
export function toCosts(typed: Record<string, string | null | undefined>, lines: PreviewLine[]): UnitCost[] {
  const costs = new Map<string, UnitCost>();
  for (const { skuId, price } of lines) {
    const amount = toMinor(typed[skuId] ?? "", price.currency);
    if (amount !== undefined) costs.set(skuId, { skuId, cost: { amount, currency: price.currency } });
  }
  return [...costs.values()];
}

export function PlayPreview({
  preview,
  labels,
  onCosts,
}: {
  preview: { lines: PreviewLine[]; worstCase?: Money | null } | null | undefined;
  /** What a variant is called. */
  labels: Record<string, string>;
  onCosts: (costs: UnitCost[]) => void;
}) {
  const { t, i18n } = useTranslation();
  const [typed, setTyped] = useState<Record<string, string | null | undefined>>({});
  const lines = preview?.lines ?? [];
  const amount = (title: string, of: (line: PreviewLine) => Money | null | undefined, nothing = t("none")) => ({
    title,
    align: "end" as const,
    className: "numeric",
    render: (_: unknown, line: PreviewLine) => {
      const money = of(line);
      return money ? <Price money={money} /> : <span className="quiet">{nothing}</span>;
    },
  });
  return (
    <Card title={t("preview.title")} className="preview">
      <Table<PreviewLine & { key: number }>
        className="sku-table"
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={lines.map((line, key) => ({ ...line, key }))}
        columns={[
          { title: t("preview.sku"), render: (_, line) => labels[line.skuId] },
          amount(t("preview.regular"), (line) => line.regularPrice),
          amount(t("preview.price"), (line) => line.price),
          {
            title: t("preview.cost"),
            align: "end",
            render: (_, { skuId, price }) => (
              <AmountInput
                currency={price.currency}
                value={typed[skuId] ?? null}
                aria-label={`${t("preview.cost")} ${labels[skuId] ?? ""}`}
                onChange={(value) => {
                  const now = { ...typed, [skuId]: value };
                  setTyped(now);
                  onCosts(toCosts(now, lines));
                }}
              />
            ),
          },
          amount(t("preview.margin"), (line) => line.margin),
          amount(t("preview.worst"), (line) => line.worstCase, t("preview.unbounded")),
        ]}
      />
      {preview?.worstCase && (
        <p>
          <strong>{t("preview.total", { amount: formatMoney(preview.worstCase, i18n.language) })}</strong>
        </p>
      )}
      <p className="quiet">{t("preview.note")}</p>
    </Card>
  );
}
