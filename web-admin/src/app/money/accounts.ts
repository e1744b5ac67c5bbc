// The accounts of the books as a shopkeeper thinks of them. The server signs them as an accountant does: positive is
// owned or spent, negative is owed or earned. Here every kind is shown with the sign a person expects of it.
import type { Money } from "@/lib/money";

export type Nature = "owned" | "owed" | "earned" | "spent" | "other";

const natures: Record<string, Nature> = {
  gateway_clearing: "owned",
  commission_debt: "owned",
  order_held: "owed",
  wallet: "owed",
  deposit: "owed",
  commission_pending: "owed",
  commission_available: "owed",
  commission_withdrawn: "owed",
  tax_collected: "owed",
  tax_withheld: "owed",
  donation: "owed",
  sales: "earned",
  freight: "earned",
  forfeits: "earned",
  refunds: "spent",
  coupon_cost: "spent",
  points_cost: "spent",
  commission_cost: "spent",
};

export type Shown = { account: string; kind: string; owner?: string; nature: Nature; balance: Money };

/** The account in the sense of its nature: what is owed or earned is shown positive. */
export function shown({ account, balance }: { account: string; balance: Money }): Shown {
  const [kind = account, owner] = account.split(":", 2);
  const nature = natures[kind] ?? "other";
  const flipped = nature === "owed" || nature === "earned";
  return {
    account,
    kind,
    owner,
    nature,
    // `0 - 0` is 0, not the -0 a negation would make of it.
    balance: flipped ? { ...balance, amount: 0 - balance.amount } : balance,
  };
}

/** Whether the books balance: in every currency everything sums to zero, as the server signs it. */
export function balanced(balances: { balance: Money }[]): boolean {
  const sums = new Map<string, number>();
  for (const { balance } of balances) sums.set(balance.currency, (sums.get(balance.currency) ?? 0) + balance.amount);
  return [...sums.values()].every((sum) => sum === 0);
}
