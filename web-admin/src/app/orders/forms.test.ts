import { expect, test } from "vitest";
import { isTracking, tidyTracking } from "@/lib/carrier";
import * as refund from "./refund";
import * as reprice from "./reprice";
import * as ship from "./ship";

const order = { id: "o1", total: { amount: 9900, currency: "CNY" as const } };

test("a refund of all names no amount and no lines", () => {
  expect(refund.toInput({ how: "all", amount: "5", pieces: { a: 1 }, restock: true, reason: " 破损 " }, order)).toEqual(
    {
      orderId: "o1",
      includeShipping: false,
      restock: false,
      reason: "破损",
    },
  );
});

test("a refund is an amount in minor units or pieces, never both", () => {
  const amount = refund.toInput({ how: "amount", amount: "12.5", pieces: { a: 1 }, reason: "补差价" }, order);
  expect(amount).toMatchObject({ amount: { amount: 1250, currency: "CNY" }, lines: undefined });
  const pieces = { a: 2, b: 0, c: null };
  expect(refund.toInput({ how: "pieces", amount: "5", pieces, restock: true, reason: "退货" }, order)).toMatchObject({
    amount: undefined,
    lines: [{ orderLineId: "a", quantity: 2 }],
    includeShipping: false,
    restock: true,
  });
});

test("a tracking number may be pasted with blanks and in small letters", () => {
  expect(tidyTracking(" sf 1234 5678 ")).toBe("SF12345678");
  expect(isTracking("sf 1234 5678")).toBe(true);
  expect(isTracking("123")).toBe(false);
  expect(isTracking("运单 123456")).toBe(false);
});

test("a whole parcel names no lines; a part names only what is in it", () => {
  const entered = { carrier: " 顺丰速运 ", trackingNo: "sf 12345678", pieces: { tea: 2, cup: 0 } };
  expect(ship.toInput(entered, "o1")).toEqual({ id: "o1", carrier: "顺丰速运", trackingNo: "SF12345678" });
  expect(ship.toInput({ ...entered, part: true }, "o1").lines).toEqual([{ lineId: "tea", quantity: 2 }]);
});

test("a price change says only what changes", () => {
  const money = (amount: number) => ({ amount, currency: "CNY" as const });
  const priced = { id: "o1", goods: money(9900), shipping: money(800) };
  expect(reprice.toInput({ goods: "89.00", shipping: "8", reason: " 老顾客 " }, priced)).toEqual({
    id: "o1",
    goods: money(8900),
    reason: "老顾客",
  });
  expect(reprice.toInput({ goods: "99", shipping: "0", reason: "包邮" }, priced).shipping).toEqual(money(0));
  expect(reprice.listPrice([{ unitPrice: money(100), quantity: 3 }])).toBe(300);
});
