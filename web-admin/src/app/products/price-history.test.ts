import { expect, test } from "vitest";
import { deltaOf } from "./correction";
import { askedAt, DAY, lowestOfWeek, pathOf, reach, type Span, steps } from "./price-history";
import { onShelf, pathsOf, type Shelf, withAllOn } from "./shelf";
import { kindKey, placeOf } from "./sources";

const now = Date.parse("2026-11-23T00:00:00Z");
const span = (amount: number, from: number, until: number | null, sourceKind = "list"): Span => ({
  sourceKind,
  sourceId: "",
  title: null,
  actor: "staff",
  price: { amount, currency: "CNY" },
  decidedAt: new Date(now - from * DAY).toISOString(),
  startsAt: new Date(now - from * DAY).toISOString(),
  endsAt: until === null ? null : new Date(now - until * DAY).toISOString(),
});
const spans = [span(9900, 30, 2), span(10900, 2, null), span(8900, 5, 4, "flash_sale")];

test("the lowest of the list and the offers over it is what was asked", () => {
  expect(askedAt(spans, now - 10 * DAY)).toBe(9900);
  expect(askedAt(spans, now - 4.5 * DAY)).toBe(8900);
  expect(askedAt(spans, now)).toBe(10900);
  expect(askedAt(spans, now - 31 * DAY)).toBeUndefined();
  expect(steps(spans, [now - 30 * DAY, now]).map(({ minor }) => minor)).toEqual([9900, 8900, 9900, 10900]);
});

test("the lowest of seven days is that of the sale within them", () => {
  expect(lowestOfWeek(spans, now)).toBe(8900);
  expect(lowestOfWeek(spans, now + 6 * DAY)).toBe(10900);
  expect(lowestOfWeek(spans, now + 10 * DAY)).toBe(10900);
  expect(lowestOfWeek([], now)).toBeUndefined();
});

test("the picture reaches to the first price, and ninety days at most", () => {
  expect(reach([span(1, 3, null), span(1, 1, null)], now)).toEqual([now - 3 * DAY, now]);
  expect(reach([span(1, 400, null)], now)).toEqual([now - 90 * DAY, now]);
  expect(
    pathOf(
      [
        { at: 0, minor: 10 },
        { at: 5, minor: 5 },
      ],
      [0, 10],
      [100, 50],
    ),
  ).toBe("M0 0H50V50H100");
  expect(pathOf([{ at: 0, minor: 10 }], [0, 10], [100, 50])).toBe("M0 25H100");
});

test("stock that came, went, or was counted", () => {
  expect(deltaOf("came", 5, 10)).toBe(5);
  expect(deltaOf("went", 5, 10)).toBe(-5);
  expect(deltaOf("counted", 5, 10)).toBe(-5);
});

test("shelves are called with those above them, and never put on what stands on them", () => {
  const shelf = (id: string, parentId: string | null, position = 0): Shelf => ({
    id,
    parentId,
    position,
    name: { zhCn: id, en: null },
    icon: null,
  });
  const shelves = [shelf("b", null, 2), shelf("a", null, 1), shelf("a1", "a"), shelf("a2", "a1")];
  expect(onShelf(shelves, null).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(pathsOf(shelves, "zh-CN").map(({ label }) => label)).toEqual(["a", "a / a1", "a / a1 / a2", "b"]);
  expect(withAllOn(shelves, "a")).toEqual(["a", "a1", "a2"]);
});

test("a play that sells is a step away", () => {
  expect(placeOf({ kind: "flash_sale", id: "7" })).toBe("/flash-sale/7");
  expect(placeOf({ kind: "unheard_of", id: "7" })).toBeUndefined();
  expect([kindKey("list"), kindKey("unheard_of")]).toEqual(["kind.list", "kind.other"]);
});
