// What was asked for a variant, as steps: of the list and of every offer that lay over it, the lowest.
import type { SkuPriceHistoryQuery } from "@/gql/graphql";

export type Span = SkuPriceHistoryQuery["skuPriceHistory"][number];
export type Step = { at: number; minor: number };

export const DAY = 86_400_000;
/** The law compares a reduction with the lowest price of so many days before it. */
export const LOOKS_BACK = 7 * DAY;

const from = (span: Span) => Date.parse(span.startsAt);
const until = (span: Span) => (span.endsAt ? Date.parse(span.endsAt) : Number.POSITIVE_INFINITY);

/** The lowest price asked at a moment; nothing when nothing was. */
export function askedAt(spans: readonly Span[], at: number): number | undefined {
  const prices = spans.filter((span) => from(span) <= at && at < until(span)).map(({ price }) => price.amount);
  return prices.length > 0 ? Math.min(...prices) : undefined;
}

/** The steps of the lowest price between two moments. */
export function steps(spans: readonly Span[], [begin, end]: [number, number]): Step[] {
  const edges = spans.flatMap((span) => [from(span), until(span)]).filter((at) => at > begin && at < end);
  return [begin, ...new Set(edges.sort((a, b) => a - b))]
    .flatMap((at) => {
      const minor = askedAt(spans, at);
      return minor === undefined ? [] : [{ at, minor }];
    })
    .filter((step, nth, all) => step.minor !== all[nth - 1]?.minor);
}

/** The lowest price asked in the seven days before now. */
export function lowestOfWeek(spans: readonly Span[], now: number): number | undefined {
  const week = steps(spans, [now - LOOKS_BACK, now]);
  return week.length > 0 ? Math.min(...week.map(({ minor }) => minor)) : undefined;
}

/** How far back a picture of the history reaches: to its first price, at most ninety days. */
export function reach(spans: readonly Span[], now: number): [number, number] {
  const first = Math.min(now - 1, ...spans.map(from));
  return [Math.max(now - 90 * DAY, first), now];
}

/** The steps as a path in a box, the dearest at the top. */
export function pathOf(of: readonly Step[], [begin, end]: [number, number], [width, height]: [number, number]): string {
  const prices = of.map(({ minor }) => minor);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const x = (at: number) => Math.round(((at - begin) / (end - begin)) * width * 10) / 10;
  const y = (minor: number) =>
    high === low ? height / 2 : Math.round(((high - minor) / (high - low)) * height * 10) / 10;
  const drawn = of.map(({ at, minor }, nth) => (nth === 0 ? `M${x(at)} ${y(minor)}` : `H${x(at)}V${y(minor)}`));
  return drawn.length > 0 ? `${drawn.join("")}H${width}` : "";
}
