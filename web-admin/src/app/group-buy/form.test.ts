import dayjs from "dayjs";
import { expect, test } from "vitest";
import { type Entered, type Product, priceProblem, toEntered, toInput } from "./form";

const sku = (id: string, amount: number) => ({
  id,
  status: "ACTIVE" as const,
  label: { zhCn: id, en: id },
  price: { amount, currency: "CNY" as const },
});
const product: Product = { id: "tea", skus: [sku("small", 5900), sku("large", 9900)] };
const entered: Entered = {
  nameZh: " 春茶 3 人团 ",
  productId: "tea",
  rungs: [
    { size: 3, prices: { small: "39.9", large: "" } },
    { size: 5, prices: { small: "35" } },
  ],
  teamHours: 24,
  seatHoldMinutes: 10,
  leaderSaves: "rate",
  leaderRate: 0.29,
  leaderAmount: "5",
  window: [dayjs("2026-11-11T00:00:00+08:00"), dayjs("2026-11-12T00:00:00+08:00")],
  newOnly: true,
  perOrder: 2,
  perCustomer: null,
};

test("what a shopkeeper enters becomes minor units, basis points and instants", () => {
  const price = (amount: number) => ({ amount, currency: "CNY" });
  expect(toInput(entered, product)).toEqual({
    title: { zhCn: "春茶 3 人团" },
    productId: "tea",
    skus: [
      {
        skuId: "small",
        prices: [
          { size: 3, price: price(3990) },
          { size: 5, price: price(3500) },
        ],
      },
    ],
    teamHours: 24,
    seatHoldMinutes: 10,
    joiners: "NEW_CUSTOMERS",
    leaderDiscount: { rateBps: 29 },
    leaderCommissionBps: 0,
    perOrderLimit: 2,
    startsAt: "2026-11-10T16:00:00.000Z",
    endsAt: "2026-11-11T16:00:00.000Z",
  });
});

test("the leader saves what was chosen, not what was typed before changing one's mind", () => {
  const amount = { amount: 500, currency: "CNY" };
  expect(toInput({ ...entered, leaderSaves: "amount" }, product).leaderDiscount).toEqual({ amount });
  expect(toInput({ ...entered, leaderSaves: "nothing" }, product).leaderDiscount).toBeUndefined();
});

test("prices must be complete, of different sizes, and never dearer in a larger team", () => {
  const problem = (...rungs: Entered["rungs"]) => priceProblem(rungs, product);
  expect(problem(...entered.rungs)).toBeUndefined();
  expect(problem({ size: 3 })).toBe("form.priceNone");
  expect(problem({ size: 3, prices: { small: "39" } }, { size: 5, prices: { large: "30" } })).toBe("form.priceHoles");
  expect(problem({ size: 3, prices: { small: "39" } }, { size: 3, prices: { small: "30" } })).toBe("form.sizeTwice");
  expect(problem({ size: 5, prices: { small: "39" } }, { size: 3, prices: { small: "30" } })).toBe("form.priceRises");
});

test("a campaign that is opened and saved untouched stays as it is", () => {
  const input = toInput(entered, product);
  const campaign = {
    ...input,
    id: "gb",
    titleTexts: input.title,
    sizes: [3, 5],
    leaderDiscount: { rateBps: 29, amount: null },
    skus: input.skus,
  } as unknown as Parameters<typeof toEntered>[0];
  expect(toInput(toEntered(campaign), product)).toEqual({ ...input, title: { zhCn: "春茶 3 人团", en: undefined } });
});
