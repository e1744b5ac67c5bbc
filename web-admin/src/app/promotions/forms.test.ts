import dayjs from "dayjs";
import { expect, test } from "vitest";
import * as coupon from "./coupon-form";
import * as freight from "./freight-form";
import { treeOf } from "./pickers";
import * as reduction from "./reduction-form";
import * as settings from "./settings";

const money = (amount: number) => ({ amount, currency: "CNY" as const });
const window: [dayjs.Dayjs, dayjs.Dayjs] = [dayjs("2026-11-11T00:00:00+08:00"), dayjs("2026-11-12T00:00:00+08:00")];
const instants = { startsAt: "2026-11-10T16:00:00.000Z", endsAt: "2026-11-11T16:00:00.000Z" };
const everything = { productIds: [], categoryIds: [], withoutProductIds: [], withoutCategoryIds: [] };

const cash: coupon.Entered = {
  nameZh: " 新客立减 ",
  kind: "CASH",
  amount: "10",
  percent: 20,
  cap: "5",
  pieces: 3,
  minSpend: "99.9",
  scope: { on: "all", productIds: ["left over"] },
  way: "CLAIM",
  code: "left over",
  quota: null,
  perCustomer: 1,
  window,
  valid: "days",
  validDays: 30,
  validAfterDays: 1,
  validWindow: window,
  group: "usual",
  withReductions: true,
  returns: "WHOLE_REFUND",
};

test("a coupon says only what belongs to its kind, its way and its validity", () => {
  expect(coupon.toInput(cash, "CNY")).toEqual({
    title: { zhCn: "新客立减" },
    terms: {
      kind: "CASH",
      amount: 1000,
      currency: "CNY",
      scope: everything,
      minSpend: 9990,
      validDays: 30,
      validAfterDays: 1,
      group: "usual",
      alone: false,
      withReductions: true,
      withPlays: false,
      returns: "WHOLE_REFUND",
    },
    way: "CLAIM",
    perCustomer: 1,
    ...instants,
  });
  const percent = coupon.toInput({ ...cash, kind: "PERCENT", way: "CODE", code: " 福气 2026 ", valid: "fixed" }, "CNY");
  expect(percent).toMatchObject({ code: "福气 2026", terms: { offBps: 2000, cap: 500, validUntil: instants.endsAt } });
  expect(percent.terms).toMatchObject({ amount: undefined, validDays: undefined });
});

test("a coupon that is opened and saved untouched stays as it is", () => {
  for (const entered of [
    cash,
    { ...cash, kind: "PERCENT" as const },
    { ...cash, kind: "EXCHANGE" as const, valid: "fixed" as const },
  ]) {
    const input = coupon.toInput(entered, "CNY");
    const { terms } = input;
    const stands = {
      ...input,
      titleTexts: input.title,
      terms: {
        ...terms,
        benefit: {
          kind: terms.kind,
          amount: terms.amount ? money(Number(terms.amount)) : null,
          offBps: terms.offBps ?? null,
          cap: terms.cap ? money(Number(terms.cap)) : null,
          pieces: terms.pieces ?? null,
        },
        minSpend: money(Number(terms.minSpend)),
      },
    } as unknown as coupon.Coupon;
    expect(coupon.toInput(coupon.toEntered(stands), "CNY")).toEqual(input);
  }
});

const tiers: reduction.Entered = {
  nameZh: "满减",
  kind: "TIERS",
  measure: "AMOUNT",
  tiers: [
    { from: "200", how: "percent", off: "99", percent: 15 },
    { from: "100", how: "amount", off: "10", percent: 99 },
  ],
  from: "3",
  off: "8",
  pieces: 2,
  percent: 50,
  price: "99",
  items: [{ skuId: "tea", quantity: 2 }, { skuId: "cup" }, {}],
  gift: { skuId: "spoon", quantity: 1 },
  scope: { on: "some", productIds: ["tea"] },
  priority: 5,
  window,
};

test("a reduction says only what belongs to its kind, the lowest step first", () => {
  const effect = (entered: Partial<reduction.Entered>) => reduction.toInput({ ...tiers, ...entered }, "CNY").effect;
  const none = { measure: "AMOUNT", tiers: [], items: [] };
  expect(effect({})).toEqual({
    ...none,
    kind: "TIERS",
    tiers: [
      { from: 10000, off: 1000 },
      { from: 20000, offBps: 1500 },
    ],
  });
  expect(effect({ kind: "EVERY", measure: "PIECES" })).toEqual({
    ...none,
    kind: "EVERY",
    measure: "PIECES",
    from: 3,
    off: 800,
  });
  expect(effect({ kind: "NTH_PIECE" })).toEqual({ ...none, kind: "NTH_PIECE", pieces: 2, offBps: 5000 });
  expect(effect({ kind: "ANY_FOR" })).toEqual({ ...none, kind: "ANY_FOR", pieces: 2, price: 9900 });
  const items = [
    { skuId: "tea", quantity: 2 },
    { skuId: "cup", quantity: 1 },
  ];
  expect(effect({ kind: "BUNDLE" })).toEqual({ ...none, kind: "BUNDLE", price: 9900, items });
  expect(effect({ kind: "GIFT", from: "199" })).toMatchObject({
    from: 19900,
    items: [{ skuId: "spoon", quantity: 1 }],
  });
  expect(reduction.toInput({ ...tiers, kind: "BUNDLE" }, "CNY").scope).toBeUndefined();
});

test("a reduction that is opened and saved untouched stays as it is", () => {
  for (const kind of ["TIERS", "EVERY", "NTH_PIECE", "ANY_FOR", "GIFT"] as const) {
    const input = reduction.toInput({ ...tiers, kind }, "CNY");
    const of = input.effect;
    const stands = {
      ...input,
      titleTexts: input.title,
      effect: {
        ...of,
        off: of.off ? money(Number(of.off)) : null,
        price: of.price ? money(Number(of.price)) : null,
        tiers: of.tiers?.map((tier) => ({ ...tier, off: tier.off ? money(Number(tier.off)) : null })),
      },
    } as unknown as reduction.Reduction;
    expect(reduction.toInput(reduction.toEntered(stands, "CNY"), "CNY")).toEqual(input);
  }
});

test("weight is typed in kilograms and kept in grams; nothing is charged where nothing is carried", () => {
  const entered: freight.Entered = {
    name: " 普通快递 ",
    chargedBy: "WEIGHT",
    everywhere: { first: 1, firstFee: "8", next: 0.5, nextFee: "2.5", freeFrom: "99" },
    regions: [{ regions: ["54", "65"], refused: true, first: 1, firstFee: "30" }],
  };
  const input = freight.toInput(entered, "CNY");
  expect(input).toEqual({
    name: "普通快递",
    currency: "CNY",
    chargedBy: "WEIGHT",
    rules: [
      { regions: [], refused: false, first: 1000, firstFee: 800, next: 500, nextFee: 250, freeFrom: 9900 },
      { regions: ["54", "65"], refused: true, first: 0, firstFee: 0, next: 0, nextFee: 0 },
    ],
  });
  const stands = {
    ...input,
    rules: input.rules.map((rule) => ({
      ...rule,
      firstFee: money(Number(rule.firstFee)),
      nextFee: money(Number(rule.nextFee)),
      freeFrom: rule.freeFrom ? money(Number(rule.freeFrom)) : null,
    })),
  } as unknown as freight.Freight;
  expect(freight.toInput(freight.toEntered(stands), "CNY")).toEqual(input);
});

test("a region stands in one rule only", () => {
  expect(freight.namedTwice([{ regions: ["33", "31"] }, { regions: ["3301"] }, {}])).toBeUndefined();
  expect(freight.namedTwice([{ regions: ["33"] }, { regions: ["31", "33"] }])).toBe("33");
});

test("settings that are opened and saved untouched stay as they are; no points are said as none", () => {
  const stand = {
    points: { points: 100, amount: 100, mostBps: 3000 },
    tax: "INCLUDED" as const,
    donations: false,
    freightTemplateId: "fr1",
  };
  expect(settings.toInput(settings.toEntered(stand))).toEqual(stand);
  expect(settings.toInput({ ...settings.toEntered(stand), takesPoints: false }).points).toBeUndefined();
});

test("shelves stand below their parents", () => {
  const name = (zhCn: string) => ({ zhCn, en: null });
  const tree = treeOf(
    [
      { id: "tea", parentId: null, name: name("茶") },
      { id: "green", parentId: "tea", name: name("绿茶") },
    ],
    (of) => of.name.zhCn ?? "",
  );
  expect(tree).toEqual([{ value: "tea", title: "茶", children: [{ value: "green", title: "绿茶", children: [] }] }]);
});
