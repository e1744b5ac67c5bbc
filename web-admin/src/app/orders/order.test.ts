import { expect, test } from "vitest";
import { possible, refundable } from "./order";
import { explain } from "./trace";

const money = (amount: number) => ({ amount, currency: "CNY" as const });
const refund = (status: "SUCCEEDED" | "PROCESSING" | "FAILED", amount: number) => ({ status, amount: money(amount) });
const order = (status: Parameters<typeof possible>[0]["status"], ...refunds: ReturnType<typeof refund>[]) =>
  ({ status, total: money(10000), refunds }) as Parameters<typeof possible>[0];

test("money on its way back can not be given back again; a refund that failed can", () => {
  const refunds = [refund("SUCCEEDED", 2500), refund("PROCESSING", 500), refund("FAILED", 7000)];
  expect(refundable({ total: money(10000), refunds })).toEqual(money(7000));
  expect(refundable({ total: money(10000), refunds: [refund("SUCCEEDED", 10000)] }).amount).toBe(0);
});

test("what may be tried follows from where the order stands", () => {
  expect(possible(order("PENDING_PAYMENT"))).toMatchObject({ ship: false, cancel: true, refund: false });
  expect(possible(order("TO_SHIP"))).toMatchObject({ ship: true, cancel: false, refund: true, refundPart: true });
  expect(possible(order("AWAITING_TEAM"))).toMatchObject({ ship: false, refund: true, refundPart: false });
  expect(possible(order("SHIPPED", refund("PROCESSING", 10000))).refund).toBe(false);
  expect(possible(order("REFUNDED")).refund).toBe(false);
});

test("the explanation of a price adds up, and leaves out what changed nothing", () => {
  const lines = [{ skuId: "tea", title: "明前龙井", optionsLabel: "50 克", quantity: 2 }];
  const rows = explain(
    [
      { step: "base_price", code: "BASE_PRICE", skuId: "tea", amount: money(11800) },
      { step: "play_price", code: "PLAY_PRICE", skuId: "tea", amount: money(-3820) },
      { step: "coupon", code: "COUPON_CASH", skuId: null, amount: money(0) },
      { step: "shipping", code: "FREIGHT", skuId: null, amount: money(800) },
    ],
    lines,
  );
  expect(rows.map(({ sum }) => sum.amount)).toEqual([11800, 7980, 8780]);
  expect(rows.map(({ what }) => what)).toEqual(["明前龙井 50 克 × 2", "明前龙井 50 克 × 2", undefined]);
});
