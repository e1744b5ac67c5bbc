import dayjs from "dayjs";
import { expect, test } from "vitest";
import type { Product } from "@/app/group-buy/form";
import type { Campaign } from "./campaign";
import { type Entered, toEntered, toInput } from "./form";
import { range } from "./list";

const sku = (id: string, amount: number) => ({
  id,
  status: "ACTIVE" as const,
  label: { zhCn: id, en: id },
  price: { amount, currency: "CNY" as const },
});
const product: Product = { id: "wok", skus: [sku("plain", 23_900), sku("lid", 28_900)] };
const price = (amount: number) => ({ amount, currency: "CNY" as const });
const entered: Entered = {
  nameZh: " 铁锅到底价 ",
  productId: "wok",
  prices: { plain: { floor: "99.9" }, lid: { first: "200", floor: "" } },
  goal: "cuts",
  cuts: 20,
  average: "3",
  runHours: 24,
  payHours: 12,
  ownerFirst: true,
  newDraws: 2,
  daily: null,
  window: [dayjs("2026-11-11T00:00:00+08:00"), dayjs("2026-11-12T00:00:00+08:00")],
};

test("what a shopkeeper enters becomes minor units and instants; a variant without a floor does not take part", () => {
  expect(toInput(entered, product)).toEqual({
    title: { zhCn: "铁锅到底价" },
    productId: "wok",
    skus: [{ skuId: "plain", firstPrice: price(23_900), floorPrice: price(9_990) }],
    cuts: 20,
    runHours: 24,
    payHours: 12,
    firstCut: "OWNER",
    buyAt: "FLOOR",
    newCustomerDraws: 2,
    startsAt: "2026-11-10T16:00:00.000Z",
    endsAt: "2026-11-11T16:00:00.000Z",
  });
});

test("the goal is what was chosen, not what was typed before changing one's mind", () => {
  const { cuts, averageCut } = toInput({ ...entered, goal: "average" }, product);
  expect([cuts, averageCut]).toEqual([undefined, price(300)]);
});

test("a draft that is opened and saved again stays the same", () => {
  const campaign = {
    titleTexts: { zhCn: "铁锅", en: "Wok" },
    productId: "wok",
    skus: [{ skuId: "plain", firstPrice: price(20_000), floorPrice: price(9_990) }],
    goalCuts: null,
    averageCut: price(250),
    runHours: 48,
    payHours: 24,
    firstCut: "HELPER",
    buyAt: "CURRENT_PRICE",
    newCustomerDraws: 1,
    helperDailyLimit: 5,
    perCustomerLimit: null,
    startsAt: "2026-11-10T16:00:00.000Z",
    endsAt: "2026-11-11T16:00:00.000Z",
  } as unknown as Campaign;
  const { titleTexts, skus, goalCuts, averageCut, ...same } = campaign;
  expect(toInput(toEntered(campaign), product)).toEqual({
    ...same,
    title: titleTexts,
    skus,
    averageCut,
    cuts: undefined,
    perCustomerLimit: undefined,
  });
  expect(goalCuts).toBeNull();
});

test("a range is one number when it is one", () => {
  expect([range([12, 12]), range([12, 31])]).toEqual(["12", "12 – 31"]);
});
