import { expect, test } from "vitest";
import { toInput } from "./refund";
import { isTracking, tidyTracking } from "./ship";

const order = { id: "o1", total: { amount: 9900, currency: "CNY" as const } };

test("a refund of all names no amount; a part is said in minor units", () => {
  expect(toInput({ how: "all", amount: "5", reason: " 破损 " }, order)).toEqual({
    orderId: "o1",
    amount: undefined,
    reason: "破损",
  });
  expect(toInput({ how: "part", amount: "12.5", reason: "补差价" }, order).amount).toEqual({
    amount: 1250,
    currency: "CNY",
  });
});

test("a tracking number may be pasted with blanks and in small letters", () => {
  expect(tidyTracking(" sf 1234 5678 ")).toBe("SF12345678");
  expect(isTracking("sf 1234 5678")).toBe(true);
  expect(isTracking("123")).toBe(false);
  expect(isTracking("运单 123456")).toBe(false);
});
