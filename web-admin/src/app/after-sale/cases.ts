// What staff can do to a case, by where it stands, and whose turn it is. The server has the last word.
import type { AfterSaleKind, AfterSaleState } from "@/gql/graphql";

export type Action = "approve" | "reject" | "receive" | "pass" | "reship" | "refundInstead" | "refundAgain" | "say";

const actions: Record<AfterSaleState, Action[]> = {
  REQUESTED: ["reject", "approve"],
  AWAITING_RETURN: ["receive"],
  RETURNING: ["receive", "pass"],
  INSPECTING: ["reject", "pass"],
  REFUNDING: [],
  RESHIPPING: ["refundInstead", "reship"],
  RESHIPPED: [],
  DONE: [],
  REJECTED: [],
  CANCELLED: [],
  ESCALATED: [],
};

/** The states in which the merchant has to act. */
export const waiting: AfterSaleState[] = ["REQUESTED", "RETURNING", "INSPECTING", "RESHIPPING"];

const closed: AfterSaleState[] = ["DONE", "REJECTED", "CANCELLED"];

/** What may be tried, the main thing last. */
export function actionsOf(of: { state: AfterSaleState; timeline: { what: string }[] }): Action[] {
  const failed = of.state === "REFUNDING" && of.timeline.at(-1)?.what === "REFUND_FAILED";
  return [
    ...(closed.includes(of.state) ? [] : (["say"] as const)),
    ...actions[of.state],
    ...(failed ? (["refundAgain"] as const) : []),
  ];
}

/** Goods come back in these. */
export const returns = (kind: AfterSaleKind) => kind !== "REFUND_ONLY";

/** Within a day, rounded so that a list is not asked anew with every render. */
export function soon(now: number): string {
  const step = 600_000;
  return new Date(Math.ceil(now / step) * step + 86_400_000).toISOString();
}

/** Which cases a view of the list asks for. */
export function viewFilter(view: string | undefined, state: string | undefined, now: number) {
  const states = state ? [state as AfterSaleState] : view ? waiting : undefined;
  return { states, dueBefore: view === "urgent" ? soon(now) : undefined };
}
