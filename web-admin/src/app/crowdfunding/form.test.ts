import dayjs from "dayjs";
import { expect, test } from "vitest";
import type { Product } from "@/app/group-buy/form";
import type { Crowdfunding } from "./crowdfunding";
import { type Entered, problem, toEntered, toInput } from "./form";

const cny = (amount: number) => ({ amount, currency: "CNY" as const });
const sku = { id: "tin", status: "ACTIVE" as const, label: { zhCn: "罐", en: "Tin" }, price: cny(7_900) };
const product: Product = { id: "tea", skus: [sku] };
const at = (day: number) => dayjs(`2026-11-${day}T00:00:00+08:00`);
const entered: Entered = {
  nameZh: " 新茶众筹 ",
  productId: "tea",
  goalKind: "AMOUNT",
  amount: "10000",
  units: 7,
  window: [at(11), at(18)],
  shipBy: at(28),
  tiers: [
    { zh: "一罐", en: "One tin", skuId: "tin", price: "59", stock: 100, numbered: true, perCustomer: 1 },
    { zh: "没填完" },
  ],
  stretches: [{ zh: "加一只杯子", amount: "12000", units: 9 }],
};

test("what a shopkeeper enters becomes minor units and instants; a reward without a price is left out", () => {
  expect(toInput(entered, product)).toEqual({
    title: { zhCn: "新茶众筹" },
    productId: "tea",
    goalKind: "AMOUNT",
    goal: 1_000_000,
    keepsAll: false,
    startsAt: "2026-11-10T16:00:00.000Z",
    endsAt: "2026-11-17T16:00:00.000Z",
    shipBy: "2026-11-27T16:00:00.000Z",
    tiers: [
      {
        title: { zhCn: "一罐", en: "One tin" },
        skuId: "tin",
        price: cny(5_900),
        stock: 100,
        numbered: true,
        perCustomerLimit: 1,
      },
    ],
    stretchGoals: [{ goal: 1_200_000, title: { zhCn: "加一只杯子" } }],
  });
});

test("the goal is what was chosen, not what was typed before changing one's mind", () => {
  const input = toInput({ ...entered, goalKind: "UNITS" }, product);
  expect([input.goal, input.stretchGoals?.[0]?.goal]).toEqual([7, 9]);
});

test("what cannot be promised is said before it is sent", () => {
  const [tier] = entered.tiers;
  expect(problem(entered, product)).toBeUndefined();
  expect(problem({ ...entered, amount: "" }, product)).toBe("form.goalNone");
  expect(problem({ ...entered, tiers: [{}] }, product)).toBe("form.tierNone");
  expect(problem({ ...entered, tiers: [{ ...tier, stock: null }] }, product)).toBeUndefined();
  expect(problem({ ...entered, stretches: [{ zh: "x", amount: "10000" }] }, product)).toBe("form.stretchLow");
  const twice = [
    { zh: "x", amount: "12000" },
    { zh: "y", amount: "12000.00" },
  ];
  expect(problem({ ...entered, stretches: twice }, product)).toBe("form.stretchLow");
  expect(problem({ ...entered, shipBy: at(17) }, product)).toBe("form.shipEarly");
});

test("a draft that is opened and saved again stays the same", () => {
  for (const goalKind of ["AMOUNT", "UNITS"] as const) {
    const input = toInput({ ...entered, goalKind }, product);
    const { title, tiers, stretchGoals, ...same } = input;
    const crowdfunding = {
      ...same,
      currency: "CNY",
      titleTexts: { ...title, en: null },
      tiers: tiers.map(({ title, ...tier }) => ({ ...tier, titleTexts: title })),
      stretchGoals: stretchGoals?.map(({ title, goal }) => ({ goal, titleTexts: title })),
    } as unknown as Crowdfunding;
    expect(toInput(toEntered(crowdfunding), product)).toEqual(input);
  }
});
