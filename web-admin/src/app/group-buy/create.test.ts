import dayjs from "dayjs";
import { expect, test } from "vitest";
import { type Entered, toInput } from "./create";

const product = {
  id: "tea",
  title: "茶",
  imageUrl: null,
  skus: [
    { id: "small", optionsLabel: "小", price: { amount: 5900, currency: "CNY" as const } },
    { id: "large", optionsLabel: "大", price: { amount: 9900, currency: "CNY" as const } },
  ],
};
const entered: Entered = {
  nameZh: " 春茶 3 人团 ",
  productId: "tea",
  prices: { small: "39.9", large: "" },
  teamSize: 3,
  lifetimeHours: 1.5,
  ladder: [{ size: 5, discount: 2.5 }, {}],
  leaderDiscount: 0.29,
  window: [dayjs("2026-11-11T00:00:00+08:00"), dayjs("2026-11-12T00:00:00+08:00")],
  perOrder: null,
};

test("what a shopkeeper enters becomes minor units, basis points and instants", () => {
  expect(toInput(entered, product)).toMatchObject({
    skus: [{ skuId: "small", price: { amount: 3990, currency: "CNY" } }],
    teamLifetimeMinutes: 90,
    ladder: [{ size: 5, discountBps: 250 }],
    leaderDiscountBps: 29,
    startsAt: "2026-11-10T16:00:00.000Z",
  });
});
