// How a price came about, step by step, in words: what the server's calculators did, with the sum so far.
import type { Money } from "@/lib/money";

export type TraceLine = { text: string; skuId?: string | null; amount: Money };
type Line = { skuId: string; title: string; optionsLabel: string; quantity: number };
export type Explained = { key: number; text: string; what?: string; amount: Money; sum: Money };

/** Steps that changed nothing are left out; the last sum is the total. */
export function explain(trace: TraceLine[], lines: Line[]): Explained[] {
  let sum = 0;
  return trace.flatMap((step, key) => {
    if (step.amount.amount === 0) return [];
    sum += step.amount.amount;
    const line = step.skuId ? lines.find(({ skuId }) => skuId === step.skuId) : undefined;
    return [
      {
        key,
        text: step.text,
        what: line && `${line.title}${line.optionsLabel ? ` ${line.optionsLabel}` : ""} × ${line.quantity}`,
        amount: step.amount,
        sum: { ...step.amount, amount: sum },
      },
    ];
  });
}
