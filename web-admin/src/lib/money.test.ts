import { expect, test } from "vitest";
import { formatMoney, toMajor, toMinor } from "./money";

test("amounts show the decimals of their currency", () => {
  expect(toMajor({ amount: 2147, currency: "CNY" })).toBe("21.47");
  expect(toMajor({ amount: 5, currency: "USD" })).toBe("0.05");
  expect(toMajor({ amount: -5, currency: "USD" })).toBe("-0.05");
  expect(toMajor({ amount: 300, currency: "JPY" })).toBe("300");
  expect(toMajor({ amount: 1234, currency: "KWD" })).toBe("1.234");
});

test("what is typed becomes minor units without a float in between", () => {
  expect(toMinor("19.9", "CNY")).toBe(1990);
  expect(toMinor("0.29", "CNY")).toBe(29);
  expect(toMinor("1.15", "CNY")).toBe(115);
  expect(toMinor(" 300 ", "JPY")).toBe(300);
  for (const wrong of ["", "abc", "-1", "1.234", "1e3", "1,000"]) expect(toMinor(wrong, "CNY")).toBeUndefined();
  expect(toMinor("3.5", "JPY")).toBeUndefined();
});

test("large amounts keep every digit", () => {
  expect(formatMoney({ amount: 9007199254740991, currency: "CNY" }, "en")).toBe("¥90,071,992,547,409.91");
});

test("every amount survives the way there and back", () => {
  for (let amount = 0; amount < 20_000; amount += 7) {
    for (const currency of ["CNY", "JPY", "KWD"] as const) {
      expect(toMinor(toMajor({ amount, currency }), currency)).toBe(amount);
    }
  }
});
