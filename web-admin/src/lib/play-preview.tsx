// What a play comes to, before it begins: price, margin and the most it gives away, for whoever says what the goods cost.
import { Card, Table } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TypedDocumentString } from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { AmountInput } from "@/lib/form-drawer";
import { type Money, toMinor } from "@/lib/money";
import { Price } from "@/lib/parts";
import { useRead } from "@/lib/query";

export type Line = {
  skuId: string;
  regularPrice: Money;
  price: Money;
  units?: number | null;
  margin?: Money | null;
  worstCase?: Money | null;
};
type Preview = { lines: Line[]; worstCase?: Money | null };
type UnitCost = { skuId: string; cost: Money };
type Variables = { id: string; costs?: UnitCost[] | null };
type Typed = Record<string, string | null | undefined>;

/** What was typed as costs, as the server wants it; what is no amount is not sent. */
export function toCosts(typed: Typed, lines: Line[]): UnitCost[] {
  const costs = new Map<string, UnitCost>();
  for (const { skuId, price } of lines) {
    const amount = toMinor(typed[skuId] ?? "", price.currency);
    if (amount !== undefined) costs.set(skuId, { skuId, cost: { amount, currency: price.currency } });
  }
  return [...costs.values()];
}

export function PlayPreview<R>({
  id,
  document,
  preview,
  label,
  name = label,
}: {
  id: string;
  document: TypedDocumentString<R, Variables>;
  preview: (answer: R) => Preview | null | undefined;
  label: (skuId: string) => string;
  /** How a variant is shown, when not by its label. */
  name?: (skuId: string) => ReactNode;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<Typed>({});
  const [costs, setCosts] = useState<UnitCost[]>([]);
  const { data, error } = useRead(document, { id, costs }, { placeholderData: (before) => before });
  if (error) return <Failed error={error} />;
  const shown = data && preview(data);
  const lines = shown?.lines ?? [];
  const say = (skuId: string, text: string | null) => {
    const now = { ...typed, [skuId]: text };
    setTyped(now);
    setCosts(toCosts(now, lines));
  };
  const amount = (title: string, of: (line: Line) => Money | null | undefined) => ({
    title,
    align: "end" as const,
    className: "numeric",
    render: (_: unknown, line: Line) => {
      const money = of(line);
      return money ? <Price money={money} /> : <span className="quiet">{t("none")}</span>;
    },
  });
  return (
    <Card title={t("preview.title")} className="preview">
      <Table<Line & { key: number }>
        className="sku-table"
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={lines.map((line, key) => ({ ...line, key }))}
        columns={[
          { title: t("preview.sku"), render: (_, line) => name(line.skuId) || t("preview.onlySku") },
          amount(t("preview.regular"), (line) => line.regularPrice),
          amount(t("preview.price"), (line) => line.price),
          {
            title: t("preview.cost"),
            align: "end",
            render: (_, { skuId, price }) => (
              <AmountInput
                currency={price.currency}
                value={typed[skuId] ?? null}
                aria-label={`${t("preview.cost")} ${label(skuId)}`}
                onChange={(value) => say(skuId, value)}
              />
            ),
          },
          amount(t("preview.margin"), (line) => line.margin),
          { title: t("preview.units"), align: "end", render: (_, line) => line.units ?? t("preview.anyNumber") },
          amount(t("preview.worst"), (line) => line.worstCase),
        ]}
      />
      <p className="quiet">
        {t("preview.note")}{" "}
        {shown?.worstCase && (
          <strong>
            {t("preview.whole")} <Price money={shown.worstCase} />
          </strong>
        )}
      </p>
    </Card>
  );
}
